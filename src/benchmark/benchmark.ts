import { availableParallelism } from "node:os";
import { type Device, Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames, unknownName } from "../schedules/internal.ts";
import type { TaskEntry } from "../training/index.ts";
import type { Transport } from "../workers/index.ts";
import { type BenchmarkPlan, planOf, prepareRuns, type RunTimes } from "./benchmark-plan.ts";
import { runUnits } from "./benchmark-pool.ts";
import {
  type BenchmarkRun,
  type BenchmarkSummary,
  type BenchmarkUnit,
  keyOf,
  keyText,
  stepsOfUnit,
  type UnitKey,
  type UnitRequest,
} from "./benchmark-unit.ts";
import { findParticipants, type ParticipantOptions } from "./participants.ts";
import { sourceCommit } from "./source-commit.ts";
import { findSuite, generatedTasks } from "./suites.ts";
import { hashOf, protocolVersion, settingsOf, type TaskSettings } from "./task-settings.ts";
import {
  type BenchmarkComparator,
  type BenchmarkOverall,
  type BenchmarkPaired,
  comparatorsOf,
  overallOf,
  pairsOf,
} from "./verdicts.ts";

export type BenchmarkOptions = Partial<ParticipantOptions> & {
  /** Default `dev`. */
  suite?: string;
  /** Names of the suite's tasks; default: all. */
  tasks?: readonly string[];
  /** The generated tasks alone, a quarter of the steps, one seed, two trials: to see that everything works. */
  quick?: boolean;
  /** Final runs of each schedule. Default 10. */
  seeds?: number;
  /** Final runs of the untuned baselines, at most `seeds`. Default 3: means of many, without a verdict. */
  untunedSeeds?: number;
  /** See `compare`. Default 0. */
  seed?: number;
  /** Runs of each base rate of a search. Default 2. */
  searchSeeds?: number;
  /** Final runs train on the training part alone, and keep their last result on validation data. Default true. */
  keepsValidation?: boolean;
  /** Times a few steps of each task, to say first how long all will take. Default true. */
  estimates?: boolean;
  /** Threads that work at the same time, each with an engine of one thread. Default: the cores, at most 2. */
  workers?: number;
  device?: Device;
  dataDirectory?: string;
  /** Units of an earlier benchmark: those of the same key are taken instead of run again. */
  stored?: readonly BenchmarkUnit[];
  /** What opens the workers. Default: threads. */
  transport?: Transport;
  signal?: AbortSignal;
};

const optionNames: OptionNames<BenchmarkOptions> = {
  schedules: true,
  baselines: true,
  trials: true,
  divergenceGuard: true,
  horizonFactor: true,
  suite: true,
  tasks: true,
  quick: true,
  seeds: true,
  seed: true,
  workers: true,
  device: true,
  dataDirectory: true,
  stored: true,
  transport: true,
  untunedSeeds: true,
  searchSeeds: true,
  keepsValidation: true,
  estimates: true,
  signal: true,
};

/**
 * `done` of `total` steps of all units that are run, diverged runs counted whole; with `unit` where one has ended. The
 * first says with `plan` what is to be done, unless nobody wants to know.
 */
export type BenchmarkProgress = {
  task: string;
  schedule: string;
  done: number;
  total: number;
  plan?: BenchmarkPlan;
  unit?: BenchmarkUnit;
};

export type BenchmarkResult = {
  suite: string;
  protocolVersion: number;
  tasks: BenchmarkTask[];
  seeds: number;
  untunedSeeds: number;
  seed: number;
  trials: number;
  searchSeeds: number;
  /** Name and version of the engine's runtime. */
  runtime: string;
  /** Task by task: the candidates, the tuned baselines, the untuned; the same for any number of workers. */
  runs: BenchmarkRun[];
  summary: BenchmarkSummary[];
  comparators: BenchmarkComparator[];
  /** Every candidate beside every other schedule of its task. */
  paired: BenchmarkPaired[];
  overall: BenchmarkOverall[];
  /** What decides the runs of each schedule on each task, and the commit that made them; `name` as in `summary`. */
  units: ({ name: string; commit: string } & UnitKey)[];
};

/** `taskHash` changes where the settings, the data among them, do. */
export type BenchmarkTask = { task: string; steps: number; taskHash: string; settings: TaskSettings };

/**
 * Learned schedules beside those made by hand on all tasks of a suite, by the protocol of `compare`.
 *
 * Tuned baselines have their base rate searched, untuned ones have the usual rate, learned schedules are used as they
 * are. All final runs train on the training part alone, so that a choice can go by the last validation result. Each schedule
 * on each task is a unit; units run on worker threads with an engine of one thread each, so that the number of workers
 * changes no result. A unit is told with the progress at which it ends, for the caller to keep.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `UNKNOWN_NAME`, `DATA_NOT_FOUND`, all before any work; `INTERRUPTED`.
 */
