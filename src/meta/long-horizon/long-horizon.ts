import { MlrSnetError } from "../../errors.ts";
import { parameterCount, type ScheduleFile } from "../../schedules/index.ts";
import { initialiseParameters } from "../../schedules/internal.ts";
import type { Transport } from "../../workers/index.ts";
import { distributionAt, drawTask } from "../tasks/task-distribution.ts";
import { EstimatorPool } from "./estimator-pool.ts";
import { type EvolutionState, EvolutionStrategy } from "./evolution-strategy.ts";
import { checkLongHorizonOptions, type LongHorizonOptions } from "./options.ts";
import { costOf, type Estimate, type KeptRuns } from "./task-estimator.ts";

/** One generation: one line of the records file. */
export type LongHorizonRecord = {
  /** The generation, from 0. */
  step: number;
  /** Mean over tasks and candidates of the objective, smaller is better; null if all diverged, or no run ended. */
  value: number | null;
  /** Share of the candidates' runs that diverged, of those that ended. */
  diverged: number;
  /** Euclidean norm of the gradient's estimate. */
  gradientNorm: number;
  tasks: { task: string; value: number | null; diverged: number }[];
  /** Seconds since the start of the training, earlier parts of a resumed one included. */
  seconds: number;
};

/** All that a resumed training needs. */
export type LongHorizonState = { evolution: EvolutionState; seconds: number; kept: KeptRuns };

export type LongHorizonRunOptions = LongHorizonOptions & {
  /** Default 0: in this thread. Changes nothing but the time. */
  workers?: number;
  /** What opens the workers. Default: threads. */
  transport?: Transport;
  resume?: LongHorizonState;
};

/**
 * Long-horizon meta-training: θ is moved so that runs *end* well, over many kinds of task, by evolution strategies.
 *
 * A generation draws tasks; on each, antithetic candidates around θ drive a population of networks through a whole run;
 * what they made of it gives an estimate of the gradient; Adam takes a step. The schedule is the average of late iterates.
 *
 * @see "What we found out" on the paper's short horizon in docs/meta.md; Salimans et al., arXiv 1703.03864
 */
export class LongHorizonTraining {
  readonly options: LongHorizonOptions;
  readonly #pool: EstimatorPool;
  readonly #strategy: EvolutionStrategy;
  #seconds: number;

  private constructor(options: LongHorizonOptions, pool: EstimatorPool, resume?: LongHorizonState) {
    this.options = options;
    const { pairs, sigma, learningRate, steady } = options;
    this.#pool = pool;
    this.#strategy = new EvolutionStrategy(
      { pairs, sigma, learningRate, steady },
      resume?.evolution ?? startOf(options),
    );
    this.#seconds = resume?.seconds ?? 0;
  }

  /** @throws {MlrSnetError} `INVALID_ARGUMENT`, `STATE_MISMATCH` for a state of a schedule of another size. */
  static async create({
    workers = 0,
    transport,
    resume,
    ...options
  }: LongHorizonRunOptions): Promise<LongHorizonTraining> {
    checkLongHorizonOptions(options);
    const size = parameterCount(options.cell);
    if (resume && resume.evolution.theta.length !== size)
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected a state of ${size} parameters, got one of ${resume.evolution.theta.length}.`,
      );
    const pool = await EstimatorPool.open(workers, options, transport);
    try {
      if (resume) await pool.restore(resume.kept);
      return new LongHorizonTraining(options, pool, resume);
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  get generation(): number {
    return this.#strategy.generation;
  }

  /** Seconds spent on generations. */
  get seconds(): number {
    return this.#seconds;
  }

  /** θ of the schedule as it is now. */
  get theta(): Float64Array {
    return this.#strategy.average;
  }

  /** Between two generations: all that a resumed training needs. */
  async save(): Promise<LongHorizonState> {
    return { evolution: this.#strategy.state, seconds: this.#seconds, kept: await this.#pool.save() };
  }

  /**
   * One generation after the other, without end: the caller stops when the budget is spent.
   *
   * @throws {MlrSnetError} `NOT_FINITE` where θ grows beyond all bounds; what a task's data or the engine fail at.
   */
  async *records(): AsyncGenerator<LongHorizonRecord, never> {
    for (;;) {
      const start = performance.now();
      const record = await this.#generation();
      this.#seconds += (performance.now() - start) / 1000;
      yield { ...record, seconds: Number(this.#seconds.toFixed(3)) };
    }
  }

  /** The schedule as it is now. @param provenance where it comes from, beside the options. */
  schedule(provenance: Readonly<Record<string, unknown>> = {}): ScheduleFile {
    const { cell, task, ...others } = this.options;
    // Not where the data lie: that is the machine's, and a file goes to others.
    const recipe = { ...others, ...(task && { task: { reference: task.reference, steps: task.steps } }) };
    return {
      cell,
      snapshots: { switchRule: "fractions", fractions: [0], thetas: [this.theta] },
      provenance: { recipe: "long-horizon", ...recipe, generations: this.generation, ...provenance },
    };
  }

  async release(): Promise<void> {
    await this.#pool.close();
  }

  async #generation(): Promise<Omit<LongHorizonRecord, "seconds">> {
    const { seed, tasks, distribution } = this.options;
    const generation = this.#strategy.generation;
    const theta = this.#strategy.theta;
    const jobs = Array.from({ length: tasks }, (_, index) => ({ generation, index, theta }));
    const costs = jobs.map(({ index }) =>
      costOf(drawTask(seed, [generation, index], distributionAt(distribution, generation))),
    );
    const order = jobs.map(({ index }) => index).sort((a, b) => costs[b]! - costs[a]!);
    const estimates = await this.#pool.run(jobs, order);
    const gradients = estimates.map(({ gradient }) => gradient);
    const gradientNorm = normOfMean(gradients);
    this.#strategy.update(gradients);
    // In float32, as the schedule's file has them.
    if (!Number.isFinite(gradientNorm) || !this.#strategy.theta.every((w) => Number.isFinite(Math.fround(w))))
      throw new MlrSnetError(
        "NOT_FINITE",
        `Expected finite weights of the schedule after generation ${generation}, got others: give a smaller learning rate, or a larger sigma.`,
      );
    return { step: generation, ...summarise(estimates), gradientNorm };
  }
}

/** The readout's bias at the start. */
const startBias = 0.6;

/** A fresh network, its readout the same whatever it reads: a rate that rises slowly, where it integrates. */
function startOf({ cell, seed }: LongHorizonOptions): Float64Array {
  const theta = initialiseParameters(cell, seed);
  theta.fill(0, theta.length - cell.hidden - 1);
  if (cell.output !== "sigmoid") theta[theta.length - 1] = startBias;
  return theta;
}

function summarise(estimates: readonly Estimate[]): Pick<LongHorizonRecord, "value" | "diverged" | "tasks"> {
  const values = estimates.flatMap(({ value }) => (value === null ? [] : [value]));
  const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
  return {
    value: values.length > 0 ? sum(values) / values.length : null,
    diverged:
      sum(estimates.map(({ diverged }) => diverged)) / Math.max(1, sum(estimates.map(({ ended }) => ended))),
    tasks: estimates.map(({ task, value, diverged }) => ({ task, value, diverged })),
  };
}

function normOfMean(gradients: readonly Float64Array[]): number {
  let squares = 0;
  for (let k = 0; k < gradients[0]!.length; k++) {
    let sum = 0;
    for (const gradient of gradients) sum += gradient[k]!;
    squares += (sum / gradients.length) ** 2;
  }
  return Math.sqrt(squares);
}
