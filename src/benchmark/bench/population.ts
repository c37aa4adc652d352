import { once } from "node:events";
import { Worker } from "node:worker_threads";

const members = 32;
const batchSize = 64;
const stepsAtOnce = 50;

/** Member-steps that one call of the prepared function makes on so many workers. */
export function memberSteps(workers: number): number {
  return workers * members * stepsAtOnce;
}

/**
 * A population on each core, one thread each, as meta-training runs them: batches, gradients, a schedule's call for each
 * member and the updates. PyTorch's side has gradients and updates alone.
 *
 * @returns a function that advances all of them, and one that ends the workers.
 */
export async function populations(
  workers: number,
): Promise<{ run: () => Promise<void>; close: () => Promise<void> }> {
  const pool = Array.from(
    { length: workers },
    () =>
      new Worker(new URL("./population-worker.js", import.meta.url), { workerData: { members, batchSize } }),
  );
  await Promise.all(pool.map((worker) => once(worker, "message")));
  return {
    async run() {
      await Promise.all(
        pool.map((worker) => {
          const done = once(worker, "message");
          worker.postMessage(stepsAtOnce);
          return done;
        }),
      );
    },
    async close() {
      await Promise.all(pool.map((worker) => worker.terminate()));
    },
  };
}
