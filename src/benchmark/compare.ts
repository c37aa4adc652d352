import type { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames } from "../schedules/index.ts";
import { allDataOf, contextOf, splitsOf, type Task } from "../training/index.ts";
import type { Candidate } from "./candidates.ts";
import { type CurvePoint, type JudgedRun, judgedRun } from "./judged-run.ts";
import { isBetter, type Measure, measured, measureOf, type Score } from "./score.ts";
import { meanAndError } from "./statistics.ts";

export type CompareOptions = {
  task: Task;
  candidates: readonly Candidate[];
  engine: Engine;
  /** Number of final runs of each schedule, ≥ 1. */
  seeds: number;
  /** The search runs with this seed s, the final runs with s + 1, ..., s + seeds. Default 0. */
  seed?: number;
  /** T; default: the task's. */
  steps?: number;
  signal?: AbortSignal;
};

const optionNames: OptionNames<CompareOptions> = {
  task: true,
  candidates: true,
  engine: true,
  seeds: true,
  seed: true,
  steps: true,
  signal: true,
};

/** Where a comparison stands: one of these for every update of every run. */
export type CompareProgress = {
  phase: "search" | "final";
  schedule: string;
  baseRate: number | null;
  seed: number;
  /** This run is number `run` of `runs`, from 0. */
  run: number;
  runs: number;
  step: number;
  steps: number;
  loss: number;
  learningRate: number;
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
  /** Runs that the choice of the base rate took. */
  tuningRuns: number;
  curve: CurvePoint[];
};

/** One schedule over all seeds: what it is judged by, on test data at the last step, and beside it at the best. */
export type CompareSummary = {
  schedule: string;
  baseRate: number | null;
  tuningRuns: number;
  runs: number;
  diverged: number;
  /** What `mean` and `bestMean` are of. */
  judgedBy: Measure;
  /** Mean at the last step, of accuracies 0 to 1; diverged runs count as guessing. */
  mean: number;
  /** Of `mean`; null for one seed. */
  standardError: number | null;
  /** Mean test loss at the last step, of classes in nats per example; null if a run diverged. */
  lastLossMean: number | null;
  /** Mean of each run's best. */
  bestMean: number;
};

export type CompareResult = {
  task: string;
  judgedBy: Measure;
  runs: CompareRun[];
  summary: CompareSummary[];
};

/** Evaluations on test data within a final run. */
const evaluations = 20;

/**
 * Schedules side by side on one task, each with the same search and the same seeds.
 *
 * 1. Search: every base rate of a candidate trains once on the training data without the validation part, with a seed
 *    that no final run has, and is judged on validation data at the last step: the highest accuracy wins, of sequences
 *    the lowest perplexity, of a regression the lowest loss; ties go to the lower loss, a diverged run never wins unless
 *    all did (then the lowest rate).
 * 2. Final: the chosen rate trains on all training data with `seeds` fresh seeds, the same for every schedule, and is
 *    judged on test data at the last step. Test data choose nothing.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `INTERRUPTED`.
 */
export async function* compare(options: CompareOptions): AsyncGenerator<CompareProgress, CompareResult> {
  checkOptionNames("`compare`", options, optionNames);
  const { task, candidates, engine, seeds, seed: tuningSeed = 0, steps = task.steps, signal } = options;
  if (!Number.isInteger(seeds) || seeds < 1)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`seeds\` to be an integer ≥ 1, got ${seeds}.`);
  // A schedule that cannot make such a run says so now, not after the work of the others.
  const context = contextOf(task, allDataOf(task).train, steps);
  for (const { create, baseRates } of candidates) create(baseRates[0] ?? null).init(context);
  const searched = (candidate: Candidate) => (candidate.baseRates.length > 1 ? candidate.baseRates : []);
  const runs = candidates.reduce((sum, candidate) => sum + searched(candidate).length + seeds, 0);
  let run = 0;

  async function* train(
    candidate: Candidate,
    phase: CompareProgress["phase"],
    baseRate: number | null,
    seed: number,
  ): AsyncGenerator<CompareProgress, JudgedRun> {
    const final = phase === "final";
    const records = judgedRun({
      task,
      data: final ? allDataOf(task) : splitsOf(task),
      schedule: candidate.create(baseRate),
      engine,
      seed,
      steps,
      judgeOn: final ? "test" : "validation",
      ...(final && { evaluateEvery: Math.ceil(steps / evaluations) }),
      ...(signal && { signal }),
    });
    for (;;) {
      const { done, value } = await records.next();
      if (done) {
        run++;
        return value;
      }
      const { step, loss, learningRate } = value;
      yield { phase, schedule: candidate.name, baseRate, seed, run, runs, step, steps, loss, learningRate };
    }
  }

  const judgedBy = measureOf(task, task.data.train);
  const result: CompareResult = { task: task.name, judgedBy, runs: [], summary: [] };
  for (const candidate of candidates) {
    let chosen: { baseRate: number; judged: JudgedRun } | undefined;
    for (const baseRate of searched(candidate)) {
      const judged = yield* train(candidate, "search", baseRate, tuningSeed);
      if (!chosen || isBetterTrial(judged, chosen.judged)) chosen = { baseRate, judged };
    }
    const baseRate = chosen?.baseRate ?? candidate.baseRates[0] ?? null;
    const tuningRuns = searched(candidate).length + (candidate.spent ?? 0);
    const finals: CompareRun[] = [];
    for (let index = 1; index <= seeds; index++) {
      const seed = tuningSeed + index;
      const { status, last, best, curve } = yield* train(candidate, "final", baseRate, seed);
      finals.push({
        task: task.name,
        schedule: candidate.name,
        seed,
        baseRate,
        status,
        last,
        best,
        tuningRuns,
        curve,
      });
    }
    result.runs.push(...finals);
    result.summary.push(summarise(finals, judgedBy));
  }
  return result;
}

function isBetterTrial(a: JudgedRun, b: JudgedRun): boolean {
  if (a.status !== b.status) return a.status === "done";
  return isBetter(a.last, b.last, a.judgedBy);
}

/** @param runs of one schedule, at least one. */
export function summarise(runs: readonly CompareRun[], judgedBy: Measure): CompareSummary {
  const { schedule, baseRate, tuningRuns } = runs[0]!;
  const diverged = runs.filter(({ status }) => status === "diverged").length;
  return {
    schedule,
    baseRate,
    tuningRuns,
    runs: runs.length,
    diverged,
    judgedBy,
    ...meanAndError(runs.map(({ last }) => measured(last, judgedBy))),
    lastLossMean: diverged > 0 ? null : meanAndError(runs.map(({ last }) => measured(last, "loss"))).mean,
    bestMean: meanAndError(runs.map(({ best }) => measured(best, judgedBy))).mean,
  };
}
