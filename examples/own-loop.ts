// A training loop of one's own, here logistic regression in plain TypeScript, with the rates of a learned schedule:
// node examples/own-loop.ts [schedule.safetensors] (Node 22.18 and later, after `npm run build`); default: zoo:default
import { MlrSnet, ScheduleRunner } from "mlr-snet";

type Batch = { x: readonly number[]; y: 0 | 1 }[];

/** The part that is yours: mean loss in nats per example, and the direction in which the weights are moved. */
function gradients(w: readonly number[], batch: Batch): { loss: number; direction: number[] } {
  let loss = 0;
  const direction = w.map(() => 0);
  for (const { x, y } of batch) {
    const p = 1 / (1 + Math.exp(-x.reduce((sum, feature, k) => sum + feature * w[k]!, 0)));
    loss -= Math.log(y === 1 ? p : 1 - p) / batch.length;
    for (const [k, feature] of x.entries()) direction[k]! += ((p - y) * feature) / batch.length;
  }
  return { loss, direction };
}

/** @param schedule `zoo:NAME`, or path, address or bytes of a schedule file. @returns the loss of every step. */
export async function train(schedule: string | Uint8Array): Promise<number[]> {
  const data: Batch = Array.from({ length: 320 }, (_, n) => ({
    x: [1, Math.sin(n), Math.cos(3 * n)],
    y: Math.sin(n) + 0.5 * Math.cos(3 * n) > 0.2 ? 1 : 0,
  }));
  const [epochs, batchSize] = [30, 32];
  const stepsPerEpoch = data.length / batchSize;
  const weights = [0, 0, 0];
  const losses: number[] = [];

  const learned = await MlrSnet.load(schedule);
  const initialLoss = gradients(weights, data).loss;
  const totalSteps = epochs * stepsPerEpoch;
  // zoo:default needs the number of steps and the rate that is usual for the optimizer, here SGD; the paper's form the others.
  const context = { totalSteps, usualRate: 0.1, classes: 2, initialLoss, epochs, stepsPerEpoch };
  const runner = new ScheduleRunner(learned.schedule(), context);
  for (let step = 0; step < totalSteps; step++) {
    const start = (step % stepsPerEpoch) * batchSize;
    const { loss, direction } = gradients(weights, data.slice(start, start + batchSize));
    // Where another snapshot takes over, the schedule wants the loss over the whole training set.
    const whole = runner.wants.includes("trainingSetLoss")
      ? { trainingSetLoss: gradients(weights, data).loss }
      : {};
    const { learningRate } = runner.next({ loss, ...whole });
    for (const [k, d] of direction.entries()) weights[k]! -= learningRate * d;
    losses.push(loss);
  }
  return losses;
}

if (process.argv[1]?.endsWith("own-loop.ts")) {
  const losses = await train(process.argv[2] ?? "zoo:default");
  console.log(`loss ${losses[0]!.toFixed(3)} -> ${losses.at(-1)!.toFixed(3)}`);
}
