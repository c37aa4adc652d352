import type { Engine } from "../engine/index.ts";
import { architectures } from "./architectures.ts";
import { antithetic, drawPerturbations, estimateGradient } from "./evolution-strategy.ts";
import type { LongHorizonOptions } from "./long-horizon-options.ts";
import { shape, valuesOf } from "./objective.ts";
import { drawTask, type MetaTask } from "./task-distribution.ts";
import { TaskRuns } from "./task-runs.ts";

/** One task of one generation, to be done by whatever worker is free. */
export type EstimateJob = { generation: number; index: number; theta: Float64Array };

export type Estimate = {
  generation: number;
  index: number;
  /** Of the objective with respect to θ, as this task sees it. */
  gradient: Float64Array;
  /** Mean over the candidates that did not diverge; null if all did. */
  value: number | null;
  diverged: number;
  candidates: number;
  /** The task in a word: architecture, optimizer, T. */
  task: string;
};

/** Estimates gradients by antithetic evolution strategies over whole runs. */
export class TaskEstimator {
  readonly #options: LongHorizonOptions;
  readonly #runs: TaskRuns;

  constructor(engine: Engine, options: LongHorizonOptions) {
    this.#options = options;
    this.#runs = new TaskRuns(engine, options.cell);
  }

  /** A pure function of the job and the options. */
  async estimate({ generation, index, theta }: EstimateJob): Promise<Estimate> {
    const { seed, pairs, sigma, shaping, distribution } = this.#options;
    const task = drawTask(seed, [generation, index], distribution);
    const perturbations = drawPerturbations(seed, [generation, index], pairs, theta.length);
    const outcome = await this.#runs.run(task, antithetic(theta, sigma, perturbations));
    const values = valuesOf(outcome);
    const healthy = values.filter((_, member) => Number.isFinite(outcome.losses[member]));
    return {
      generation,
      index,
      gradient: estimateGradient(shape(values, shaping), perturbations, sigma),
      value: healthy.length > 0 ? healthy.reduce((a, b) => a + b, 0) / healthy.length : null,
      diverged: values.length - healthy.length,
      candidates: values.length,
      task: describeTask(task),
    };
  }

  async release(): Promise<void> {
    await this.#runs.release();
  }
}

export function describeTask({ architecture, optimizer, steps }: MetaTask): string {
  return `${architectures[architecture]!.name} ${optimizer} ${steps}`;
}

/** About how long a task takes, in arbitrary units: the longest are begun first. */
export function costOf({ architecture, optimizer, steps }: MetaTask): number {
  const { longest } = architectures[architecture]!;
  return (steps / longest) * (optimizer === "adam" ? 1.5 : 1);
}
