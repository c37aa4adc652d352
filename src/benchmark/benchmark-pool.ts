import { type Transport, WorkerPool } from "../workers/index.ts";
import { type BenchmarkUnit, stepsOfUnit, type UnitRequest } from "./benchmark-unit.ts";
import type { BenchmarkSettings, UnitProgress } from "./benchmark-worker.ts";

/** News of the unit `index`: updates made so far, of an ended one as many as were planned. */
export type UnitNews = { index: number; done: number; unit?: BenchmarkUnit };

export type UnitPoolOptions = BenchmarkSettings & {
  workers: number;
  transport: Transport | undefined;
  signal: AbortSignal | undefined;
};

/**
 * Has units done by workers, in the order in which these become free.
 *
 * @throws {MlrSnetError} the first error of a unit; `INTERRUPTED`.
 */
export async function* runUnits(
  units: readonly UnitRequest[],
  { workers, transport, signal, ...data }: UnitPoolOptions,
): AsyncGenerator<UnitNews, void> {
  const pool = await WorkerPool.open<UnitRequest, BenchmarkUnit, UnitProgress>({
    ...{ name: "the benchmark", data, workers: Math.min(workers, units.length) },
    // Only the built file can be a worker: Node 20 does not run TypeScript.
    module: new URL("./benchmark-worker.js", import.meta.url),
    ...(transport && { transport }),
  });
  try {
    for await (const event of pool.drain(units, signal ? { signal } : {})) {
      const index = event.job;
      const steps = stepsOfUnit(units[index]!);
      if ("answer" in event) yield { index, done: steps, unit: event.answer };
      else yield { index, done: Math.min(event.progress.done, steps) };
    }
  } finally {
    await pool.close();
  }
}
