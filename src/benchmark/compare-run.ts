import { type Act, actsOf } from "./acts.ts";
import type { Candidate } from "./candidates.ts";
import type { CurvePoint, JudgedRun } from "./judged-run.ts";
import { advantage, type Measure, measured, type Score } from "./score.ts";
import { meanAndError } from "./statistics.ts";
import { sortedJson } from "./task-settings.ts";

/** What decides the result of one run: runs of the same key end the same. */
export type RunKey = {
  protocolVersion: number;
  /** Name and version of the engine's runtime. */
  runtime: string;
  task: string;
  /** Of the task's settings: see `settingsOf`. */
  taskHash: string;
  steps: number;
  trainedOn: "all" | "training part";
  judgedOn: "validation" | "test";
  schedule: string;
  /** Of a learned schedule's file; null for one made by hand. */
  sha256: string | null;
  guarded: boolean;
  /** What decides the rates beside name and file, where something does. */
  settings: string | null;
  baseRate: number | null;
  seed: number;
};

/** A run that has ended, for a later comparison to take up. Those of a search have no curve. */
export type FinishedRun = Pick<JudgedRun, "status" | "last" | "best" | "validation"> & {
  key: RunKey;
  /** The commit of this package that made it: see `sourceCommit`. */
  commit: string;
  acts: Act[];
  curve: CurvePoint[];
};

/** A final run, judged on test data. */
export type CompareRun = {
  task: string;
  schedule: string;
  seed: number;
  /** Chosen on validation data; null for a schedule that is used as it is. */
  baseRate: number | null;
  status: "done" | "diverged";
  last: Score;
  best: Score;
  /** The last result on validation data, where the run did not train on them: what choices go by. */
  validation: Score | null;
  /** Runs that the choice of the base rate took. */
  tuningRuns: number;
  /** What a guard did, step by step. */
  acts: Act[];
  curve: CurvePoint[];
};

/** What the search found of one base rate, on validation data. */
export type Trial = {
  baseRate: number;
  runs: number;
  diverged: number;
  /** Of what judges, over the search seeds; a diverged run counts as guessing. */
  mean: number;
  /** Mean loss; null where a run diverged. */
  loss: number | null;
};

/** One schedule over all seeds: what it is judged by, on test data at the last step, and beside it at the best. */
export type CompareSummary = {
  schedule: string;
  baseRate: number | null;
  tuningRuns: number;
  runs: number;
  diverged: number;
  /** What `mean`, `bestMean`, `validationMean` and the search's means are of. */
  judgedBy: Measure;
  /** Mean at the last step, of accuracies 0 to 1; diverged runs count as guessing. */
  mean: number;
  /** Of `mean`; null for one seed. */
  standardError: number | null;
  /** Mean test loss at the last step, of classes in nats per example; null if a run diverged. */
  lastLossMean: number | null;
  /** Mean of each run's best. */
  bestMean: number;
  /** Mean of the last results on validation data; null where the runs trained on these. */
  validationMean: number | null;
  /** What a guard did in all runs together. */
  acts: Record<Act["kind"], number>;
  /** One row for each base rate that was tried; empty where none was searched. */
  search: Trial[];
  /** Of a learned schedule's file; null for one made by hand. */
  sha256: string | null;
};

/** The key as a text, the same for equal keys whatever the order of their fields. */
export const runKeyText = (key: RunKey): string => sortedJson(key);

/** @param options what the key says beside the candidate. */
export function finishedRun(
  key: RunKey,
  commit: string,
  { status, last, best, validation, events, curve }: JudgedRun,
): FinishedRun {
  const keepsCurve = key.judgedOn === "test";
  const acts = actsOf(events);
  return { key, commit, status, last, best, validation, acts, curve: keepsCurve ? curve : [] };
}

/** The part of a run's key that the candidate decides. */
export function identityOf({
  name,
  sha256 = null,
  guarded = false,
  settings = null,
}: Pick<Candidate, "name" | "guarded"> & { sha256?: string | null; settings?: string | null }): Pick<
  RunKey,
  "schedule" | "sha256" | "guarded" | "settings"
> {
  return { schedule: name, sha256, guarded, settings };
}

