import { MlrSnetError } from "../errors.ts";
import { threads } from "./threads.ts";
import type { Transport, WorkerSource } from "./transport.ts";
import { type RequestOptions, WorkerClient } from "./worker-client.ts";

export type PoolOptions = WorkerSource & {
  /** What the workers work for, for errors: `the benchmark`. */
  name: string;
  /** ≥ 1. */
  workers: number;
  /** Default `threads`. */
  transport?: Transport;
};

export type DrainOptions = {
  /** Stops all workers, each as soon as it hears of it. */
  signal?: AbortSignal;
  /** The worker, from 0, that a job must go to; default: whichever is free first. */
  workerOf?: (job: number) => number;
};

/** News of the job of that index: how far it is, or its end. */
export type PoolEvent<Answer, Progress = never> =
  | { job: number; progress: Progress }
  | { job: number; answer: Answer };

/** Workers of one kind, each of which does one job at a time. */
export class WorkerPool<Request, Answer, Progress = never> {
  readonly #clients: readonly WorkerClient<Request, Answer, Progress>[];

  private constructor(clients: readonly WorkerClient<Request, Answer, Progress>[]) {
    this.#clients = clients;
  }

  /** Waits until all have started. @throws {MlrSnetError} what a worker's start failed at; none is left then. */
  static async open<Request, Answer, Progress = never>({
    name,
    workers,
    transport = threads,
    ...source
  }: PoolOptions): Promise<WorkerPool<Request, Answer, Progress>> {
    const clients = Array.from(
      { length: workers },
      () => new WorkerClient<Request, Answer, Progress>(name, transport, source),
    );
    const pool = new WorkerPool(clients);
    try {
      await Promise.all(clients.map((client) => client.ready()));
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  get size(): number {
    return this.#clients.length;
  }

  /** Asks one worker, from 0, which must be free. @throws as `WorkerClient.request`. */
  async request(worker: number, request: Request, options: RequestOptions<Progress> = {}): Promise<Answer> {
    return await this.#clients[worker]!.request(request, options);
  }

  /** Asks every worker, all of which must be free. @returns the answers, worker by worker. */
  async requestAll(requestOf: (worker: number) => Request): Promise<Answer[]> {
    return await Promise.all(this.#clients.map((_, worker) => this.request(worker, requestOf(worker))));
  }

  /**
   * Has all jobs done, in their order, by workers that are free, and tells of them as they go. An abort or an error stops
   * every worker; what they finish meanwhile is still told. Who leaves the loop stops them too, and the pool is free again.
   *
   * @throws {MlrSnetError} the first error of a job; `INTERRUPTED`.
   */
  async *drain(
    jobs: readonly Request[],
    { signal, workerOf }: DrainOptions = {},
  ): AsyncGenerator<PoolEvent<Answer, Progress>, void> {
    const stop = new AbortController();
    const stopAll = (): void => stop.abort();
    const events: PoolEvent<Answer, Progress>[] = [];
    let wake = (): void => {};
    let failure: { error: unknown } | undefined;
    const tell = (event: PoolEvent<Answer, Progress>): void => {
      events.push(event);
      wake();
    };

    const work = async (worker: number, queue: number[]): Promise<void> => {
      while (queue.length > 0 && !stop.signal.aborted) {
        const job = queue.shift()!;
        const onProgress = (progress: Progress): void => tell({ job, progress });
        try {
          tell({ job, answer: await this.request(worker, jobs[job]!, { onProgress, signal: stop.signal }) });
        } catch (error) {
          failure ??= { error };
          stopAll();
        }
      }
    };

    if (signal?.aborted) stopAll();
    signal?.addEventListener("abort", stopAll);
    const all = [...jobs.keys()];
    const queueOf = (worker: number): number[] =>
      workerOf ? all.filter((job) => workerOf(job) === worker) : all;
    let isBusy = true;
    const ended = Promise.all(this.#clients.map((_, worker) => work(worker, queueOf(worker)))).finally(() => {
      isBusy = false;
      wake();
    });
    try {
      while (isBusy || events.length > 0) {
        const event = events.shift();
        if (event) yield event;
        else await new Promise<void>((resolve) => (wake = resolve));
      }
      if (failure) throw failure.error;
      if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", "Stopped.");
    } finally {
      stopAll();
      signal?.removeEventListener("abort", stopAll);
      await ended;
    }
  }

  /** Ends the workers, what they are at too. */
  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}
