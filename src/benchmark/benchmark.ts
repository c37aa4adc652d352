import { availableParallelism } from "node:os";
import { type Device, Engine, type LoweringRecord } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import {
  checkOptionNames,
  constant,
  type OptionNames,
  type Schedule,
  unknownName,
} from "../schedules/index.ts";
import { allDataOf, splitsOf, type TaskEntry } from "../training/index.ts";
import { runUnits } from "./benchmark-pool.ts";
import {
  type BenchmarkRun,
  type BenchmarkSummary,
  type BenchmarkUnit,
  keyOf,
  keyText,
  stepsOfUnit,
  type UnitRequest,
} from "./benchmark-unit.ts";
import { judgedRun } from "./judged-run.ts";
import { findParticipants, type Participant, type ParticipantOptions } from "./participants.ts";
import { findSuite, generatedTasks } from "./suites.ts";
import { type BenchmarkOverall, type BenchmarkVerdict, overallOf, verdictsOf } from "./verdicts.ts";

export type BenchmarkOptions = Partial<ParticipantOptions> & {
  /** Default `dev`. */
  suite?: string;
  /** Names of the suite's tasks; default: all. */
  tasks?: readonly string[];
  /** The generated tasks alone, a quarter of the steps, one seed, two trials: to see that everything works. */
  quick?: boolean;
  /** Final runs of each schedule. Default 3. */
  seeds?: number;
  /** The search runs with this seed s, the final runs with s + 1, s + 2, ... Default 0. */
  seed?: number;
  /** Threads that work at the same time, each with an engine of one thread. Default: the cores, at most 2. */
  workers?: number;
  device?: Device;
  dataDirectory?: string;
  /** Units of an earlier benchmark: those of the same key are taken instead of run again. */
  stored?: readonly BenchmarkUnit[];
  signal?: AbortSignal;
};

const optionNames: OptionNames<BenchmarkOptions> = {
  schedules: true,
  baselines: true,
  trials: true,
  insure: true,
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
  signal: true,
};

/** `done` of `total` steps of all units that are run, diverged runs counted whole; with `unit` where one has ended. */
export type BenchmarkProgress = {
  task: string;
  schedule: string;
  done: number;
  total: number;
  unit?: BenchmarkUnit;
};

export type BenchmarkResult = {
  suite: string;
  tasks: { task: string; steps: number }[];
  seeds: number;
  seed: number;
  trials: number;
  /** Name and version of the engine's runtime. */
  runtime: string;
  /** Task by task: the candidates, the tuned baselines, the untuned; the same for any number of workers. */
  runs: BenchmarkRun[];
  summary: BenchmarkSummary[];
  verdicts: BenchmarkVerdict[];
  overall: BenchmarkOverall[];
};

/**
 * Learned schedules beside those made by hand on all tasks of a suite, by the protocol of `compare`.
 *
 * Tuned baselines have their base rate searched, untuned ones have the usual rate, learned schedules are used as they
 * are. Each schedule on each task is a unit; units run on worker threads with an engine of one thread each, so that
 * the number of workers changes no result. A unit is told with the progress at which it ends, for the caller to keep.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `UNKNOWN_NAME`, `DATA_NOT_FOUND`, all before any work; `INTERRUPTED`.
 */
export async function* benchmark(
  options: BenchmarkOptions = {},
): AsyncGenerator<BenchmarkProgress, BenchmarkResult> {
  checkOptionNames("`benchmark`", options, optionNames);
  const { suite = "dev", quick = false, seed = 0, device = "cpu", dataDirectory, signal } = options;
  const { seeds = quick ? 1 : 3, trials = quick ? 2 : 5 } = options;
  const { workers = Math.min(2, availableParallelism()) } = options;
  for (const [name, value] of Object.entries({ seeds, trials, workers }))
    if (!Number.isInteger(value) || value < 1)
      throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`${name}\` to be an integer ≥ 1, got ${value}.`);
  const entries = chosenTasks(suite, options.tasks ?? (quick ? generatedTasks : undefined));
  const { schedules = [], baselines = ["tuned", "untuned"], insure = false, horizonFactor = 1 } = options;
  const participants = await findParticipants({ schedules, baselines, trials, insure, horizonFactor });
  if (participants.length === 0)
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected `schedules` or `baselines` to run, got neither.");
  const stepsOf = ({ steps }: TaskEntry): number => (quick ? Math.ceil(steps / 4) : steps);
  const requests = entries.flatMap((entry) =>
    participants.map(
      (participant: Participant): UnitRequest => ({
        suite,
        task: entry.name,
        steps: stepsOf(entry),
        participant,
        seeds,
        seed,
      }),
    ),
  );

  const engine = await Engine.create({ device, threads: 1 });
  const keys = requests.map((request) => keyText(keyOf(request, engine.version)));
  const stored = new Map((options.stored ?? []).map((unit) => [keyText(unit.key), unit]));
  const units = keys.map((key) => stored.get(key));
  const missing = [...units.keys()].filter((index) => !units[index]);
  const pending = missing.map((index) => requests[index]!);
  const total = pending.reduce((sum, request) => sum + stepsOfUnit(request), 0);
  const done = pending.map(() => 0);
  if (pending.length > 0) {
    const plan = await measurePlan(engine, entries, pending, dataDirectory);
    const pool = { workers, device, plan, dataDirectory, ...(signal && { signal }) };
    for await (const event of runUnits(pending, pool)) {
      const request = pending[event.index]!;
      done[event.index] = "unit" in event ? stepsOfUnit(request) : event.done;
      if ("unit" in event) units[missing[event.index]!] = event.unit;
      yield {
        task: request.task,
        schedule: request.participant.name,
        done: done.reduce((sum, steps) => sum + steps, 0),
        total,
        ...("unit" in event && { unit: event.unit }),
      };
    }
  }

  const finished = units as BenchmarkUnit[];
  const verdicts = verdictsOf(finished);
  return {
    suite,
    tasks: entries.map((entry) => ({ task: entry.name, steps: stepsOf(entry) })),
    seeds,
    seed,
    trials,
    runtime: engine.version,
    runs: finished.flatMap((unit) => unit.runs),
    summary: finished.map((unit) => unit.summary),
    verdicts,
    overall: overallOf(verdicts),
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

/**
 * How each operator of the tasks is written, by a run of one step: measured before the workers start, since two that
 * measure at the same time may choose differently. Finds out, too, whether all data are there.
 */
async function measurePlan(
  engine: Engine,
  entries: readonly TaskEntry[],
  pending: readonly UnitRequest[],
  dataDirectory: string | undefined,
): Promise<LoweringRecord> {
  const schedule = constant({ baseRate: 1e-3 }) as Schedule<unknown>;
  const isPending = ({ name }: TaskEntry): boolean => pending.some(({ task }) => task === name);
  for (const { load } of entries.filter(isPending)) {
    const task = await load(dataDirectory === undefined ? {} : { dataDirectory });
    for (const judgeOn of ["test", "validation"] as const) {
      const data = judgeOn === "test" ? allDataOf(task) : splitsOf(task);
      const run = judgedRun({ task, data, schedule, engine, seed: 0, steps: 1, judgeOn });
      while (!(await run.next()).done);
    }
  }
  return engine.plan;
}