export async function* benchmark(
  options: BenchmarkOptions = {},
): AsyncGenerator<BenchmarkProgress, BenchmarkResult> {
  checkOptionNames("`benchmark`", options, optionNames);
  const { suite = "dev", quick = false, seed = 0, device = "cpu", dataDirectory, signal } = options;
  const { seeds = quick ? 1 : 10, trials = quick ? 2 : 5, searchSeeds = quick ? 1 : 2 } = options;
  const { keepsValidation = true, estimates = true } = options;
  const { untunedSeeds = Math.min(seeds, 3), workers = Math.min(2, availableParallelism()) } = options;
  for (const [name, value] of Object.entries({ seeds, untunedSeeds, trials, searchSeeds, workers }))
    if (!Number.isInteger(value) || value < 1)
      throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`${name}\` to be an integer ≥ 1, got ${value}.`);
  const entries = chosenTasks(suite, options.tasks ?? (quick ? generatedTasks : undefined));
  const {
    schedules = [],
    baselines = ["tuned", "untuned"],
    divergenceGuard = false,
    horizonFactor = 1,
  } = options;
  const participants = await findParticipants({
    schedules,
    baselines,
    trials,
    divergenceGuard,
    horizonFactor,
  });
  if (participants.length === 0)
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected `schedules` or `baselines` to run, got neither.");
  const stepsOf = ({ steps }: TaskEntry): number => (quick ? Math.ceil(steps / 4) : steps);
  const commit = sourceCommit();

  const engine = await Engine.create({ device, threads: 1 });
  const stored = new Map((options.stored ?? []).map((unit) => [keyText(unit.key), unit]));
  const tasks: BenchmarkTask[] = [];
  const requests: UnitRequest[] = [];
  const times: RunTimes[] = [];
  const isStored = (request: UnitRequest): boolean => stored.has(keyText(keyOf(request, engine.version)));
  for (const entry of entries) {
    const task = await entry.load(dataDirectory === undefined ? {} : { dataDirectory });
    const settings = settingsOf(task);
    const taskHash = hashOf(settings);
    const what = { suite, task: entry.name, steps: stepsOf(entry), taskHash };
    const common = { ...what, seed, searchSeeds, keepsValidation, commit };
    const own = participants.map((participant): UnitRequest => {
      const finals = participant.kind === "untuned" ? Math.min(untunedSeeds, seeds) : seeds;
      return { ...common, participant, seeds: finals };
    });
    tasks.push({ task: entry.name, steps: common.steps, taskHash, settings });
    requests.push(...own);
    const timed = own.every(isStored) ? undefined : await prepareRuns(engine, task, estimates);
    if (timed) times.push(timed);
  }
  const units = requests.map((request) => stored.get(keyText(keyOf(request, engine.version))));
  const missing = [...units.keys()].filter((index) => !units[index]);
  const pending = missing.map((index) => requests[index]!);
  const total = pending.reduce((sum, request) => sum + stepsOfUnit(request), 0);
  const done = pending.map(() => 0);
  if (estimates) yield { task: "", schedule: "", done: 0, total, plan: planOf(pending, times, workers) };
  if (pending.length > 0) {
    const pool = { workers, device, plan: engine.plan, dataDirectory, signal, transport: options.transport };
    for await (const { index, done: steps, unit } of runUnits(pending, pool)) {
      const { task, participant } = pending[index]!;
      done[index] = steps;
      if (unit) units[missing[index]!] = unit;
      const all = done.reduce((sum, steps) => sum + steps, 0);
      yield { task, schedule: participant.name, done: all, total, ...(unit && { unit }) };
    }
  }

  const finished = units as BenchmarkUnit[];
  const comparators = comparatorsOf(finished);
  const paired = pairsOf(finished);
  return {
    ...{ suite, protocolVersion, tasks, seeds, untunedSeeds, seed, trials, searchSeeds },
    runtime: engine.version,
    runs: finished.flatMap((unit) => unit.runs),
    summary: finished.map((unit) => unit.summary),
    comparators,
    paired,
    overall: overallOf(finished, comparators, paired),
    units: finished.map(({ key, commit, summary }) => ({ name: summary.schedule, ...key, commit })),
  };
}

/** In the order of the suite, each once. */
function chosenTasks(suite: string, names: readonly string[] | undefined): readonly TaskEntry[] {
  const entries = findSuite(suite);
  const all = entries.map(({ name }) => name);
  const wrong = names?.find((name) => !all.includes(name));
  if (wrong !== undefined) throw unknownName("task", wrong, all);
  return names ? entries.filter(({ name }) => names.includes(name)) : entries;
}
