import { inThisThread, type Transport, WorkerPool } from "../../workers/index.ts";
import { type EstimatorAnswer, type EstimatorRequest, start } from "./estimator-worker.ts";
import type { LongHorizonOptions } from "./options.ts";
import type { Estimate, EstimateJob, KeptRuns } from "./task-estimator.ts";

/**
 * Does the jobs of a generation on so many cores. Each is done on one thread, and depends on nothing but what it is told
 * and the runs kept at its worker, so the number of workers changes nothing but the time.
 */
export class EstimatorPool {
  readonly #pool: WorkerPool<EstimatorRequest, EstimatorAnswer>;
  /** Runs that are kept stay with their worker. */
  readonly #keeps: boolean;

  private constructor(pool: WorkerPool<EstimatorRequest, EstimatorAnswer>, options: LongHorizonOptions) {
    this.#pool = pool;
    this.#keeps = options.estimator === "pes";
  }

  /** @param workers 0: in this thread, without workers. More than there are tasks would have nothing to do. */
  static async open(
    workers: number,
    options: LongHorizonOptions,
    transport?: Transport,
  ): Promise<EstimatorPool> {
    const through = workers === 0 ? inThisThread(start) : transport;
    const pool = await WorkerPool.open<EstimatorRequest, EstimatorAnswer>({
      name: "the meta-training",
      // Only the built file can be a worker: Node 20 does not run TypeScript.
      module: new URL("./estimator-worker.js", import.meta.url),
      data: options,
      workers: Math.max(1, Math.min(workers, options.tasks)),
      ...(through && { transport: through }),
    });
    return new EstimatorPool(pool, options);
  }

  /** @returns the estimates in the order of the jobs; jobs are begun in that of `order`. */
  async run(jobs: readonly EstimateJob[], order: readonly number[]): Promise<Estimate[]> {
    const estimates: Estimate[] = [];
    const requests = order.map((index) => ({ estimate: jobs[index]! }));
    const workerOf = (job: number): number => this.#workerOf(order[job]!);
    for await (const event of this.#pool.drain(requests, this.#keeps ? { workerOf } : {}))
      if ("answer" in event && "estimate" in event.answer)
        estimates[order[event.job]!] = event.answer.estimate;
    return estimates;
  }

  async save(): Promise<KeptRuns> {
    const answers = await this.#pool.requestAll(() => ({ save: true }));
    return Object.assign({}, ...answers.map((answer) => ("kept" in answer ? answer.kept : {})));
  }

  async restore(kept: KeptRuns): Promise<void> {
    const entries = Object.entries(kept);
    await this.#pool.requestAll((worker) => ({
      restore: Object.fromEntries(entries.filter(([index]) => this.#workerOf(Number(index)) === worker)),
    }));
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }

  #workerOf(index: number): number {
    return index % this.#pool.size;
  }
}
