import { cell, counts, isUse, margins, percent, rate, signed, talliedHead, words } from "./words.mjs";

export const comparisons = {
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
    ["schedule", "beside", ...talliedHead, "diverged", "acts a run"],
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
  zoo: ({ seeds }) => [
    ["schedule", "meta-seed", "generations", "runs that diverged", ...talliedHead, "on validation data"],
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
};
