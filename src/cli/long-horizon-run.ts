import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import {
  checkSameOptions,
  decodeLongHorizonCheckpoint,
  type Estimator,
  encodeLongHorizonCheckpoint,
  type LongHorizonCheckpoint,
  type LongHorizonOptions,
  type LongHorizonRecord,
  LongHorizonTraining,
  longHorizonDefaults,
  type Shaping,
} from "../meta/index.ts";
import { type CellConfig, type PresetName, presets } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/writer.ts";
import { checkWritable, loadTask, RecordFile, writeFileAtomic } from "../training/index.ts";
import { named, readBytes } from "./files.ts";
import { describeMachine } from "./machine.ts";
import { metaTrainPaths } from "./meta-train-paths.ts";
import type { Budget } from "./parse.ts";
import type { CommonOptions, Session } from "./session.ts";

/** Flags of `meta-train --recipe long-horizon`. */
export type LongHorizonFlags = CommonOptions & {
  task?: string;
  out: string;
  preset?: PresetName;
  budget?: Budget;
  steps?: number;
  checkpoint?: string;
  checkpointEvery?: number;
  resume?: true;
  workers?: number;
  tasks?: number;
  pairs?: number;
  sigma?: number;
  metaRate?: number;
  shaping?: Shaping;
  estimator?: Estimator;
  /** Of a model card: what to call the schedule, and what is known of it. */
  name?: string;
};

/** What `meta-train --recipe long-horizon` prints with --json. */
export type LongHorizonAnswer = {
  task: string | null;
  recipe: "long-horizon";
  seed: number;
  status: "done";
  generations: number;
  seconds: number;
  /** Mean of the objective over the last tenth of the generations, smaller is better; null where a resumed run had nothing left to do. */
  value: number | null;
  diverged: number | null;
  out: string;
  snapshots: 1;
  records: string;
  checkpoint: string;
};

const defaultBudget: Budget = { seconds: 1800 };
/** Generations from one checkpoint to the next. */
const defaultCheckpointEvery = 20;

/**
 * Long-horizon meta-training with records and checkpoints on the disk, as `metaTrain`. The schedule file is written with
 * every checkpoint, so that it can be tried while the training goes on.
 *
 * @throws {MlrSnetError} `INTERRUPTED` after a checkpoint, `STATE_MISMATCH`, `FILE_CORRUPT`, `FILE_UNWRITABLE`, `USAGE`.
 */
export async function longHorizonTrain(
  flags: LongHorizonFlags,
  session: Session,
): Promise<LongHorizonAnswer> {
  const { seed = 0, out, budget = defaultBudget } = flags;
  const paths = metaTrainPaths(flags);
  for (const path of Object.values(paths)) await checkWritable(path);
  const options = await optionsOf(flags, seed);
  const runtime = (await Engine.create({ threads: 1, planFolder: null })).version;
  const saved = flags.resume ? await readCheckpoint(paths.checkpoint) : undefined;
  if (saved) checkSameOptions(saved.options, options);
  if (saved && saved.runtime !== runtime)
    throw new MlrSnetError(
      "STATE_MISMATCH",
      `Expected the runtime of the stored run (${saved.runtime}), got ${runtime}: the same bits need the same runtime.`,
    );
  const workers = flags.workers ?? availableParallelism();
  const training = await LongHorizonTraining.create({
    ...options,
    workers,
    ...(saved && { resume: saved.state }),
  });
  try {
    // The checkpoint of an older run would count on records that are now overwritten.
    if (!saved) await rm(paths.checkpoint, { force: true });
    const records = saved
      ? RecordFile.continueAt(paths.records, training.generation)
      : RecordFile.create(paths.records);
    const save = async (): Promise<void> => {
      records.sync();
      const state = await training.save();
      await writeFileAtomic(paths.checkpoint, encodeLongHorizonCheckpoint({ options, runtime, state }));
      const { version, commit } = describeMachine(runtime);
      const provenance = { ...(flags.name && { name: flags.name }), version, commit, runtime };
      await writeFileAtomic(
        out,
        encodeSchedule(training.schedule({ ...provenance, budget, seconds: Math.round(training.seconds) })),
      );
    };
    try {
      const last = await train(training, budget, records, save, flags, session, paths.checkpoint);
      return {
        task: flags.task ?? null,
        recipe: "long-horizon",
        seed,
        status: "done",
        generations: training.generation,
        seconds: Math.round(training.seconds),
        ...last,
        ...paths,
        snapshots: 1,
      };
    } finally {
      records.close();
    }
  } finally {
    await training.release();
  }
}

