import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import {
  heldOutValue,
  type LongHorizonOptions,
  LongHorizonTraining,
  longHorizonDefaults,
  MetaTrainingRun,
} from "../meta/index.ts";
import {
  type CellConfig,
  type InputName,
  MlrSnet,
  presets,
  type ScheduleFile,
  unknownName,
} from "../schedules/index.ts";
import { encodeSchedule } from "../schedules/writer.ts";
import { findTask, splitsOf, writeFileAtomic } from "../training/index.ts";

/** How a schedule of the ablation comes to be. */
export type AblationVariant = {
  name: string;
  /** What is different from `default`, in a line. */
  what: string;
} & (
  | {
      kind: "long-horizon";
      cell?: CellConfig;
      options?: Partial<LongHorizonOptions>;
      /** Generations, as a part of the default's; where they are dearer or cheaper. */
      share?: number;
    }
  | { kind: "look-ahead" }
  /** Another use of the schedule of another variant. */
  | { kind: "use"; of: string; insure?: true; horizonFactor?: number }
);

const { transfer, "transfer-anytime": anytime } = presets;
const withOutput = (change: object): CellConfig => ({
  ...transfer,
  output: { ...(transfer.output as object), ...change } as CellConfig["output"],
});
const without = (...names: readonly InputName[]): CellConfig => ({
  ...transfer,
  inputs: transfer.inputs.filter((name) => !names.includes(name)),
});
const { settle: _, ...steady } = transfer.output as { settle?: number };
const { anneal: __, ...unannealed } = transfer.output as { anneal?: number };
const onTask: NonNullable<LongHorizonOptions["task"]> = { reference: "mnist1d/mlp", steps: 400 };

/** What is varied, one thing at a time, all else as in `default`. */
export const ablationVariants: readonly AblationVariant[] = [
  { name: "default", what: "the recipe as it is", kind: "long-horizon" },
  {
    name: "sigmoid",
    what: "output: α = γ·σ(z), the paper's, with γ of a guess at random",
    kind: "long-horizon",
    cell: { ...transfer, output: "sigmoid" },
  },
  {
    name: "no-anneal",
    what: "output: no fall to zero behind the network",
    kind: "long-horizon",
    cell: { ...transfer, output: unannealed as CellConfig["output"] },
  },
  {
    name: "no-settle",
    what: "output: steps of the same size all along",
    kind: "long-horizon",
    cell: { ...transfer, output: steady as CellConfig["output"] },
  },
  {
    name: "large-start",
    what: "output: from 0.1 instead of 0.001",
    kind: "long-horizon",
    cell: withOutput({ start: 0.1 }),
  },
  {
    name: "loss-and-progress",
    what: "inputs: the mean loss and the progress alone",
    kind: "long-horizon",
    cell: { ...transfer, inputs: ["average-loss", "progress"] },
  },
  {
    name: "no-own-rate",
    what: "inputs: not its own rate and output",
    kind: "long-horizon",
    cell: without("log-rate", "last-output"),
  },
  {
    name: "no-noise",
    what: "inputs: not the noise, the excess over the best and the long trend",
    kind: "long-horizon",
    cell: without("long-trend", "excess", "noise"),
  },
  {
    name: "single-task",
    what: "meta-training on mnist1d/mlp alone",
    kind: "long-horizon",
    options: { task: onTask, tasks: 2 },
    share: 0.5,
  },
  {
    name: "pes",
    what: "persistent evolution strategies, windows of 50 steps",
    kind: "long-horizon",
    options: { estimator: "pes" },
    share: 2,
  },
  {
    name: "ranks",
    what: "weights by ranks instead of differences",
    kind: "long-horizon",
    options: { shaping: "ranks" },
  },
  {
    name: "look-ahead",
    what: "the paper's one-step look-ahead on mnist1d/mlp, the same cell",
    kind: "look-ahead",
  },
  { name: "anytime", what: "horizon not known, not told", kind: "long-horizon", cell: anytime },
  { name: "insured", what: "the default with insurance", kind: "use", of: "default", insure: true },
  {
    name: "horizon-halved",
    what: "the default told half of T",
    kind: "use",
    of: "default",
    horizonFactor: 0.5,
  },
  { name: "horizon-doubled", what: "the default told twice T", kind: "use", of: "default", horizonFactor: 2 },
];

