// A training loop of one's own, here logistic regression in plain TypeScript, with the rates of a learned schedule:
// node examples/own-loop.ts [schedule.safetensors] [sgd|momentum|adam] (Node 22.18 and later, after `npm run build`);
// default: zoo:default and sgd
import { MlrSnet, ScheduleRunner } from "mlr-snet";

export type Batch = { x: readonly number[]; y: 0 | 1 }[];

/** All that a step depends on, and so what a copy holds; with running statistics, had this network any. */
type Training = {
  weights: readonly number[];
  /** The optimizer's own count, which goes back with its moments. */
  updates: number;
  /** Running means of the gradient and of its square; of momentum the velocity. */
  mean: readonly number[];
  square: readonly number[];
};

/** What is usual for each optimizer, as a unit of the rates: not to be tuned. */
const usualRates = { sgd: 0.1, momentum: 0.01, adam: 0.001 } as const;
export type Optimizer = keyof typeof usualRates;

/** Mean loss in nats per example, and its gradient. */
export function gradients(w: readonly number[], batch: Batch): { loss: number; gradient: number[] } {
  let loss = 0;
  const gradient = w.map(() => 0);
  for (const { x, y } of batch) {
    const p = 1 / (1 + Math.exp(-x.reduce((sum, feature, k) => sum + feature * w[k]!, 0)));
    loss -= Math.log(y === 1 ? p : 1 - p) / batch.length;
    for (const [k, feature] of x.entries()) gradient[k]! += ((p - y) * feature) / batch.length;
  }
  return { loss, gradient };
}

/** One update, w - αd. What was before it stays as it is, so that it can be a copy. */
function updated(before: Training, optimizer: Optimizer, gradient: number[], α: number): Training {
  const updates = before.updates + 1;
  const [keep, take] = { sgd: [0, 1], momentum: [0.9, 1], adam: [0.9, 0.1] }[optimizer] as [number, number];
  const mean = gradient.map((g, k) => keep * before.mean[k]! + take * g);
  const square = gradient.map((g, k) => 0.999 * before.square[k]! + 0.001 * g ** 2);
  const direction = mean.map((m, k) =>
    optimizer === "adam"
      ? m / (1 - 0.9 ** updates) / (Math.sqrt(square[k]! / (1 - 0.999 ** updates)) + 1e-8)
      : m,
  );
  return { weights: before.weights.map((w, k) => w - α * direction[k]!), updates, mean, square };
}

/**
 * @param schedule `zoo:NAME`, or path, address or bytes of a schedule file.
 * @param gradientsOf the part that is yours.
 * @returns the loss of every step, and what was trained.
 */
export async function train(
  schedule: string | Uint8Array,
  optimizer: Optimizer = "sgd",
  gradientsOf: typeof gradients = gradients,
): Promise<Training & { losses: number[] }> {
  const data: Batch = Array.from({ length: 320 }, (_, n) => ({
    x: [1, Math.sin(n), Math.cos(3 * n)],
    y: Math.sin(n) + 0.5 * Math.cos(3 * n) > 0.2 ? 1 : 0,
  }));
  const [epochs, batchSize] = [30, 32];
  const stepsPerEpoch = data.length / batchSize;
  const zeros = [0, 0, 0];
  let training: Training = { weights: zeros, updates: 0, mean: zeros, square: zeros };
  const losses: number[] = [];

  const learned = await MlrSnet.load(schedule);
  const initialLoss = gradients(zeros, data).loss;
  const totalSteps = epochs * stepsPerEpoch;
  // zoo:default needs the number of steps and the usual rate; the paper's form the others.
  const usualRate = usualRates[optimizer];
  const context = { totalSteps, usualRate, classes: 2, initialLoss, epochs, stepsPerEpoch };
  const runner = new ScheduleRunner(learned.schedule(), context, {
    snapshot: () => training, // weights that are updated in place must be copied here
    rollback: (copy) => {
      training = copy;
    },
  });
  for (let step = 0; step < totalSteps; step++) {
    const start = (step % stepsPerEpoch) * batchSize;
    const { loss, gradient } = gradientsOf(training.weights, data.slice(start, start + batchSize));
    // Where another snapshot takes over, the schedule wants the loss over the whole training set.
    const whole = runner.wants.includes("trainingSetLoss")
      ? { trainingSetLoss: gradients(training.weights, data).loss }
      : {};
    const { learningRate, applies } = runner.next({ loss, ...whole });
    // Not where the step is skipped, or where the runner has just put back a copy.
    if (applies) training = updated(training, optimizer, gradient, learningRate);
    losses.push(loss);
  }
  return { ...training, losses };
}

if (process.argv[1]?.endsWith("own-loop.ts")) {
  const [schedule = "zoo:default", optimizer = "sgd"] = process.argv.slice(2);
  const { losses } = await train(schedule, optimizer as Optimizer);
  console.log(`loss ${losses[0]!.toFixed(3)} -> ${losses.at(-1)!.toFixed(3)}`);
}