async function train(
  training: LongHorizonTraining,
  budget: Budget,
  records: RecordFile,
  save: () => Promise<void>,
  { checkpointEvery = defaultCheckpointEvery }: LongHorizonFlags,
  session: Session,
  checkpoint: string,
): Promise<{ value: number | null; diverged: number | null }> {
  const isSpent = (): boolean =>
    "seconds" in budget ? training.seconds >= budget.seconds : training.generation >= budget.generations;
  const { signal } = session;
  const recent: LongHorizonRecord[] = [];
  const progress =
    "seconds" in budget
      ? session.progress(budget.seconds, "")
      : session.progress(budget.generations, "generations");
  const generations = training.records();
  while (!isSpent() && !signal.aborted) {
    const { value: record } = await generations.next();
    records.append(record);
    recent.push(record);
    while (recent.length > Math.max(10, training.generation / 10)) recent.shift();
    const done = "seconds" in budget ? Math.min(training.seconds, budget.seconds) : training.generation;
    progress.update(done, describe(training, recent));
    if (training.generation % checkpointEvery === 0) await save();
  }
  await save();
  if (!isSpent())
    throw new MlrSnetError(
      "INTERRUPTED",
      `Stopped after ${training.generation} generations, saved in ${checkpoint}: the same command with --resume goes on.`,
    );
  return meansOf(recent);
}

function describe(
  { generation, seconds }: LongHorizonTraining,
  recent: readonly LongHorizonRecord[],
): string {
  const { value, diverged } = meansOf(recent);
  const rate = seconds > 0 ? `, ${(generation / seconds).toFixed(2)}/s` : "";
  return `generation ${generation}${rate}, value ${value?.toFixed(3) ?? "–"}, diverged ${(100 * (diverged ?? 0)).toFixed(1)} %`;
}

function meansOf(records: readonly LongHorizonRecord[]): { value: number | null; diverged: number | null } {
  const mean = (values: readonly number[]): number | null =>
    values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : null;
  return {
    value: mean(records.flatMap(({ value }) => (value === null ? [] : [value]))),
    diverged: mean(records.map(({ diverged }) => diverged)),
  };
}

/** The flags in the defaults' places. One task has fewer runs a generation: each candidate trains for itself. */
async function optionsOf(flags: LongHorizonFlags, seed: number): Promise<LongHorizonOptions> {
  const { preset = "transfer", task: reference, tasks, pairs, sigma, metaRate, shaping, estimator } = flags;
  const cell: CellConfig = presets[preset];
  let task: LongHorizonOptions["task"];
  if (reference !== undefined) {
    const loaded = await loadTask(reference, flags.data ? { dataDirectory: flags.data } : {});
    const steps = flags.steps ?? loaded.steps;
    task = { reference, steps, ...(flags.data && { dataDirectory: flags.data }) };
  }
  return {
    ...longHorizonDefaults,
    ...(task && { tasks: 2 }),
    cell,
    seed,
    ...(tasks && { tasks }),
    ...(pairs && { pairs }),
    ...(sigma && { sigma }),
    ...(metaRate && { learningRate: metaRate }),
    ...(shaping && { shaping }),
    ...(estimator && { estimator }),
    ...(task && { task }),
  };
}

/** Undefined where there is none: then the run starts afresh. */
async function readCheckpoint(path: string): Promise<LongHorizonCheckpoint | undefined> {
  if (!existsSync(path)) return undefined;
  const bytes = await readBytes(path);
  return named(path, () => decodeLongHorizonCheckpoint(bytes));
}
