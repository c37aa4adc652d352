import { percent, rate, signed, words } from "./words.mjs";

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

export const guards = {
  "guard-cost": ({ results }) => [
    ["task", "base rate of the cosine", "without", "guarded", "acts a run", "µs a step without", "guarded"],
    ...results.map(({ task, baseRate, rate: kind, without, guarded }) => {
      const accuracy = ({ mean, standardError, diverged }) =>
        `${(100 * mean).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %${diverged ? `, ${diverged} diverged` : ""}`;
      return [
        task,
        `${rate(baseRate)}, ${kind === "tuned" ? "tuned" : "ten times that"}`,
        accuracy(without),
        accuracy(guarded),
        guarded.acts.toFixed(1),
        String(without.stepMicroseconds),
        String(guarded.stepMicroseconds),
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
          use === "zoo:default" ? "`zoo:default`" : "`divergenceGuard` cosine from ten times the tuned rate",
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
};
