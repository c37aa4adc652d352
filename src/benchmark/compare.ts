import type { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { allDataOf, splitsOf, type Task } from "../training/index.ts";
import { contextOf } from "../training/internal.ts";
import type { Candidate } from "./candidates.ts";
import {
  bestTrial,
  type CompareRun,
  type CompareSummary,
  comparatorOf,
  type FinishedRun,
  finishedRun,
  identityOf,
  type RunKey,
  runKeyText,
  summarise,
  type Trial,
  trialOf,
} from "./compare-run.ts";
import { judgedRun } from "./judged-run.ts";
import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import { rateBeyond } from "./rate-grid.ts";
import { type Measure, measureOf } from "./score.ts";
import { hashOf, protocolVersion, settingsOf } from "./task-settings.ts";

export type CompareOptions = {
  task: Task;
  candidates: readonly Candidate[];
  engine: Engine;
  /** Number of final runs of each schedule, ≥ 1. */
  seeds: number;
  /** The search runs with this seed s and with s + 10,000, the final runs with s + 1, ..., s + seeds. Default 0. */
  seed?: number;
  /** Runs of each base rate of a search. Default 2. */
  searchSeeds?: number;
  /** T; default: the task's. */
  steps?: number;
  /** Final runs train on the training part alone and are judged on validation data too, for choices to go by. */
  keepsValidation?: boolean;
  /** Evaluations on test data within a final run, ≥ 1. Default 20. */
  evaluations?: number;
  /** Runs of an earlier comparison: those of the same key are taken instead of run again. */
  stored?: readonly FinishedRun[];
  /** Of the task's settings, where the caller knows it already. */
  taskHash?: string;
  /** What the finished runs say that they were made by. Default `unknown`. */
  commit?: string;
  signal?: AbortSignal;
};

const optionNames: OptionNames<CompareOptions> = {
  task: true,
  candidates: true,
  engine: true,
  seeds: true,
  seed: true,
  searchSeeds: true,
  steps: true,
  keepsValidation: true,
  evaluations: true,
  stored: true,
  taskHash: true,
  commit: true,
  signal: true,
};

/** Where a comparison stands: one of these for every update of every run, and one more with `finished` at its end. */
export type CompareProgress = {
  phase: "search" | "final";
  schedule: string;
  baseRate: number | null;
  seed: number;
  /** This run is number `run` of `runs`, from 0; a search that goes beyond its edge makes it more. */
  run: number;
  runs: number;
  step: number;
  steps: number;
  loss: number;
  learningRate: number;
  finished?: FinishedRun;
};

/** Schedule `schedule` beside `against`. */
export type Paired = { schedule: string; against: string } & PairedDifference;

export type CompareResult = {
  task: string;
  /** Of the task's settings, its data among them. */
  taskHash: string;
  judgedBy: Measure;
  runs: CompareRun[];
  summary: CompareSummary[];
  /** What others are measured against: see `comparatorOf`; null where none of its shapes was searched. */
  comparator: string | null;
  /** Each schedule beside each other one. */
  paired: Paired[];
};

/** Between the seeds of a search, and so the most final runs. */
const seedStride = 10_000;

/**
 * Schedules side by side on one task, each with the same search and the same seeds.
 *
 * 1. Search: every base rate of a candidate trains on the training data without the validation part, with two seeds that
 *    no final run has, and is judged on validation data at the last step: the best mean accuracy wins, of sequences the
 *    lowest perplexity, of a regression the lowest loss; ties go to the lower loss. A rate of which more runs diverge
 *    loses. Where the first or the last rate wins, the next beyond it is tried too.
 * 2. Final: the chosen rate trains with `seeds` fresh seeds, the same for every schedule, and is judged on test data at
 *    the last step. Test data choose nothing.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `INTERRUPTED`.
 */
export async function* compare(options: CompareOptions): AsyncGenerator<CompareProgress, CompareResult> {
  checkOptionNames("`compare`", options, optionNames);
  const { task, candidates, engine, seeds, seed: first = 0, searchSeeds = 2, steps = task.steps } = options;
  const { keepsValidation = false, evaluations = 20, commit = "unknown", signal } = options;
  for (const [name, value] of Object.entries({ seeds, searchSeeds }))
    if (!Number.isInteger(value) || value < 1 || value >= seedStride)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`${name}\` to be an integer from 1 to ${seedStride - 1}, got ${value}.`,
      );
  const finalData = keepsValidation ? splitsOf(task) : allDataOf(task);
  // A schedule that cannot make such a run says so now, not after the work of the others.
  const context = contextOf(task, finalData.train, steps);
  for (const { create, baseRates } of candidates) create(baseRates[0] ?? null).init(context);
  const taskHash = options.taskHash ?? hashOf(settingsOf(task));
  const stored = new Map((options.stored ?? []).map((run) => [runKeyText(run.key), run]));
  const searched = (candidate: Candidate) => (candidate.baseRates.length > 1 ? candidate.baseRates : []);
  const runsOf = (candidate: Candidate): number => searched(candidate).length * searchSeeds + seeds;
  let runs = candidates.reduce((sum, candidate) => sum + runsOf(candidate), 0);
  let run = 0;

  async function* train(
    candidate: Candidate,
    phase: CompareProgress["phase"],
    baseRate: number | null,
    seed: number,
  ): AsyncGenerator<CompareProgress, FinishedRun> {
    const isFinal = phase === "final";
    const key: RunKey = {
      ...identityOf(candidate),
      ...{ protocolVersion, runtime: engine.version, task: task.name, taskHash, steps, baseRate, seed },
      trainedOn: isFinal && !keepsValidation ? "all" : "training part",
      judgedOn: isFinal ? "test" : "validation",
    };
    const known = stored.get(runKeyText(key));
    const at = { phase, schedule: candidate.name, baseRate, seed, run: run++, runs, steps };
    if (known) return known;
    const records = judgedRun({
      task,
      data: isFinal ? finalData : splitsOf(task),
      schedule: candidate.create(baseRate),
      ...{ engine, seed, steps },
      judgeOn: key.judgedOn,
      alsoValidate: isFinal && keepsValidation,
      ...(isFinal && { evaluateEvery: Math.ceil(steps / evaluations) }),
      ...(signal && { signal }),
    });
    let last = { step: 0, loss: Number.NaN, learningRate: 0 };
    for (;;) {
      const { done, value } = await records.next();
      if (done) {
        const finished = finishedRun(key, commit, value);
        yield { ...at, ...last, finished };
        return finished;
      }
      const { step, loss, learningRate } = value;
      last = { step, loss, learningRate };
      yield { ...at, ...last };
    }
  }

  async function* search(candidate: Candidate): AsyncGenerator<CompareProgress, Trial[]> {
    const trials: Trial[] = [];
    const queue = [...searched(candidate)];
    for (const baseRate of queue) {
      const tried: FinishedRun[] = [];
      for (let index = 0; index < searchSeeds; index++)
        tried.push(yield* train(candidate, "search", baseRate, first + index * seedStride));
      trials.push(trialOf(tried, judgedBy));
      if (trials.length !== candidate.baseRates.length) continue;
      const beyond = rateBeyond(candidate.baseRates, bestTrial(trials, judgedBy)!.baseRate);
      if (beyond === undefined) break;
      queue.push(beyond); // the loop goes on to it
      runs += searchSeeds;
    }
    return trials;
  }

  const judgedBy = measureOf(task, task.data.train);
  const result: Pick<CompareResult, "runs" | "summary"> = { runs: [], summary: [] };
  for (const candidate of candidates) {
    const trials = yield* search(candidate);
    const baseRate = bestTrial(trials, judgedBy)?.baseRate ?? candidate.baseRates[0] ?? null;
    const tuningRuns = trials.length * searchSeeds + (candidate.spent ?? 0);
    const finals: CompareRun[] = [];
    for (let index = 1; index <= seeds; index++) {
      const finished = yield* train(candidate, "final", baseRate, first + index);
      const { status, last, best, validation, acts, curve } = finished;
      const what = { task: task.name, schedule: candidate.name, seed: finished.key.seed, baseRate };
      finals.push({ ...what, status, last, best, validation, tuningRuns, acts, curve });
    }
    result.runs.push(...finals);
    result.summary.push(summarise(finals, judgedBy, trials, candidate.sha256));
  }
  const comparator = comparatorOf(result.summary)?.schedule ?? null;
  return { task: task.name, taskHash, judgedBy, ...result, comparator, paired: pairsOf(result, judgedBy) };
}

/** Each schedule beside each other one, in the order of the summary. */
function pairsOf({ runs, summary }: Pick<CompareResult, "runs" | "summary">, judgedBy: Measure): Paired[] {
  const names = summary.map(({ schedule }) => schedule);
  return names.flatMap((schedule) =>
    names
      .filter((against) => against !== schedule)
      .map((against) => ({
        ...{ schedule, against },
        ...pairedDifference(runs, schedule, against, judgedBy)!,
      })),
  );
}
