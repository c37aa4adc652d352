import { Worker } from "node:worker_threads";
import { Engine } from "../../engine/index.ts";
import { type ErrorCode, MlrSnetError } from "../../errors.ts";
import type { LongHorizonOptions } from "./options.ts";
import { PersistentEstimator } from "./persistent-estimator.ts";
import type { Estimate, EstimateJob, KeptRuns, TaskEstimator } from "./task-estimator.ts";
import { WholeRunEstimator } from "./whole-run-estimator.ts";

/** What a worker is told, and what it answers. */
export type PoolRequest = { estimate: EstimateJob } | { save: true } | { restore: KeptRuns };
export type PoolAnswer =
  | { estimate: Estimate }
  | { kept: KeptRuns }
  | { error: { message: string; code: ErrorCode } };

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

/** @param workers 0: in this thread, without workers. More than there are tasks would have nothing to do. */
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

async function onWorkers(most: number, options: LongHorizonOptions): Promise<EstimatorPool> {
  const count = Math.min(most, options.tasks);
  const seats = Array.from({ length: count }, () => new Seat(options));
  const close = async (): Promise<void> => {
    await Promise.all(seats.map((seat) => seat.close()));
  };
  try {
    // Says what is wrong with one that cannot start.
    await Promise.all(seats.map((seat) => seat.ask({ restore: {} })));
  } catch (error) {
    await close();
    throw error;
  }
  const keeps = options.estimator === "pes";
  return {
    async run(jobs, order) {
      const estimates: Estimate[] = [];
      const shared = [...order];
      const work = async (seat: Seat, own: number): Promise<void> => {
        // Runs that are kept stay with their worker.
        const queue = keeps ? order.filter((index) => index % count === own) : shared;
        for (let index = queue.shift(); index !== undefined; index = queue.shift()) {
          const answer = await seat.ask({ estimate: jobs[index]! });
          if ("estimate" in answer) estimates[index] = answer.estimate;
        }
      };
      await Promise.all(seats.map(work));
      return estimates;
    },
    async save() {
      const answers = await Promise.all(seats.map((seat) => seat.ask({ save: true })));
      return Object.assign({}, ...answers.map((answer) => ("kept" in answer ? answer.kept : {})));
    },
    async restore(kept) {
      const own = (place: number): KeptRuns =>
        Object.fromEntries(Object.entries(kept).filter(([index]) => Number(index) % count === place));
      await Promise.all(seats.map((seat, place) => seat.ask({ restore: own(place) })));
    },
    close,
  };
}

/** A worker that answers one request at a time; whatever ends it is the answer to the request that it leaves, and to later ones. */
class Seat {
  readonly #worker: Worker;
  #asked: { resolve: (answer: PoolAnswer) => void; reject: (error: MlrSnetError) => void } | undefined;
  #failure: MlrSnetError | undefined;

  constructor(options: LongHorizonOptions) {
    // Only the built file can be a worker: Node 20 does not run TypeScript.
    this.#worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: options });
    this.#worker.on("message", (answer: PoolAnswer) => this.#asked?.resolve(answer));
    this.#worker.on("error", (cause) => {
      const what = cause instanceof Error ? cause.message : String(cause);
      this.#fail(
        new MlrSnetError("ENGINE_FAILED", `A worker of the meta-training failed: ${what}`, { cause }),
      );
    });
    this.#worker.on("exit", () =>
      this.#fail(new MlrSnetError("ENGINE_FAILED", "A worker of the meta-training ended without an answer.")),
    );
  }

  /** @throws {MlrSnetError} the error that the worker answers with; `ENGINE_FAILED` where it has ended. */
  async ask(request: PoolRequest): Promise<PoolAnswer> {
    if (this.#failure) throw this.#failure;
    const answer = await new Promise<PoolAnswer>((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#worker.postMessage(request);
    });
    if ("error" in answer) throw new MlrSnetError(answer.error.code, answer.error.message);
    return answer;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: MlrSnetError): void {
    this.#failure ??= error;
    this.#asked?.reject(this.#failure);
  }
}
