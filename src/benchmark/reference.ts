import type { Engine } from "../engine/index.ts";
import { constant } from "../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { allDataOf } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { type JudgedRun, judgedRun } from "./judged-run.ts";
import { type Stamp, stampOf } from "./stamp.ts";
import { meanAndError } from "./statistics.ts";

/** Test accuracy in percent, from Greydanus and Kobak, "Scaling down deep learning with MNIST-1D", arXiv 2011.14439. */
const published = { logistic: 32, mlp: 68, cnn: 94, gru: 91 } as const;

/** The networks whose accuracy on MNIST-1D is published. */
export type ReferenceNetwork = keyof typeof published;

export const referenceNetworks: readonly ReferenceNetwork[] = Object.keys(published) as ReferenceNetwork[];

export type ReferenceOptions = {
  engine: Engine;
  networks?: readonly ReferenceNetwork[];
  /** Seeds 0, 1, ..., default 3 of them. */
  seeds?: number;
  /** T; default 6000, as published. */
  steps?: number;
  signal?: AbortSignal;
};

const optionNames: OptionNames<ReferenceOptions> = {
  engine: true,
  networks: true,
  seeds: true,
  steps: true,
  signal: true,
};

export type ReferenceProgress = {
  network: ReferenceNetwork;
  seed: number;
  run: number;
  runs: number;
  step: number;
  steps: number;
};

/** Accuracies in percent: the mean over the seeds at the last step and at the best, beside the published one. */
export type ReferenceSummary = Stamp & {
  network: ReferenceNetwork;
  published: number;
  last: number;
  standardError: number | null;
  best: number;
  /** Last minus published, in points. */
  difference: number;
  /** Last step of each seed. */
  accuracies: number[];
};

export type ReferenceResult = { steps: number; results: ReferenceSummary[] };

/**
 * Trains the networks of MNIST-1D by their published recipe: Adam, a constant rate of 0.01, batches of 100, 6000 steps,
 * the 4000 training examples; accuracy on the 1000 test examples.
 *
 * @see github.com/greydanus/mnist1d, the quickstart notebook
 */
export async function* reference(
  options: ReferenceOptions,
): AsyncGenerator<ReferenceProgress, ReferenceResult> {
  checkOptionNames("`reference`", options, optionNames);
  const { engine, networks = referenceNetworks, seeds = 3, steps = 6000, signal } = options;
  const result: ReferenceResult = { steps, results: [] };
  const runs = networks.length * seeds;
  for (const [index, network] of networks.entries()) {
    const task = { ...(await findTask(`mnist1d/${network}`).load()), optimizer: { kind: "adam" as const } };
    const judged: JudgedRun[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const records = judgedRun({
        task,
        data: allDataOf(task),
        schedule: constant({ baseRate: 0.01 }),
        engine,
        seed,
        steps,
        evaluateEvery: 250,
        judgeOn: "test",
        ...(signal && { signal }),
      });
      for (;;) {
        const { done, value } = await records.next();
        if (done) {
          judged.push(value);
          break;
        }
        yield { network, seed, run: index * seeds + seed, runs, step: value.step, steps };
      }
    }
    result.results.push({ ...summarise(network, judged), ...stampOf(task) });
  }
  return result;
}

function summarise(
  network: ReferenceNetwork,
  runs: readonly JudgedRun[],
): Omit<ReferenceSummary, keyof Stamp> {
  const percent = (fraction: number): number => Number((100 * fraction).toFixed(2));
  const accuracies = runs.map(({ last }) => percent(last.accuracy!));
  const { mean, standardError } = meanAndError(accuracies);
  return {
    network,
    published: published[network],
    last: Number(mean.toFixed(2)),
    standardError: standardError === null ? null : Number(standardError.toFixed(2)),
    best: Number(meanAndError(runs.map(({ best }) => percent(best.accuracy!))).mean.toFixed(2)),
    difference: Number((mean - published[network]).toFixed(2)),
    accuracies,
  };
}
