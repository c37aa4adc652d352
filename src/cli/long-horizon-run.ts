import { availableParallelism } from "node:os";
import { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkWritable, decodeIfThere, RecordFile, removeFile } from "../files/internal.ts";
import {
  type Estimator,
  type LongHorizonOptions,
  type LongHorizonRecord,
  LongHorizonTraining,
  longHorizonDefaults,
  type Shaping,
} from "../meta/index.ts";
import {
  checkLongHorizonOptions,
  checkSameOptions,
  decodeLongHorizonCheckpoint,
  encodeLongHorizonCheckpoint,
} from "../meta/internal.ts";
import { type CellConfig, type PresetName, presets } from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/internal.ts";
import { loadTask, splitsOf, writeFileAtomic } from "../training/index.ts";
import { describeMachine } from "./machine.ts";
import { metaTrainPaths } from "./meta-train-paths.ts";
import type { Budget } from "./parse.ts";
import { formatRate } from "./progress.ts";
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
  steady?: number;
  shaping?: Shaping;
  averageShare?: number;
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
  /** Mean of the objective over the last tenth of the generations, smaller is better; null where no run ended well. */
  value: number | null;
  /** Share of those generations' runs that diverged; null where none ended, as where a resumed run had nothing left to do. */
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
 * @throws {MlrSnetError} `INTERRUPTED` after a checkpoint, `NOT_FINITE` where θ grows beyond all bounds, `STATE_MISMATCH` if the
 * checkpoint is of another run, `FILE_CORRUPT` if it is damaged, `FILE_UNWRITABLE`, `USAGE`.
 */
export async function longHorizonTrain(
  flags: LongHorizonFlags,
  session: Session,
): Promise<LongHorizonAnswer> {
  const { seed = 0, out, budget = defaultBudget } = flags;
  const paths = metaTrainPaths(flags);
  void session.signal; // From here on Ctrl-C and the like leave a checkpoint.
  for (const path of Object.values(paths)) await checkWritable(path);
  const options = checkLongHorizonOptions(await optionsOf(flags, seed));
  const runtime = (await Engine.create({ threads: 1, planFolder: null })).version;
  // Where there is none the run starts afresh.
  const saved = flags.resume ? await decodeIfThere(paths.checkpoint, decodeLongHorizonCheckpoint) : undefined;
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
    if (!saved) await removeFile(paths.checkpoint);
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
  const progress = session.progress("seconds" in budget ? budget.seconds : budget.generations, "");
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

/** For the progress line, whose end says how much is left: short, so that both fit on a terminal. */
function describe(
  { generation, seconds }: LongHorizonTraining,
  recent: readonly LongHorizonRecord[],
): string {
  const { value, diverged } = meansOf(recent);
  const parts = [
    `generation ${generation}`,
    formatRate(generation / seconds, "generations"),
    ...(value === null ? [] : [`value ${value.toFixed(3)}`]),
    ...(diverged === null ? [] : [`${(100 * diverged).toFixed(1)} % diverged`]),
  ];
  return parts.join(", ");
}

/** Over the generations in which a run ended. */
function meansOf(records: readonly LongHorizonRecord[]): { value: number | null; diverged: number | null } {
  const mean = (values: readonly number[]): number | null =>
    values.length > 0 ? values.reduce((a, b) => a + b, 0) / values.length : null;
  const ended = records.filter(({ value, diverged }) => value !== null || diverged > 0);
  return {
    value: mean(ended.flatMap(({ value }) => (value === null ? [] : [value]))),
    diverged: mean(ended.map(({ diverged }) => diverged)),
  };
}

/** The presets whose cell has a form in a population's graph, one plain LSTM layer. */
const presetNames = (Object.keys(presets) as PresetName[]).filter((name) => presets[name].middle === 0);

/**
 * The flags in the defaults' places. One task has fewer runs a generation: each candidate trains for itself.
 *
 * @throws {MlrSnetError} `USAGE`, or what is wrong with the task.
 */
async function optionsOf(flags: LongHorizonFlags, seed: number): Promise<LongHorizonOptions> {
  const { preset = "transfer", task: reference, tasks, pairs, sigma, metaRate, steady } = flags;
  const { shaping, averageShare, estimator } = flags;
  if (!presetNames.includes(preset))
    throw new MlrSnetError(
      "USAGE",
      `Expected \`--preset\` to be ${presetNames.join(" or ")}, a cell of one plain LSTM layer, for \`--recipe long-horizon\`, got ${preset}.`,
    );
  const cell: CellConfig = presets[preset];
  let task: LongHorizonOptions["task"];
  if (reference !== undefined) {
    const loaded = await loadTask(reference, flags.data ? { dataDirectory: flags.data } : {});
    splitsOf(loaded); // says so where there is nothing to validate on
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
    ...(steady && { steady }),
    ...(shaping && { shaping }),
    ...(averageShare !== undefined && { averageShare }),
    ...(estimator && { estimator }),
    ...(task && { task }),
  };
}
