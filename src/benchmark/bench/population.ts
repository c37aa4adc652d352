import { WorkerPool } from "../../workers/index.ts";
import type { PopulationSettings } from "./population-worker.ts";

const settings: PopulationSettings = { members: 32, batchSize: 64 };
const stepsAtOnce = 50;

/** Member-steps that one call of the prepared function makes on so many workers. */
export function memberSteps(workers: number): number {
  return workers * settings.members * stepsAtOnce;
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
  const module = new URL("./population-worker.js", import.meta.url);
  const pool = await WorkerPool.open<number, void>({ name: "the bench", module, data: settings, workers });
  return {
    run: async () => void (await pool.requestAll(() => stepsAtOnce)),
    close: () => pool.close(),
  };
}
