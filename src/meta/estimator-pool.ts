import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Engine } from "../engine/index.ts";
import { type ErrorCode, MlrSnetError } from "../errors.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";
import { type Estimate, type EstimateJob, TaskEstimator } from "./task-estimator.ts";

type Answer = { estimate: Estimate } | { error: { message: string; code?: ErrorCode } };

/**
 * Does the jobs of a generation on so many cores. Each job is a pure function of what it is told, on one thread, so the
 * number of workers changes nothing but the time.
 */
export type EstimatorPool = {
  /** The estimates in the order of the jobs; jobs are begun in that of `order`. */
  run(jobs: readonly EstimateJob[], order: readonly number[]): Promise<Estimate[]>;
  close(): Promise<void>;
};

/** @param workers 0: in this thread, without workers. */
export async function createPool(workers: number, options: LongHorizonOptions): Promise<EstimatorPool> {
  return workers === 0 ? await inThisThread(options) : await onWorkers(workers, options);
}

async function inThisThread(options: LongHorizonOptions): Promise<EstimatorPool> {
  const engine = await Engine.create({ threads: 1, planFolder: null, arena: false });
  const estimator = new TaskEstimator(engine, options);
  return {
    async run(jobs, order) {
      const estimates: Estimate[] = [];
      for (const index of order) estimates[index] = await estimator.estimate(jobs[index]!);
      return estimates;
    },
    close: () => estimator.release(),
  };
}

async function onWorkers(count: number, options: LongHorizonOptions): Promise<EstimatorPool> {
  const pool = Array.from(
    { length: count },
    () => new Worker(new URL("./long-horizon-worker.js", import.meta.url), { workerData: options }),
  );
  await Promise.all(pool.map((worker) => once(worker, "message")));
  return {
    async run(jobs, order) {
      const estimates: Estimate[] = [];
      const left = [...order];
      const work = async (worker: Worker): Promise<void> => {
        for (let index = left.shift(); index !== undefined; index = left.shift())
          estimates[index] = await ask(worker, jobs[index]!);
      };
      await Promise.all(pool.map(work));
      return estimates;
    },
    async close() {
      await Promise.all(pool.map((worker) => worker.terminate()));
    },
  };
}

async function ask(worker: Worker, job: EstimateJob): Promise<Estimate> {
  worker.postMessage(job);
  const [answer] = (await once(worker, "message")) as [Answer];
  if ("estimate" in answer) return answer.estimate;
  throw new MlrSnetError(answer.error.code ?? "ENGINE_FAILED", answer.error.message);
}
