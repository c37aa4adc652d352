import { cpus } from "node:os";
import type { Engine } from "../../engine/index.ts";
import { unknownName } from "../../schedules/internal.ts";
import { startPyTorch } from "./pytorch.ts";
import { measurePeak, type Workload, workloads } from "./workloads.ts";

export type BenchResult = {
  name: string;
  /** Of the turns; each turn gives the median of its iterations, so that a stall of the machine counts once. */
  median: number;
  unit: string;
  /** PyTorch's median over ours, both with all threads: above 1 we are faster; null without PyTorch. */
  ratioToPyTorch: number | null;
  /** The same with one thread for PyTorch, which small steps may be faster with; only where we have more. */
  ratioToPyTorchOneThread?: number;
  /** Our median over that of a plain iteration. */
  ratioToPlain?: number;
  /** Matrix products a second over those of a 1024³ product. */
  shareOfPeak?: number;
};

export type BenchReport = {
  machine: {
    cpu: string;
    cores: number;
    threads: number;
    node: string;
    runtime: string;
    pytorch: string | null;
  };
  results: BenchResult[];
};

export type BenchOptions = {
  engine: Engine;
  /** One workload alone. */
  only?: string;
  /** Turns of each side, ≥ 5; default 11. */
  turns?: number;
  onProgress?: (name: string, done: number, total: number) => void;
};

/** Time for both sides' threads to stop spinning before the other's turn. */
const restMilliseconds = 50;

/**
 * Times the workloads beside PyTorch on the same machine with the same number of threads, the two sides in turn, so
 * that a machine that changes its speed changes it for both.
 *
 * @throws {MlrSnetError} `UNKNOWN_NAME` for a workload that does not exist.
 */
export async function runBench({ engine, only, turns = 11, onProgress }: BenchOptions): Promise<BenchReport> {
  const names = workloads.map(({ name }) => name);
  if (only !== undefined && !names.includes(only)) throw unknownName("workload", only, names);
  const pytorch = await startPyTorch();
  const peak = await measurePeak(engine);
  const report: BenchReport = {
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      threads: engine.threads,
      node: process.version,
      runtime: engine.version,
      pytorch: pytorch?.version ?? null,
    },
    results: [],
  };
  try {
    for (const workload of workloads.filter(({ name }) => only === undefined || name === only))
      report.results.push(await measure(workload));
  } finally {
    pytorch?.close();
  }
  return report;

  async function measure(workload: Workload): Promise<BenchResult> {
    const { name, unit, iterations, flops } = workload;
    const plain = workloads.find((other) => other.name === workload.plain);
    const { run: step, close } = await workload.prepare(engine);
    const plainStep = (await plain?.prepare(engine))?.run;
    const ours: number[] = [];
    const plainTimes: number[] = [];
    const theirs: number[] = [];
    const theirsAlone: number[] = [];
    const turnOfTheirs = unit === "µs" ? iterations / 10 : iterations;
    await timeOurs(step, 3);
    for (let turn = 0; turn < turns; turn++) {
      onProgress?.(name, turn, turns);
      ours.push(await timeOurs(step, iterations));
      if (plain && plainStep) plainTimes.push(await timeOurs(plainStep, plain.iterations));
      await rest();
      if (pytorch) {
        theirs.push(await pytorch.time(name, turnOfTheirs, engine.threads));
        if (engine.threads > 1) theirsAlone.push(await pytorch.time(name, turnOfTheirs, 1));
      }
      await rest();
    }
    await close?.();
    const median = medianOf(ours);
    const perIteration = workload.perIteration?.(engine);
    const result: BenchResult = {
      name,
      median: perIteration ? perIteration / median : median * (unit === "µs" ? 1e6 : 1e3),
      unit,
      ratioToPyTorch: pytorch ? medianOf(theirs) / median : null,
    };
    if (theirsAlone.length) result.ratioToPyTorchOneThread = medianOf(theirsAlone) / median;
    if (plainStep) result.ratioToPlain = median / medianOf(plainTimes);
    if (flops) result.shareOfPeak = flops / median / peak;
    return result;
  }
}

/** Seconds of an iteration, the median of so many after one that is not counted. */
async function timeOurs(step: () => Promise<void> | void, iterations: number): Promise<number> {
  await step();
  const times: number[] = [];
  for (let i = 0; i < iterations; i++) {
    const start = performance.now();
    // A plain call where it is one: awaiting costs as much as a schedule does.
    const pending = step();
    if (pending) await pending;
    times.push((performance.now() - start) / 1000);
  }
  return medianOf(times);
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, restMilliseconds));
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
