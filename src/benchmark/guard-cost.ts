import type { Engine } from "../engine/index.ts";
import { cosine, divergenceGuard } from "../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { allDataOf, type Task } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { actsOf } from "./acts.ts";
import { type JudgedRun, judgedRun } from "./judged-run.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { meanAndError } from "./statistics.ts";

/** The best of 0.2, 0.4, ..., 12.8 for a cosine by validation accuracy at the last step, one seed; and run lengths. */
export const guardCostPlans = {
  mlp: { tuned: 1.6, steps: 400 },
  cnn: { tuned: 0.4, steps: 400 },
  "cnn-bn": { tuned: 1.6, steps: 400 },
  gru: { tuned: 3.2, steps: 200 },
} as const;

/** The networks on MNIST-1D that a wrong rate is forced on. */
export type GuardCostNetwork = keyof typeof guardCostPlans;

export const guardCostNetworks: readonly GuardCostNetwork[] = Object.keys(
  guardCostPlans,
) as GuardCostNetwork[];

/** How much too large the forced rate is. */
export const guardCostExcess = 10;

export type GuardCostOptions = {
  engine: Engine;
  networks?: readonly GuardCostNetwork[];
  /** Seeds 1, 2, ..., default 10 of them. */
  seeds?: number;
  /** T; default 400, 200 for the GRU. */
  steps?: number;
  signal?: AbortSignal;
};

const optionNames: OptionNames<GuardCostOptions> = {
  engine: true,
  networks: true,
  seeds: true,
  steps: true,
  signal: true,
};

/** `done` of `total` steps; diverged runs leave some out. */
export type GuardCostProgress = { network: GuardCostNetwork; baseRate: number; done: number; total: number };

export type GuardCostRun = {
  seed: number;
  guarded: boolean;
  status: JudgedRun["status"];
  /** Test accuracy and loss at the last step. */
  accuracy: number;
  loss: number | null;
  /** Steps at which the guard went back or cut the rate. */
  acts: number[];
  /** Median wall time of a step, µs; the runs with and without the divergence guard take their steps in turn. */
  stepMicroseconds: number;
};

/** One task at one rate: the same seeds without and with the guard. */
export type GuardCostRow = Stamp & {
  task: string;
  steps: number;
  baseRate: number;
  /** The rate is the tuned one, or ten times that. */
  rate: "tuned" | "10 x tuned";
  without: GuardCostSummary;
  guarded: GuardCostSummary;
  runs: GuardCostRun[];
};

export type GuardCostSummary = {
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
 * What the guard saves and costs: a cosine from its tuned rate, where it should do nothing, and from ten times that.
 *
 * With restore; all training data, judged on test data.
 */
export async function* guardCost(
  options: GuardCostOptions,
): AsyncGenerator<GuardCostProgress, { results: GuardCostRow[] }> {
  checkOptionNames("`guardCost`", options, optionNames);
  const { engine, networks = guardCostNetworks, seeds = 10, signal } = options;
  const stepsOf = (network: GuardCostNetwork): number => options.steps ?? guardCostPlans[network].steps;
  const total = networks.reduce((sum, network) => sum + 4 * seeds * stepsOf(network), 0);
  const results: GuardCostRow[] = [];
  let done = 0;
  for (const network of networks) {
    const task = await findTask(`mnist1d/${network}`).load();
    const steps = stepsOf(network);
    const stamp = stampOf(task);
    for (const rate of ["tuned", "10 x tuned"] as const) {
      const baseRate = Number(
        (guardCostPlans[network].tuned * (rate === "tuned" ? 1 : guardCostExcess)).toPrecision(3),
      );
      const runs: GuardCostRun[] = [];
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
      const of = (isGuarded: boolean) => summarise(runs.filter((run) => run.guarded === isGuarded));
      results.push({
        ...stamp,
        task: task.name,
        steps,
        baseRate,
        rate,
        without: of(false),
        guarded: of(true),
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

/** The run without and the run with the guard, a step of each in turn, so that their times are comparable. */
async function* pairOfRuns({
  task,
  baseRate,
  ...common
}: PairOptions): AsyncGenerator<number, GuardCostRun[]> {
  const inner = cosine({ baseRate });
  const runs = [inner, divergenceGuard(inner, { restore: true })].map((schedule) => ({
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
      guarded: index === 1,
      status,
      accuracy: last.accuracy!, // of MNIST-1D
      loss: last.loss,
      acts: actsOf(events).flatMap(({ kind, step }) => (kind === "skip" ? [] : [step])),
      stepMicroseconds: Math.round(median(times)),
    };
  });
}

function summarise(runs: readonly GuardCostRun[]): GuardCostSummary {
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
