/** A number that a diverged run may not have. JSON has no NaN: non-finite numbers are written as null. */
export type Reading = number | null;

/** One update of a run of a comparison. Losses in nats per example, accuracies in [0, 1]. */
export type CurvePoint = {
  /** t, from 0. */
  step: number;
  /** Mini-batch training loss before the update. */
  loss: Reading;
  /** α_t. */
  learningRate: Reading;
  /** After the update; stand in the points of evaluations only. */
  testLoss?: Reading;
  testAccuracy?: Reading;
};

/** One training run with one schedule and one seed. */
export type ReportRun = {
  /** The schedule's name: one colour through the whole report. */
  schedule: string;
  /** What people read: `MLR-SNet, transferred`. */
  label: string;
  learned: boolean;
  seed: number;
  /** The base rate that a search chose; null where the schedule needs none. */
  baseRate: Reading;
  status: "done" | "diverged";
  /** Training runs that the search for the base rate took. */
  tuningRuns: number;
  /** On test data after the last update. */
  last: { loss: Reading; accuracy: Reading };
  /** On test data, the best of the run's evaluations. */
  best: { loss: Reading; accuracy: Reading };
  curve: readonly CurvePoint[];
};

/** One schedule over all seeds of a comparison: a row of the table. */
export type SummaryRow = {
  schedule: string;
  label: string;
  learned: boolean;
  /** Mean of the last test accuracies, [0, 1]; a run that diverged counts as guessing. */
  mean: Reading;
  /** Standard error of `mean`; null for one seed. */
  standardError: Reading;
  /** Mean of the last test losses; null where a run diverged. */
  lastLossMean: Reading;
  /** Mean of the best test accuracies. */
  bestMean: Reading;
  baseRate: Reading;
  tuningRuns: number;
  /** How many of the runs diverged. */
  diverged: number;
};

export type ReportComparison = {
  task: string;
  title: string;
  /** One or two sentences: what is compared, and how the base rates were chosen. */
  note: string;
  /** T, updates per run. */
  steps: number;
  runs: readonly ReportRun[];
  summary: readonly SummaryRow[];
};

/** One real step of meta-training. */
export type MetaTrainingPoint = {
  step: number;
  loss: Reading;
  learningRate: Reading;
  /** Loss on meta examples after the look-ahead step; on update iterations only. */
  lookAheadLoss?: Reading;
  validationAccuracy?: Reading;
};

/** A finding in one plain sentence. A loss is said as plainly as a win. */
export type Verdict = { text: string; outcome: "win" | "tie" | "loss" };

/** All that the report of `mlr-snet demo` shows; JSON-safe. */
export type ReportData = {
  title: string;
  generated: {
    /** ISO 8601. */
    date: string;
    command: string;
    seconds: number;
    machine: { cpu: string; cores: number; node: string; platform: string };
    versions: Readonly<Record<string, string>>;
    seeds: readonly number[];
  };
  metaTraining: {
    task: string;
    recipe: string;
    settings: Readonly<Record<string, string | number>>;
    records: readonly MetaTrainingPoint[];
    /** When each snapshot of the schedule was taken. */
    snapshots: readonly { step: number; label: string }[];
  };
  /** What was learned: p, in (0, 1), against the loss that it is told, one curve for each snapshot. */
  response: {
    /** Ascending, > 0, nats per example. */
    losses: readonly number[];
    /** `p[i]` belongs to `losses[i]`. */
    curves: readonly { snapshot: string; p: readonly number[] }[];
    /** How the memory stood when p was read; one sentence. */
    note?: string;
  };
  comparisons: readonly ReportComparison[];
  verdicts: readonly Verdict[];
  usage: {
    /** The schedule file. */
    file: string;
    /** TypeScript that drives one's own loop with it. */
    code: string;
    /** The same on the command line. */
    shell: string;
  };
};
