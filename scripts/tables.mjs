// Puts the figures of results/*.json into README.md and docs/*.md, between <!-- table:NAME --> and <!-- end -->.
// With --check it changes nothing and fails where a page is behind. Usage: npm run tables [-- --check]
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { behindUntuned } from "./record.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const percent = (value) => `${(100 * value).toFixed(1)} %`;
/** Another use of the default's schedule, which is on the held-out tasks what the default is. */
const isUse = (variant) => variant === "insured" || variant.startsWith("horizon-");
const points = (difference) => (100 * difference).toFixed(1).replace("-", "−");
const rate = (value) => (value === null ? "–" : String(Number(value.toPrecision(2))));

/** What each kind of `healthy` is: the numbers are those under which it was found to fail. */
const healthyKinds = {
  F1: "batches of 1 and 2",
  F2: "warm-started logistic regression",
  F3: "one small loss, then always the same: more than one act",
  F4: "a small first loss, then a fall",
  F5: "first a quarter of what comes later",
  F6: "easy and hard batches in turn",
  F7: "a rare class",
  F8: "a slow start",
  F9: "fine-tuning",
  F10: "a lone NaN or outlier, a NaN now and then",
  F11: "slowly rising: a rate raised, or far back",
  F12: "a harder task, oscillation, heavy noise",
};

