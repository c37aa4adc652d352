// Puts the figures of results/*.json into README.md and docs/*.md, between <!-- table:NAME --> and <!-- end -->.
// With --check it changes nothing and fails where a page is behind. Usage: npm run tables [-- --check]
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const percent = (value) => `${(100 * value).toFixed(1)} %`;
const words = (verdict) => (verdict === null ? "no verdict" : verdict.replace("-", " "));
const signed = (value, digits = 1) => `${value > 0 ? "+" : ""}${value.toFixed(digits)}`.replace("-", "−");
/** The four verdicts of a tally, and of those without one. */
const counts = ({ better, notWorse, inconclusive, behind }) =>
  [better, notWorse, inconclusive, behind].map(String);
const margins = ({ median, mean, worst }) => [
  signed(median),
  signed(mean),
  `${signed(worst.difference)} (${worst.task})`,
];
/** Accuracy in percent, or the perplexity, with its standard error. */
const cell = ({ judgedBy, mean, standardError, diverged }) => {
  const figure = (value) => (judgedBy === "accuracy" ? (100 * value).toFixed(1) : value.toFixed(3));
  const error = standardError === null ? "" : ` ± ${figure(standardError)}`;
  return `${figure(mean)}${error}${diverged ? `, ${diverged} diverged` : ""}`;
};
/** Another use of the default's schedule, which is on the held-out tasks what the default is. */
const isUse = (variant) => variant === "insured" || variant.startsWith("horizon-");
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
  calibration: ({ curves, tasks }) => [
    [
      "optimizer",
      "shape",
      "multiple",
      "value",
      "diverged",
      "from … to",
      "value at the usual rate",
      "diverged",
    ],
    ...curves.map(({ optimizer, shape, multiples, chosen, values, diverged }) => {
      const [best, usual] = [multiples.indexOf(chosen), multiples.indexOf(1)];
      const level = multiples.filter((_, index) => values[index] <= values[best] + 0.02);
      return [
        { sgd: "SGD", momentum: "SGD with momentum", adam: "Adam, AdamW" }[optimizer],
        `\`calibrated:${shape}\``,
        String(chosen),
        values[best].toFixed(3),
        `${diverged[best]} of ${tasks}`,
        `${level[0]} … ${level.at(-1)}`,
        values[usual].toFixed(3),
        `${diverged[usual]} of ${tasks}`,
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
  guards: ({ rows }) => {
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    return [
      [
        "schedule",
        "task",
        "seeds",
        "before",
        "now",
        "difference",
        "90 %",
        "so now is",
        "acts a run, before",
        "now",
      ],
      ...rows.map(({ use, task, judgedBy, before, now, acts, paired }) => {
        const [unit, digits] = judgedBy === "accuracy" ? [100, 1] : [1, 3];
        const figure = (value) => (unit * value).toFixed(digits);
        const change = (value) => signed(unit * value, digits);
        const { difference, low, high, seeds, verdict } = paired;
        return [
          use === "zoo:default" ? "`zoo:default`" : "`insured` cosine from ten times the tuned rate",
          `\`${task}\`${judgedBy === "accuracy" ? "" : `, ${judgedBy}`}`,
          String(seeds),
          figure(mean(before)),
          figure(mean(now)),
          change(difference),
          `${change(low)} … ${change(high)}`,
          words(verdict),
          acts.before.toFixed(1),
          acts.now.toFixed(1),
        ];
      }),
    ];
  },
  zoo: ({ seeds }) => [
    [
      "schedule",
      "meta-seed",
      "generations",
      "runs that diverged",
      "better",
      "not worse",
      "inconclusive",
      "behind",
      "median, margins",
      "mean",
      "worst",
      "on validation data",
    ],
    ...seeds.map((row) => [
      `\`${row.name}\``,
      String(row.seed),
      row.generations === null ? "–" : String(row.generations),
      `${row.divergedRuns} of ${row.runs}`,
      ...counts(row),
      ...margins(row),
      signed(row.validationGain),
    ]),
  ],
  dev: ({ summary, tasks, comparators, paired }) => {
    const learned = [...new Set(summary.filter(({ learned }) => learned).map(({ schedule }) => schedule))];
    const candidates = [
      ...learned,
      ...new Set(
        summary
          .filter(({ participant, learned }) => participant === "candidate" && !learned)
          .map(({ schedule }) => schedule),
      ),
    ];
    return [
      ["task", ...candidates.map((name) => `\`${name}\``), "comparator", "best tuned", "best untuned"],
      ...tasks.map(({ task, settings }) => {
        const { comparator, bestTuned, bestUntuned } = comparators.find((row) => row.task === task);
        const of = (schedule) => summary.find((row) => row.task === task && row.schedule === schedule);
        const named = (schedule) => `${cell(of(schedule))} (${schedule.replace("@default", "")})`;
        const pairOf = (schedule) =>
          paired.find(
            (pair) => pair.task === task && pair.schedule === schedule && pair.against === comparator,
          );
        return [
          `\`${task}\`${settings.judgedBy === "accuracy" ? "" : `, ${settings.judgedBy}`}`,
          ...candidates.map((name) => `${cell(of(name))}, ${words(pairOf(name).verdict)}`),
          named(comparator),
          named(bestTuned),
          named(bestUntuned),
        ];
      }),
    ];
  },
  "dev-overall": ({ overall }) => [
    [
      "schedule",
      "beside",
      "better",
      "not worse",
      "inconclusive",
      "behind",
      "median, margins",
      "mean",
      "worst",
      "diverged",
      "acts a run",
    ],
    ...overall.flatMap((row) => [
      [
        `\`${row.schedule}\``,
        "the comparator",
        ...counts(row),
        ...margins(row),
        `${row.divergedRuns} of ${row.runs}`,
        (row.acts / row.runs).toFixed(2),
      ],
      ...(row.hindsight
        ? [["", "the best tuned, in hindsight", ...counts(row.hindsight), ...margins(row.hindsight), "", ""]]
        : []),
    ]),
  ],
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

/** Tables whose figures are in a file of another name. */
const fileOf = { "dev-overall": "dev" };
/** Tables of a protocol: figures of another version are no measure of today's. */
const ofProtocol = ["dev", "dev-overall", "zoo", "demo"];
const source = readFileSync(join(root, "src", "benchmark", "task-settings.ts"), "utf8");
const protocolVersion = Number(/protocolVersion = (\d+);/.exec(source)[1]);

function render(table) {
  const name = fileOf[table] ?? table;
  const record = JSON.parse(readFileSync(join(root, "results", `${name}.json`), "utf8"));
  const version = record.result.protocolVersion ?? record.result.table?.[0].protocolVersion;
  if (ofProtocol.includes(table) && version !== protocolVersion)
    throw new Error(
      `Expected results/${name}.json to be made by version ${protocolVersion} of the protocol, got ${version ?? "none"}: record it anew (${name === "zoo" ? "npm run zoo -- judge" : `npm run results -- ${name}`}).`,
    );
  const [head, ...rows] = tables[table](record.result);
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const { cpu, cores } = record.machine;
  const origin = `*\`${record.command}\`, ${record.date.slice(0, 10)}, ${cpu}, ${cores} cores, ${record.seconds} s: [results/${name}.json](RELATIVEresults/${name}.json)*`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), "", origin].join("\n");
}

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`)];
const isCheck = process.argv.includes("--check");
const problems = new Set();
for (const page of pages.filter((file) => file.endsWith(".md"))) {
  const text = readFileSync(join(root, page), "utf8");
  const fresh = text.replaceAll(
    /(<!-- table:([\w-]+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (whole, start, name, end) => {
      try {
        return `${start}${render(name).replace("RELATIVE", page.includes("/") ? "../" : "")}\n${end}`;
      } catch (error) {
        problems.add(error.message);
        return whole;
      }
    },
  );
  if (fresh === text) continue;
  if (isCheck) problems.add(`${page} is behind results/: run npm run tables.`);
  else writeFileSync(join(root, page), fresh);
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.size > 0) process.exit(1);