/** @param runs of one base rate, at least one. */
export function trialOf(runs: readonly FinishedRun[], judgedBy: Measure): Trial {
  const diverged = runs.filter(({ status }) => status === "diverged").length;
  return {
    baseRate: runs[0]!.key.baseRate!,
    runs: runs.length,
    diverged,
    mean: meanAndError(runs.map(({ last }) => measured(last, judgedBy))).mean,
    loss: diverged > 0 ? null : meanAndError(runs.map(({ last }) => measured(last, "loss"))).mean,
  };
}

/**
 * The trial that wins: the fewest diverged runs, then the best mean, then the lowest loss, and of equals the first.
 *
 * @returns undefined where nothing was tried.
 */
export function bestTrial<T extends Trial>(trials: readonly T[], judgedBy: Measure): T | undefined {
  const [first, ...others] = trials;
  return (
    first && others.reduce((best, trial) => (isBetterTrial(trial, best, judgedBy) ? trial : best), first)
  );
}

function isBetterTrial(a: Trial, b: Trial, judgedBy: Measure): boolean {
  if (a.diverged !== b.diverged) return a.diverged < b.diverged;
  if (a.mean !== b.mean) return advantage(a.mean, b.mean, judgedBy) > 0;
  return (a.loss ?? Number.POSITIVE_INFINITY) < (b.loss ?? Number.POSITIVE_INFINITY);
}

/** The shapes among which a comparator is chosen, each with its searched rates. */
export const tunedBaselines: readonly string[] = ["constant", "cosine", "linear", "onecycle"];

/**
 * Schedules of the catalogue that take part with their reference rate, untried. The list is a part of the protocol, as the one
 * above is: a schedule that is new in the catalogue is none of them until `protocolVersion` is raised for it.
 */
export const untunedBaselines: readonly string[] = [
  "constant",
  "multistep",
  "exponential",
  "polynomial",
  "linear",
  "cosine",
  "sgdr",
  "sgdr-budget",
  "onecycle",
  "wsd",
  "invsqrt",
  "plateau",
  "hd",
  "l4",
];

/**
 * The comparator: of constant, cosine, linear and one-cycle, the one whose search found the best validation result. Test
 * data have no say in it.
 *
 * @returns undefined where none of them was searched.
 */
export function comparatorOf<Row extends CompareSummary>(rows: readonly Row[]): Row | undefined {
  const won = rows
    .filter(({ schedule, search }) => search.length > 0 && tunedBaselines.includes(schedule))
    .map((row) => ({ ...bestTrial(row.search, row.judgedBy)!, row }));
  return won.length === 0 ? undefined : bestTrial(won, won[0]!.row.judgedBy)!.row;
}

/** @param runs of one schedule, at least one. @param search what its base rate was chosen by. */
export function summarise(
  runs: readonly CompareRun[],
  judgedBy: Measure,
  search: readonly Trial[] = [],
  sha256: string | null = null,
): CompareSummary {
  const { schedule, baseRate, tuningRuns } = runs[0]!;
  const diverged = runs.filter(({ status }) => status === "diverged").length;
  const meanOf = (scores: readonly Score[], measure: Measure): number =>
    meanAndError(scores.map((score) => measured(score, measure))).mean;
  const validations = runs.flatMap(({ validation }) => validation ?? []);
  const count = (kind: Act["kind"]): number =>
    runs.reduce((sum, { acts }) => sum + acts.filter((act) => act.kind === kind).length, 0);
  return {
    schedule,
    baseRate,
    tuningRuns,
    runs: runs.length,
    diverged,
    judgedBy,
    ...meanAndError(runs.map(({ last }) => measured(last, judgedBy))),
    lastLossMean:
      diverged > 0
        ? null
        : meanOf(
            runs.map(({ last }) => last),
            "loss",
          ),
    bestMean: meanOf(
      runs.map(({ best }) => best),
      judgedBy,
    ),
    validationMean: validations.length === runs.length ? meanOf(validations, judgedBy) : null,
    acts: { rollback: count("rollback"), cut: count("cut"), skip: count("skip") },
    search: [...search],
    sha256,
  };
}
