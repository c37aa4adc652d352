import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { Engine } from "../engine/index.ts";
import { type ErrorCode, MlrSnetError } from "../errors.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";
import { PersistentEstimator } from "./persistent-estimator.ts";
import type { Estimate, EstimateJob, KeptRuns, TaskEstimator } from "./task-estimator.ts";
import { WholeRunEstimator } from "./whole-run-estimator.ts";

/** What a worker is told, and what it answers. */
export type PoolRequest = { estimate: EstimateJob } | { save: true } | { restore: KeptRuns };
export type PoolAnswer =
  | { estimate: Estimate }
  | { kept: KeptRuns }
  | { error: { message: string; code?: ErrorCode } };

/**
 * Does the jobs of a generation on so many cores. Each is done on one thread, and depends on nothing but what it is told
 * and the runs kept in its slot, so the number of workers changes nothing but the time.
 */
export type EstimatorPool = {
  /** The estimates in the order of the jobs; jobs are begun in that of `order`. */
  run(jobs: readonly EstimateJob[], order: readonly number[]): Promise<Estimate[]>;
  save(): Promise<KeptRuns>;
  restore(kept: KeptRuns): Promise<void>;
  close(): Promise<void>;
};

/** An engine for many small graphs in turns. */
export async function createSmallEngine(): Promise<Engine> {
  return await Engine.create({ threads: 1, planFolder: null, arena: false });
}

export function createEstimator(engine: Engine, options: LongHorizonOptions): TaskEstimator {
  return options.estimator === "pes"
    ? new PersistentEstimator(engine, options)
    : new WholeRunEstimator(engine, options);
}

/** @param workers 0: in this thread, without workers. */
export async function createPool(workers: number, options: LongHorizonOptions): Promise<EstimatorPool> {
  return workers === 0 ? await inThisThread(options) : await onWorkers(workers, options);
}

async function inThisThread(options: LongHorizonOptions): Promise<EstimatorPool> {
  const estimator = createEstimator(await createSmallEngine(), options);
  return {
    async run(jobs, order) {
      const estimates: Estimate[] = [];
      for (const index of order) estimates[index] = await estimator.estimate(jobs[index]!);
      return estimates;
    },
    save: async () => estimator.save(),
    restore: async (kept) => estimator.restore(kept),
    close: () => estimator.release(),
  };
}

async function onWorkers(count: number, options: LongHorizonOptions): Promise<EstimatorPool> {
  const pool = Array.from(
    { length: count },
    () => new Worker(new URL("./long-horizon-worker.js", import.meta.url), { workerData: options }),
  );
  await Promise.all(pool.map((worker) => once(worker, "message")));
  const keeps = options.estimator === "pes";
  return {
    async run(jobs, order) {
      const estimates: Estimate[] = [];
      const shared = [...order];
      const work = async (worker: Worker, own: number): Promise<void> => {
        // Runs that are kept stay with their worker.
        const queue = keeps ? order.filter((index) => index % count === own) : shared;
        for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
          const answer = await ask(worker, { estimate: jobs[index]! });
          if ("estimate" in answer) estimates[index] = answer.estimate;
        }
      };
      await Promise.all(pool.map(work));
      return estimates;
    },
    async save() {
      const answers = await Promise.all(pool.map((worker) => ask(worker, { save: true })));
      return Object.assign({}, ...answers.map((answer) => ("kept" in answer ? answer.kept : {})));
    },
    async restore(kept) {
      const own = (place: number): KeptRuns =>
        Object.fromEntries(Object.entries(kept).filter(([index]) => Number(index) % count === place));
      await Promise.all(pool.map((worker, place) => ask(worker, { restore: own(place) })));
    },
    async close() {
      await Promise.all(pool.map((worker) => worker.terminate()));
    },
  };
}

async function ask(worker: Worker, request: PoolRequest): Promise<PoolAnswer> {
  worker.postMessage(request);
  const [answer] = (await once(worker, "message")) as [PoolAnswer];
  if ("error" in answer) throw new MlrSnetError(answer.error.code ?? "ENGINE_FAILED", answer.error.message);
  return answer;
}
