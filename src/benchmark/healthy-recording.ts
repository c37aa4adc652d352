import type { Engine } from "../engine/index.ts";
import { constant, cosine, type RunContext, type Schedule, sgdr, warmup } from "../schedules/index.ts";
import { type TrainingOutcome, TrainingRun } from "../training/index.ts";
import type { HealthyTasks } from "./healthy-tasks.ts";
import { type HealthyTraining, rateFor } from "./healthy-trainings.ts";

/**
 * A training without a guard, as it was. A guard that does not act leaves a run as it is, bit for bit; so the losses of
 * one run say of every guard whether it acts, and they need to be computed once.
 */
export type HealthyRecording = {
  name: string;
  /** What a schedule is told of the run, with the initial loss. */
  context: RunContext;
  status: TrainingOutcome["status"];
  /** L_0, L_1, ...: float32, little endian, base64; fewer than `totalSteps` where the run diverged. */
  losses: string;
};

const warmBatchSize = 64;
/** The seed of what comes before a warm start is another one. */
const warmSeed = 1000;

const scheduleOf: Record<HealthyTraining["schedule"], (baseRate: number) => Schedule<unknown>> = {
  constant: (baseRate) => constant({ baseRate }),
  cosine: (baseRate) => cosine({ baseRate }),
  "warmup-cosine": (baseRate) => warmup(cosine({ baseRate }), { fraction: 0.1 }),
  sgdr: (baseRate) => sgdr({ baseRate, firstCycle: { fraction: 1 / 7 } }),
};

/** Runs a training and records it. A few seconds at most. */
export async function recordTraining(
  training: HealthyTraining,
  tasks: HealthyTasks,
  engine: Engine,
): Promise<HealthyRecording> {
  const warm = training.warmStart && (await warmWeights(training, tasks, engine));
  const run = await startRun(training, tasks, engine, warm);
  const losses = await lossesOf(run);
  const { context, outcome } = run;
  await run.release();
  return { name: training.name, context: context!, status: outcome!.status, losses: encodeLosses(losses) };
}

/** @returns base64 of float32, little endian. */
export function encodeLosses(losses: ArrayLike<number>): string {
  const bytes = Buffer.alloc(4 * losses.length);
  for (let t = 0; t < losses.length; t++) bytes.writeFloatLE(losses[t]!, 4 * t);
  return bytes.toString("base64");
}

/** The inverse of `encodeLosses`. */
export function decodeLosses(text: string): Float64Array {
  const bytes = Buffer.from(text, "base64");
  return Float64Array.from({ length: bytes.length / 4 }, (_, t) => bytes.readFloatLE(4 * t));
}

async function startRun(
  training: HealthyTraining,
  tasks: HealthyTasks,
  engine: Engine,
  weights?: Float32Array,
  data?: string,
): Promise<TrainingRun> {
  const task = await tasks.load(training, data);
  const { train, test } = task.data;
  const schedule = scheduleOf[training.schedule](training.baseRate);
  const splits = { train, test, validation: test };
  const run = new TrainingRun({
    ...{ task, data: splits, schedule, engine, seed: training.seed, evaluateOn: [] },
  });
  if (weights) run.learner.memory.weights.set(weights);
  return run;
}

/** Weights after `warmStart`: trained by the same optimizer at a constant rate. */
async function warmWeights(
  training: HealthyTraining,
  tasks: HealthyTasks,
  engine: Engine,
): Promise<Float32Array> {
  const { optimizer, warmStart } = training;
  const before: HealthyTraining = {
    ...training,
    ...{ batchSize: warmBatchSize, schedule: "constant", baseRate: rateFor(optimizer, warmBatchSize) },
    ...{ steps: warmStart!.steps, seed: training.seed + warmSeed },
  };
  const run = await startRun(before, tasks, engine, undefined, warmStart!.data);
  await lossesOf(run);
  const weights = run.learner.memory.weights.slice();
  await run.release();
  return weights;
}

async function lossesOf(run: TrainingRun): Promise<number[]> {
  const losses: number[] = [];
  for await (const { loss } of run.records()) losses.push(loss);
  return losses;
}