export type AblationOptions = {
  /** Of the default; other variants have their share of it. */
  generations: number;
  seed: number;
  /** Folder of the schedules; one that is there already, made the same way, is used again. */
  folder: string;
  /** Default: all. */
  only?: readonly string[];
  workers: number;
  signal?: AbortSignal;
};

/** Where the training of a variant stands. */
export type AblationProgress = { variant: string; done: number; total: number };

/** A schedule to be measured: its file, how it is used, and how it does on generated tasks that were held out. */
export type AblationSchedule = {
  variant: AblationVariant;
  path: string;
  generations: number | null;
  /** Seconds of meta-training. */
  seconds: number | null;
  heldOut: { value: number; diverged: number; tasks: number };
};

/** Learns the schedule of every variant. @throws {MlrSnetError} `UNKNOWN_NAME`, `INTERRUPTED`. */
export async function* learnVariants(
  options: AblationOptions,
): AsyncGenerator<AblationProgress, AblationSchedule[]> {
  const { folder, only, signal } = options;
  const known = ablationVariants.map(({ name }) => name);
  const wrong = only?.find((name) => !known.includes(name));
  if (wrong !== undefined) throw unknownName("variant", wrong, known);
  await mkdir(folder, { recursive: true });
  const learned: AblationSchedule[] = [];
  for (const variant of ablationVariants) {
    if (only && !only.includes(variant.name)) continue;
    if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", "Stopped.");
    const source =
      variant.kind === "use" ? ablationVariants.find(({ name }) => name === variant.of)! : variant;
    const path = join(folder, `${source.name}.safetensors`);
    const file = yield* scheduleOf(source, path, options);
    const { generations = null, seconds = null } = file.provenance as {
      generations?: number;
      seconds?: number;
    };
    learned.push({
      variant,
      path,
      generations,
      seconds,
      heldOut: await heldOutValue(file.cell, file.snapshots.thetas.at(-1)!),
    });
  }
  return learned;
}

async function* scheduleOf(
  variant: AblationVariant,
  path: string,
  { generations, seed, workers, signal }: AblationOptions,
): AsyncGenerator<AblationProgress, ScheduleFile> {
  if (variant.kind === "look-ahead") return yield* byLookAhead(variant.name, path, seed);
  if (variant.kind === "use")
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected a variant that is learned.");
  const { cell = transfer, share = 1 } = variant;
  const options: LongHorizonOptions = { ...longHorizonDefaults, cell, seed, ...variant.options };
  const total = Math.max(1, Math.round(generations * share));
  const wanted = JSON.stringify({ ...options, cell: null, generations: total });
  if (existsSync(path)) {
    const stored = await MlrSnet.load(path);
    if (
      stored.provenance.options === wanted &&
      JSON.stringify(stored.cell) === JSON.stringify(JSON.parse(JSON.stringify(cell)))
    )
      return stored;
  }
  const training = await LongHorizonTraining.create({ ...options, workers });
  try {
    for await (const { step } of training.records()) {
      if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", `Stopped at ${variant.name}.`);
      yield { variant: variant.name, done: step + 1, total };
      if (step + 1 === total) break;
    }
    const file = training.schedule({ options: wanted, seconds: Math.round(training.seconds) });
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
  seed: number,
): AsyncGenerator<AblationProgress, ScheduleFile> {
  const task = await findTask("mnist1d/mlp").load();
  const engine = await Engine.create();
  const run = new MetaTrainingRun({ task, data: splitsOf(task), engine, seed, preset: "transfer" });
  try {
    for await (const { step } of run.records()) yield { variant: name, done: step + 1, total: run.steps };
    const { cell, snapshots, provenance } = run.schedule();
    const thetas = [snapshots.thetas.at(-1)!];
    const file: ScheduleFile = {
      cell,
      snapshots: { switchRule: "fractions", fractions: [0], thetas },
      provenance,
    };
    await writeFileAtomic(path, encodeSchedule(file));
    return file;
  } finally {
    await run.release();
  }
}
