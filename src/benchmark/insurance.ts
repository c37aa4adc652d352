import type { Engine } from "../engine/index.ts";
import { cosine, insured } from "../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { allDataOf, type Task } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { actsOf } from "./acts.ts";
import { type JudgedRun, judgedRun } from "./judged-run.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { meanAndError } from "./statistics.ts";

/** The best of 0.2, 0.4, ..., 12.8 for a cosine by validation accuracy at the last step, one seed; and run lengths. */
export const insurancePlans = {
  mlp: { tuned: 1.6, steps: 400 },
  cnn: { tuned: 0.4, steps: 400 },
  "cnn-bn": { tuned: 1.6, steps: 400 },
  gru: { tuned: 3.2, steps: 200 },
} as const;

/** The networks on MNIST-1D that a wrong rate is forced on. */
export type InsuranceNetwork = keyof typeof insurancePlans;

export const insuranceNetworks: readonly InsuranceNetwork[] = Object.keys(
  insurancePlans,
) as InsuranceNetwork[];

/** How much too large the forced rate is. */
export const insuranceExcess = 10;

export type InsuranceOptions = {
  engine: Engine;
  networks?: readonly InsuranceNetwork[];
  /** Seeds 1, 2, ..., default 10 of them. */
  seeds?: number;
  /** T; default 400, 200 for the GRU. */
  steps?: number;
  signal?: AbortSignal;
};

const optionNames: OptionNames<InsuranceOptions> = {
  engine: true,
  networks: true,
  seeds: true,
  steps: true,
  signal: true,
};

/** `done` of `total` steps; diverged runs leave some out. */
export type InsuranceProgress = { network: InsuranceNetwork; baseRate: number; done: number; total: number };

export type InsuranceRun = {
  seed: number;
  insured: boolean;
  status: JudgedRun["status"];
  /** Test accuracy and loss at the last step. */
  accuracy: number;
  loss: number | null;
  /** Steps at which the insurance went back or cut the rate. */
  acts: number[];
  /** Median wall time of a step, µs; the runs with and without insurance take their steps in turn. */
  stepMicroseconds: number;
};

/** One task at one rate: the same seeds without and with insurance. */
export type InsuranceRow = Stamp & {
  task: string;
  steps: number;
  baseRate: number;
  /** The rate is the tuned one, or ten times that. */
  rate: "tuned" | "10 x tuned";
  without: InsuranceSummary;
  insured: InsuranceSummary;
  runs: InsuranceRun[];
};

export type InsuranceSummary = {
  /** Test accuracy at the last step, 0 to 1; diverged runs count as guessing. */
  mean: number;
  standardError: number | null;
  diverged: number;
  /** Mean number of acts of a run. */
  acts: number;
  /** Median over the seeds. */
  stepMicroseconds: number;
};

/**
 * What insurance saves and costs: a cosine from its tuned rate, where it should do nothing, and from ten times that.
 *
 * With restore; all training data, judged on test data.
 */
export async function* insurance(
  options: InsuranceOptions,
): AsyncGenerator<InsuranceProgress, { results: InsuranceRow[] }> {
  checkOptionNames("`insurance`", options, optionNames);
  const { engine, networks = insuranceNetworks, seeds = 10, signal } = options;
  const stepsOf = (network: InsuranceNetwork): number => options.steps ?? insurancePlans[network].steps;
  const total = networks.reduce((sum, network) => sum + 4 * seeds * stepsOf(network), 0);
  const results: InsuranceRow[] = [];
  let done = 0;
  for (const network of networks) {
    const task = await findTask(`mnist1d/${network}`).load();
    const steps = stepsOf(network);
    const stamp = stampOf(task);
    for (const rate of ["tuned", "10 x tuned"] as const) {
      const baseRate = Number(
        (insurancePlans[network].tuned * (rate === "tuned" ? 1 : insuranceExcess)).toPrecision(3),
      );
      const runs: InsuranceRun[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const start = done;
        const pair = pairOfRuns({ task, baseRate, engine, seed, steps, ...(signal && { signal }) });
        for (;;) {
          const { done: ended, value } = await pair.next();
          if (ended) {
            runs.push(...value);
            break;
          }
          yield { network, baseRate, done: start + value, total };
        }
        done = start + 2 * steps;
      }
      const of = (isInsured: boolean) => summarise(runs.filter((run) => run.insured === isInsured));
      results.push({
        ...stamp,
        task: task.name,
        steps,
        baseRate,
        rate,
        without: of(false),
        insured: of(true),
        runs,
      });
    }
  }
  return { results };
}

type PairOptions = {
  task: Task;
  baseRate: number;
  engine: Engine;
  seed: number;
  steps: number;
  signal?: AbortSignal;
};

/** The run without and the run with insurance, a step of each in turn, so that their times are comparable. */
async function* pairOfRuns({
  task,
  baseRate,
  ...common
}: PairOptions): AsyncGenerator<number, InsuranceRun[]> {
  const inner = cosine({ baseRate });
  const runs = [inner, insured(inner, { restore: true })].map((schedule) => ({
    records: judgedRun({ ...common, task, data: allDataOf(task), schedule, judgeOn: "test" }),
    times: [] as number[],
    judged: undefined as JudgedRun | undefined,
  }));
  for (let made = 0; runs.some(({ judged }) => !judged); ) {
    for (const run of runs.filter(({ judged }) => !judged)) {
      const start = performance.now();
      const { done, value } = await run.records.next();
      if (done) run.judged = value;
      else run.times.push(1000 * (performance.now() - start));
      made++;
    }
    yield made;
  }
  return runs.map(({ judged, times }, index) => {
    const { status, last, events } = judged!;
    return {
      seed: common.seed,
      insured: index === 1,
      status,
      accuracy: last.accuracy!, // of MNIST-1D
      loss: last.loss,
      acts: actsOf(events).flatMap(({ kind, step }) => (kind === "skip" ? [] : [step])),
      stepMicroseconds: Math.round(median(times)),
    };
  });
}

function summarise(runs: readonly InsuranceRun[]): InsuranceSummary {
  return {
    ...meanAndError(runs.map(({ accuracy }) => accuracy)),
    diverged: runs.filter(({ status }) => status === "diverged").length,
    acts: meanAndError(runs.map(({ acts }) => acts.length)).mean,
    stepMicroseconds: median(runs.map(({ stepMicroseconds }) => stepMicroseconds)),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
