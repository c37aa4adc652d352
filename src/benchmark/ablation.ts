import { join } from "node:path";
import { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { checkWritable, makeFolder, readIfThere, withPath } from "../files/internal.ts";
import {
  type HeldOut,
  heldOutValue,
  heldOutValueOf,
  type LongHorizonOptions,
  LongHorizonTraining,
  longHorizonDefaults,
  MetaTrainingRun,
} from "../meta/index.ts";
import { checkLongHorizonOptions } from "../meta/internal.ts";
import { type CellConfig, MlrSnet, presets, type ScheduleFile } from "../schedules/index.ts";
import { checkOptionNames, encodeSchedule, type OptionNames, unknownName } from "../schedules/internal.ts";
import { splitsOf, type Task, writeFileAtomic } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { type AblationVariant, ablationVariants } from "./ablation-variants.ts";
import { findCandidate } from "./candidates.ts";

export { type AblationVariant, ablationVariants } from "./ablation-variants.ts";

export type AblationOptions = {
  /** Of the default; other variants have their share of it. */
  generations: number;
  seed: number;
  /** Folder of the schedules; one that is there already, made the same way, is used again. */
  folder: string;
  /** Default: all. */
  only?: readonly string[];
  workers: number;
  /** Number of held-out tasks; default that of `heldOutValue`. */
  heldOut?: number;
  signal?: AbortSignal;
};

const optionNames: OptionNames<AblationOptions> = {
  generations: true,
  seed: true,
  folder: true,
  only: true,
  workers: true,
  heldOut: true,
  signal: true,
};

/** Where the training of a variant stands. */
export type AblationProgress = { variant: string; done: number; total: number };

/** A schedule to be measured: where it is found, how it is used, and how it does on generated tasks that were held out. */
export type AblationSchedule = {
  variant: AblationVariant;
  /** Path of its file, or a name. */
  path: string;
  generations: number | null;
  /** Seconds of meta-training. */
  seconds: number | null;
  /** Of the schedule itself: another use of it, with the divergence guard or a wrong horizon, has the same. */
  heldOut: HeldOut;
};

/**
 * Learns the schedule of every variant that has one to learn.
 *
 * @throws {MlrSnetError} `UNKNOWN_NAME`, `FILE_UNWRITABLE` before any work; `INTERRUPTED`, `NOT_FINITE`, `FILE_CORRUPT` where the
 * folder has a damaged schedule.
 */
export async function* learnVariants(
  options: AblationOptions,
): AsyncGenerator<AblationProgress, AblationSchedule[]> {
  checkOptionNames("`learnVariants`", options, optionNames);
  const { folder, only, heldOut: count, signal } = options;
  const known = ablationVariants.map(({ name }) => name);
  const wrong = only?.find((name) => !known.includes(name));
  if (wrong !== undefined) throw unknownName("variant", wrong, known);
  const wanted = ablationVariants.filter(({ name }) => !only || only.includes(name));
  if (wanted.some(({ kind }) => kind !== "named")) await prepare(folder);
  const learned: AblationSchedule[] = [];
  for (const variant of wanted) {
    if (variant.kind === "named") {
      const { name, reference: path } = variant;
      yield { variant: name, done: 0, total: 1 };
      const create = async (task: Task) => (await findCandidate(path, task, 1)).create(null);
      const heldOut = await heldOutValueOf(create, count, signal);
      learned.push({ variant, path, generations: null, seconds: null, heldOut });
      continue;
    }
    const source =
      variant.kind === "use" ? ablationVariants.find(({ name }) => name === variant.of)! : variant;
    const path = join(folder, `${source.name}.safetensors`);
    const file = yield* scheduleOf(source, path, options);
    const { generations = null, seconds = null } = file.provenance as {
      generations?: number;
      seconds?: number;
    };
    const heldOut =
      learned.find((other) => other.path === path)?.heldOut ??
      (await heldOutValue(file.cell, file.snapshots.thetas.at(-1)!, count, signal));
    learned.push({ variant, path, generations, seconds, heldOut });
  }
  return learned;
}

async function prepare(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (cause) {
    const { message } = cause as Error;
    throw new MlrSnetError("FILE_UNWRITABLE", `Cannot make the folder ${folder}: ${message}.`, { cause });
  }
  await checkWritable(join(folder, "default.safetensors"));
}

async function* scheduleOf(
  variant: AblationVariant,
  path: string,
  options: AblationOptions,
): AsyncGenerator<AblationProgress, ScheduleFile> {
  if (variant.kind === "look-ahead") return yield* byLookAhead(variant.name, path, options);
  if (variant.kind !== "long-horizon")
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected a variant that is learned.");
  const { generations, seed, workers, signal } = options;
  const { cell = presets.transfer, share = 1 } = variant;
  const own: LongHorizonOptions = { ...longHorizonDefaults, cell, seed, ...variant.options };
  const total = Math.max(1, Math.round(generations * share));
  const made = JSON.stringify({ ...checkLongHorizonOptions(own), cell: null, generations: total });
  const stored = await storedAt(path, cell, made);
  if (stored) return stored;
  const training = await LongHorizonTraining.create({ ...own, workers });
  try {
    for await (const { step } of training.records()) {
      yield { variant: variant.name, done: step + 1, total };
      if (step + 1 === total) break;
      throwIfAborted(signal);
    }
    const file = training.schedule({ options: made, seconds: Math.round(training.seconds) });
    await writeFileAtomic(path, encodeSchedule(file));
    return file;
  } finally {
    await training.release();
  }
}

/** The paper's meta-training of the same cell; its last snapshot alone. */
async function* byLookAhead(
  name: string,
  path: string,
  { seed, signal }: AblationOptions,
): AsyncGenerator<AblationProgress, ScheduleFile> {
  const preset = "transfer";
  const task = await findTask("mnist1d/mlp").load();
  const engine = await Engine.create();
  const run = new MetaTrainingRun({ task, data: splitsOf(task), engine, seed, preset });
  try {
    const made = JSON.stringify(run.identity);
    const stored = await storedAt(path, presets[preset], made);
    if (stored) return stored;
    for await (const { step } of run.records()) {
      yield { variant: name, done: step + 1, total: run.steps };
      throwIfAborted(signal);
    }
    if (run.outcome?.status !== "done")
      throw new MlrSnetError("NOT_FINITE", `The variant ${name} diverged: no schedule was written.`);
    const { cell, snapshots, provenance } = run.schedule();
    const file: ScheduleFile = {
      cell,
      snapshots: { switchRule: "fractions", fractions: [0], thetas: [snapshots.thetas.at(-1)!] },
      provenance: { ...provenance, options: made },
    };
    await writeFileAtomic(path, encodeSchedule(file));
    return file;
  } finally {
    await run.release();
  }
}

/** The schedule that is there already, if it has the cell and was made with the options. */
async function storedAt(path: string, cell: CellConfig, options: string): Promise<ScheduleFile | undefined> {
  const bytes = await readIfThere(path);
  if (!bytes) return undefined;
  const stored = await MlrSnet.load(bytes).catch((cause: unknown) => {
    throw withPath(path, cause);
  });
  const isSame =
    JSON.stringify(stored.cell) === JSON.stringify(cell) && stored.provenance.options === options;
  return isSame ? stored : undefined;
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", "Stopped.");
}