const tables = {
  "mnist1d-reference": ({ results }) => [
    ["network", "published", "ours, last step", "ours, best step"],
    ...results.map(({ network, published, last, standardError, best }) => [
      network,
      `${published} %`,
      `${last.toFixed(1)} ± ${standardError.toFixed(1)} %`,
      `${best.toFixed(1)} %`,
    ]),
  ],
  demo: ({ table }) => [
    ["task", "schedule", "base rate", "last accuracy", "best accuracy", "search runs"],
    ...table
      .toSorted((a, b) => a.task.localeCompare(b.task) || b.mean - a.mean)
      .map(({ task, schedule, baseRate, mean, standardError, bestMean, tuningRuns, diverged }) => [
        task,
        schedule,
        rate(baseRate),
        `${(100 * mean).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %${diverged ? `, ${diverged} diverged` : ""}`,
        percent(bestMean),
        String(tuningRuns),
      ]),
  ],
  insurance: ({ results }) => [
    ["task", "base rate of the cosine", "without", "insured", "acts a run", "µs a step without", "insured"],
    ...results.map(({ task, baseRate, rate: kind, without, insured }) => {
      const accuracy = ({ mean, standardError, diverged }) =>
        `${(100 * mean).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %${diverged ? `, ${diverged} diverged` : ""}`;
      return [
        task,
        `${rate(baseRate)}, ${kind === "tuned" ? "tuned" : "ten times that"}`,
        accuracy(without),
        accuracy(insured),
        insured.acts.toFixed(1),
        String(without.stepMicroseconds),
        String(insured.stepMicroseconds),
      ];
    }),
  ],
  healthy: ({ guards }) => {
    const columns = Object.entries(guards);
    const cells = (of) => {
      const parts = columns.map(([, { judge }]) => of(judge));
      return [String(parts[0].runs), ...parts.map(({ harmed, share }) => `${harmed} (${percent(share)})`)];
    };
    const skipped = columns.map(([, { judge }]) => `${(100 * judge.all.skipShare).toFixed(3)} %`);
    return [
      ["runs that are well", "of them", ...columns.map(([name]) => `harmed, ${name}`)],
      ["all but F3 and F11", ...cells(({ all }) => all)],
      ["trainings on real data", ...cells(({ trainings }) => trainings)],
      ["sequences", ...cells(({ sequences }) => sequences)],
      ...Object.entries(healthyKinds).map(([kind, what]) => [
        `${kind} ${what}`,
        ...cells(({ byFailure }) => byFailure[kind]),
      ]),
      ["updates left out without need", "", ...skipped],
    ];
  },
  zoo: ({ seeds }) => [
    [
      "schedule",
      "meta-seed",
      "generations",
      "runs that diverged",
      "behind an untuned one",
      "at least as good as the best tuned",
      "or within the noise",
      "mean difference, points",
      "worst",
    ],
    ...seeds.map(
      ({
        name,
        seed,
        generations,
        divergedRuns,
        atLeastAsGood,
        withinNoise,
        meanDifference,
        worst,
        tasks,
      }) => [
        `\`${name}\``,
        String(seed),
        generations === null ? "–" : String(generations),
        String(divergedRuns),
        `${behindUntuned({ tasks })} of ${tasks.length}`,
        `${Math.round(atLeastAsGood * tasks.length)} of ${tasks.length}`,
        `${Math.round(withinNoise * tasks.length)} of ${tasks.length}`,
        points(meanDifference),
        `${points(worst.difference)} (${worst.task})`,
      ],
    ),
  ],
  dev: ({ summary, tasks }) => {
    const learned = [...new Set(summary.filter(({ learned }) => learned).map(({ schedule }) => schedule))];
    const cell = ({ mean, standardError, diverged }) =>
      `${(100 * mean).toFixed(1)} ± ${(100 * standardError).toFixed(1)}${diverged ? `, ${diverged} diverged` : ""}`;
    const best = (task, participant) =>
      summary
        .filter((row) => row.task === task && row.participant === participant)
        .reduce((a, b) => (b.mean > a.mean ? b : a));
    const named = (row) => `${cell(row)} (${row.schedule.replace("@default", "")})`;
    return [
      ["task", ...learned.map((name) => `\`${name}\``), "best tuned", "best untuned"],
      ...tasks.map(({ task }) => [
        `\`${task}\``,
        ...learned.map((name) => cell(summary.find((row) => row.task === task && row.schedule === name))),
        named(best(task, "tuned")),
        named(best(task, "untuned")),
      ]),
    ];
  },
  ablation: ({ rows }) => [
    [
      "variant",
      "what is different",
      "generations",
      "held-out tasks: value",
      "diverged",
      "development suite: accuracy",
      "diverged",
    ],
    ...rows.map(({ variant, what, generations, heldOut, mean, diverged, runs }) => [
      variant,
      what,
      generations === null ? "–" : String(generations),
      isUse(variant) ? "–" : heldOut.value.toFixed(3),
      isUse(variant) ? "–" : `${heldOut.diverged} of ${heldOut.tasks}`,
      percent(mean),
      `${diverged} of ${runs}`,
    ]),
  ],
  lowerings: ({ results }) => [
    ["convolution", "part", "ms (GFLOP/s) by lowering"],
    ...results.map(({ batch, channels, side, outputs, kernel, stride, part, gigaflops, milliseconds }) => [
      `${batch}×${channels}×${side}×${side} to ${outputs}, ${kernel}×${kernel}${stride > 1 ? `, stride ${stride}` : ""}`,
      part,
      Object.entries(milliseconds)
        .toSorted(([, a], [, b]) => a - b)
        .map(([name, time]) => `${name} ${time.toFixed(1)} (${Math.round((1000 * gigaflops) / time)})`)
        .join(", "),
    ]),
  ],
  bench: ({ results }) => [
    [
      "what",
      "median",
      "times as fast as PyTorch",
      "and as PyTorch on one thread",
      "plain iterations",
      "share of peak",
    ],
    ...results.map(
      ({ name, median, unit, ratioToPyTorch, ratioToPyTorchOneThread, ratioToPlain, shareOfPeak }) => [
        `\`${name}\``,
        `${Number(median.toPrecision(3))} ${unit}`,
        ratioToPyTorch === null ? "–" : ratioToPyTorch.toFixed(2),
        ratioToPyTorchOneThread === undefined ? "–" : ratioToPyTorchOneThread.toFixed(2),
        ratioToPlain === undefined ? "–" : ratioToPlain.toFixed(2),
        shareOfPeak === undefined ? "–" : `${Math.round(100 * shareOfPeak)} %`,
      ],
    ),
  ],
};

function render(name) {
  const record = JSON.parse(readFileSync(join(root, "results", `${name}.json`), "utf8"));
  const [head, ...rows] = tables[name](record.result);
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const { cpu, cores } = record.machine;
  const source = `*\`${record.command}\`, ${record.date.slice(0, 10)}, ${cpu}, ${cores} cores, ${record.seconds} s: [results/${name}.json](RELATIVEresults/${name}.json)*`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), "", source].join("\n");
}

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`)];
let behind = 0;
for (const page of pages.filter((file) => file.endsWith(".md"))) {
  const text = readFileSync(join(root, page), "utf8");
  const fresh = text.replaceAll(
    /(<!-- table:([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (_, start, name, end) =>
      `${start}${render(name).replace("RELATIVE", page.includes("/") ? "../" : "")}\n${end}`,
  );
  if (fresh === text) continue;
  behind++;
  if (process.argv.includes("--check"))
    process.stderr.write(`${page} is behind results/: run npm run tables.\n`);
  else writeFileSync(join(root, page), fresh);
}
if (behind && process.argv.includes("--check")) process.exit(1);
