import type { Engine } from "../../engine/index.ts";
import { distributionAt, drawTask } from "../tasks/task-distribution.ts";
import { TaskRuns } from "../tasks/task-runs.ts";
import { antithetic, drawPerturbations, estimateGradient } from "./evolution-strategy.ts";
import { shape, valuesOf } from "./objective.ts";
import type { LongHorizonOptions } from "./options.ts";
import { SingleTaskRuns } from "./single-task-runs.ts";
import {
  describeTask,
  type Estimate,
  type EstimateJob,
  type KeptRuns,
  summariseOutcome,
  type TaskEstimator,
} from "./task-estimator.ts";

/** Antithetic evolution strategies over whole runs: every job is a pure function of what it is told. */
export class WholeRunEstimator implements TaskEstimator {
  readonly #options: LongHorizonOptions;
  readonly #runs: TaskRuns | SingleTaskRuns;

  constructor(engine: Engine, options: LongHorizonOptions) {
    this.#options = options;
    this.#runs = options.task
      ? new SingleTaskRuns(engine, options.cell, options.task)
      : new TaskRuns(engine, options.cell);
  }

  async estimate({ generation, index, theta }: EstimateJob): Promise<Estimate> {
    const { seed, pairs, sigma, shaping, clip, averageShare, distribution } = this.#options;
    const task = drawTask(seed, [generation, index], distributionAt(distribution, generation));
    const perturbations = drawPerturbations(seed, [generation, index], pairs, theta.length);
    const outcome = await this.#runs.run(task, antithetic(theta, sigma, perturbations));
    const values = valuesOf(outcome, averageShare);
    return {
      generation,
      index,
      gradient: estimateGradient(shape(values, shaping, clip), perturbations, sigma),
      ...summariseOutcome(outcome, values),
      task: this.#options.task?.reference ?? describeTask(task),
    };
  }

  save(): KeptRuns {
    return {};
  }

  restore(): void {}

  async release(): Promise<void> {
    await this.#runs.release();
  }
}
