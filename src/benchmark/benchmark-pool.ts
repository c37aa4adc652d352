import { Worker } from "node:worker_threads";
import { type ErrorCode, MlrSnetError } from "../errors.ts";
import type { BenchmarkUnit, UnitRequest } from "./benchmark-unit.ts";
import type { WorkerMessage, WorkerSettings } from "./benchmark-worker.ts";

/** News of the unit `index`: updates made so far, or its end. */
export type PoolEvent = { index: number; done: number } | { index: number; unit: BenchmarkUnit };

export type PoolOptions = Omit<WorkerSettings, "stop"> & { workers: number; signal?: AbortSignal };

/**
 * Runs units on worker threads, in the order in which workers become free.
 *
 * An abort or an error stops the workers between two steps; what they finish meanwhile is still told.
 *
 * @throws {MlrSnetError} the first error of a unit; `INTERRUPTED`.
 */
export async function* runUnits(
  units: readonly UnitRequest[],
  { workers, signal, ...settings }: PoolOptions,
): AsyncGenerator<PoolEvent, void> {
  const stop = new SharedArrayBuffer(4);
  const stopAll = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  const events: PoolEvent[] = [];
  let wake = (): void => {};
  let next = 0;
  let busy = 0;
  let failure: MlrSnetError | undefined;
  const fail = (error: MlrSnetError): void => {
    failure ??= error;
    stopAll();
  };

  const start = (): Worker => {
    // Only the built file can be a worker: Node 20 does not run TypeScript.
    const worker = new Worker(new URL("./benchmark-worker.js", import.meta.url), {
      workerData: { ...settings, stop },
    });
    let index: number | undefined;
    const ended = (): void => {
      if (index === undefined) return;
      index = undefined;
      busy--;
    };
    const give = (): void => {
      if (next === units.length || failure || signal?.aborted) return;
      index = next++;
      busy++;
      worker.postMessage(units[index]);
    };
    worker.on("message", (message: WorkerMessage) => {
      if (message.kind === "progress") events.push({ index: index!, done: message.done });
      else {
        if (message.kind === "result") events.push({ index: index!, unit: message.unit });
        else fail(new MlrSnetError(message.code as ErrorCode, message.message));
        ended();
        give();
      }
      wake();
    });
    worker.on("error", (cause) => {
      const what = cause instanceof Error ? cause.message : String(cause);
      fail(new MlrSnetError("ENGINE_FAILED", `A worker of the benchmark failed: ${what}`, { cause }));
    });
    worker.on("exit", () => {
      if (index !== undefined)
        fail(new MlrSnetError("ENGINE_FAILED", "A worker of the benchmark ended without an answer."));
      ended();
      wake();
    });
    give();
    return worker;
  };

  signal?.addEventListener("abort", stopAll);
  const pool = Array.from({ length: Math.min(workers, units.length) }, start);
  try {
    while (busy > 0 || events.length > 0) {
      const event = events.shift();
      if (event) yield event;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
    if (failure) throw failure;
    if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", "Stopped.");
  } finally {
    stopAll();
    signal?.removeEventListener("abort", stopAll);
    await Promise.all(pool.map((worker) => worker.terminate()));
  }
}
