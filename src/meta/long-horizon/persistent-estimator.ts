import type { Dataset } from "../../data/index.ts";
import type { Engine } from "../../engine/index.ts";
import type { PopulationState } from "../population/run.ts";
import { architectures } from "../tasks/architectures.ts";
import { dataOf, distributionAt, drawTask, type MetaTask } from "../tasks/task-distribution.ts";
import { addProgress, runOf, TaskRuns } from "../tasks/task-runs.ts";
import { antithetic, drawPerturbations, estimateGradient } from "./evolution-strategy.ts";
import { shape, valuesOf } from "./objective.ts";
import type { LongHorizonOptions } from "./options.ts";
import {
  describeTask,
  type Estimate,
  type EstimateJob,
  type KeptRuns,
  summariseOutcome,
  type TaskEstimator,
} from "./task-estimator.ts";

/** A run that goes on from generation to generation. */
type Slot = {
  /** Number of the run in this slot, from 0: its task and its data follow from it, */
  draw: number;
  /** and from the generation in which it was drawn: the longest T may grow. */
  drawnAt: number;
  /** Before the first window absent. */
  population?: PopulationState;
  logInitial: number;
  /** ξ of each pair: the sum of the perturbations that the run has seen, float32. */
  sums: Float32Array[];
};

/** The task of a slot's run. */
export function slotTask(
  { seed, distribution }: LongHorizonOptions,
  index: number,
  { draw, drawnAt }: Pick<Slot, "draw" | "drawnAt">,
): MetaTask {
  return drawTask(seed, ["slot", index, draw], distributionAt(distribution, drawnAt));
}

/**
 * Persistent evolution strategies: a job advances the runs of its slot by one window of steps and weighs what the window
 * was worth by the sum of all perturbations since the run began,
 *
 *     g = 1/(2 n σ) Σ_i (v_i+ - v_i-) ξ_i,   ξ_i <- ξ_i + ε_i
 *
 * so that θ learns within a long run, and the estimate is yet that of the whole run. The windows are worth their part of
 * the average of the way; the last one the end of the run too.
 *
 * @see Vicol, Metz and Sohl-Dickstein, arXiv 2112.13835, algorithm 2
 */
export class PersistentEstimator implements TaskEstimator {
  readonly #options: LongHorizonOptions;
  readonly #runs: TaskRuns;
  readonly #slots = new Map<number, Slot>();

  constructor(engine: Engine, options: LongHorizonOptions) {
    this.#options = options;
    this.#runs = new TaskRuns(engine, options.cell);
  }

  async estimate({ generation, index, theta }: EstimateJob): Promise<Estimate> {
    const { seed, pairs, sigma, shaping, clip, averageShare, window } = this.#options;
    const slot = this.#slots.get(index) ?? this.#fresh(0, generation, theta.length);
    const task = slotTask(this.#options, index, slot);
    const { train, validation } = dataOf(task);
    const epsilons = drawPerturbations(seed, [generation, index], pairs, theta.length);
    for (const [pair, sum] of slot.sums.entries())
      for (let k = 0; k < sum.length; k++) sum[k]! += epsilons[pair]![k]!;
    const { progress, ended, population } = await this.#advance(
      slot,
      task,
      train,
      antithetic(theta, sigma, epsilons),
      window,
    );

    const average = progress.map((sum) => sum / task.steps);
    const base = { generation, index, task: describeTask(task) };
    const weigh = (values: readonly number[]): Float64Array =>
      estimateGradient(
        shape(values, shaping, clip),
        slot.sums.map((sum) => Float64Array.from(sum)),
        sigma,
      );
    if (!ended) {
      this.#slots.set(index, { ...slot, population: population.save() });
      const values = average.map((part) => averageShare * (Number.isFinite(part) ? part : 1));
      return { ...base, gradient: weigh(values), value: null, diverged: 0, ended: 0 };
    }
    const { losses, correct } = await population.evaluate(validation);
    const outcome = {
      losses: [...losses],
      correct: [...correct],
      progress: average,
      initialLoss: Math.exp(slot.logInitial),
      predicts: architectures[task.architecture]!.kind === "network",
    };
    const values = valuesOf(outcome, averageShare);
    this.#slots.set(index, this.#fresh(slot.draw + 1, generation + 1, theta.length));
    return { ...base, gradient: weigh(values), ...summariseOutcome(outcome, values) };
  }

  save(): KeptRuns {
    return Object.fromEntries(
      [...this.#slots].map(([index, { draw, drawnAt, population, logInitial, sums }]) => [
        index,
        {
          data: {
            draw,
            drawnAt,
            logInitial,
            step: population?.step ?? null,
            counts: population?.counts ?? [],
            guards: population?.guards ?? [],
          },
          arrays: {
            ...population?.arrays,
            ...Object.fromEntries(sums.map((sum, pair) => [`sums.${pair}`, sum.slice()])),
          },
        },
      ]),
    );
  }

  restore(kept: KeptRuns): void {
    for (const [index, { data, arrays }] of Object.entries(kept)) {
      const { draw, drawnAt, logInitial, step, counts, guards } = data as {
        draw: number;
        drawnAt: number;
        logInitial: number;
        step: number | null;
        counts: PopulationState["counts"];
        guards: PopulationState["guards"];
      };
      const sums = Array.from({ length: this.#options.pairs }, (_, pair) => arrays[`sums.${pair}`]!.slice());
      const own = Object.fromEntries(Object.entries(arrays).filter(([name]) => !name.startsWith("sums.")));
      const population = step === null ? {} : { population: { step, arrays: own, counts, guards } };
      this.#slots.set(Number(index), { draw, drawnAt, logInitial, sums, ...population });
    }
  }

  async release(): Promise<void> {
    await this.#runs.release();
  }

  #fresh(draw: number, drawnAt: number, size: number): Slot {
    return {
      draw,
      drawnAt,
      logInitial: 0,
      sums: Array.from({ length: this.#options.pairs }, () => new Float32Array(size)),
    };
  }

  /** The next window of the slot's run. @returns `progress`: sum over the window of ln(L_t / L_0), [members]. */
  async #advance(
    slot: Slot,
    task: MetaTask,
    train: Dataset,
    thetas: readonly Float64Array[],
    window: number,
  ) {
    const population = await this.#runs.population(task, thetas.length);
    const run = { ...runOf(task), train };
    if (slot.population) population.restore(slot.population, run, thetas);
    else population.start(run, thetas);
    const last = Math.min(task.steps, population.stepCount + window);
    const sums = new Float64Array(thetas.length);
    while (population.stepCount < last) {
      await population.step();
      if (population.stepCount === 1)
        slot.logInitial = Math.log(population.losses.find(Number.isFinite) ?? 1);
      addProgress(sums, population.losses, slot.logInitial);
    }
    return { progress: [...sums], ended: last === task.steps, population };
  }
}
