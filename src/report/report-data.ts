/** A number that a diverged run may not have. JSON has no NaN: non-finite numbers are written as null. */
export type Reading = number | null;

/** What the schedules of a comparison are judged by. */
export type Measure = "accuracy" | "perplexity" | "loss";

/** One update of a run of a comparison. Losses of classes in nats per example, accuracies in [0, 1]. */
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

/** How good a network was; a regression has a loss alone. */
export type Figures = { loss: Reading; accuracy?: Reading; perplexity?: Reading };

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
  last: Figures;
  /** On test data, the best of the run's evaluations. */
  best: Figures;
  curve: readonly CurvePoint[];
};

/** One schedule over all seeds of a comparison: a row of the table. */
export type SummaryRow = {
  schedule: string;
  label: string;
  learned: boolean;
  /** What `mean` and `bestMean` are of: the same in all rows of a comparison. */
  judgedBy: Measure;
  /** Mean over the runs at the last step, on test data; accuracies in [0, 1]; a run that diverged counts as guessing. */
  mean: Reading;
  /** Standard error of `mean`; null for one seed. */
  standardError: Reading;
  /** Mean of the last test losses; null where a run diverged. */
  lastLossMean: Reading;
  /** Mean of each run's best. */
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

/** One generation of meta-training. */
export type MetaTrainingPoint = {
  /** The generation, from 0. */
  step: number;
  /** Mean of the objective over its tasks and candidates, smaller is better; null where all diverged. */
  value: Reading;
  /** Share of the candidates' runs that diverged, [0, 1]. */
  diverged: number;
};

/** What seeds say of one schedule beside another, by an interval and a margin; null: too few seeds to say anything. */
export type Outcome = "better" | "not-worse" | "behind" | "inconclusive" | null;

/** A finding in plain words. What is behind is said as plainly as what is better. */
export type Verdict = {
  /** What it is about: verdicts on one topic stand together. */
  topic: string;
  text: string;
  /** For the schedule that the text is about. */
  outcome: Outcome;
};

/** All that the report of `mlr-snet demo` shows; JSON-safe. */
export type ReportData = {
  title: string;
  /** What was done, in a sentence or two. */
  lead: string;
  generated: {
    /** ISO 8601. */
    date: string;
    command: string;
    seconds: number;
    machine: { cpu: string; cores: number; node: string; platform: string };
    versions: Readonly<Record<string, string>>;
    seeds: readonly number[];
    /** Whether a budget in time decided how much was done, so that another run may do more or less. */
    hasBudget?: boolean;
  };
  metaTraining: {
    /** How much of it there was, in a few words. */
    title: string;
    /** How it works, in a few sentences. */
    note: string;
    settings: Readonly<Record<string, string | number>>;
    records: readonly MetaTrainingPoint[];
  };
  /** What the paper's recipe learned: p, in (0, 1), against the loss that it is told, one curve for each snapshot. */
  response: {
    /** The schedule's name. */
    schedule: string;
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
    /** The schedule of the package that the code uses. */
    schedule: string;
    /** The file of the one that was learned. */
    file: string;
    /** TypeScript that drives one's own loop with the package's. */
    code: string;
    /** The same on the command line. */
    shell: string;
  };
};
