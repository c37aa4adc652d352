import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { type AdamState, adamStep, paperAdam } from "../schedules/index.ts";
import { centredRanks } from "./rank-shaping.ts";

export type EvolutionOptions = {
  /** n ≥ 1: antithetic pairs a generation. */
  pairs: number;
  /** σ > 0: standard deviation of the perturbations. */
  sigma: number;
  /** Of Adam on θ, > 0. */
  learningRate: number;
  /** λ ≥ 0: pulls θ towards zero, λ θ added to the gradient; default 0. */
  weightDecay?: number;
  /** Of the perturbations. */
  seed: number;
};

/** All that a resumed strategy needs: JSON-safe, float64. */
export type EvolutionState = { generation: number; theta: number[]; adam: AdamState };

/**
 * Antithetic evolution strategies: minimises an objective that can only be measured.
 *
 *     g = 1/(2 n σ) Σ_i (r_i+ - r_i-) ε_i,   θ <- Adam(g),   r: centred ranks of the losses at θ ± σ ε_i
 *
 * The perturbations of a generation are a function of seed and generation alone, so that workers can draw them
 * themselves, and a resumed run goes on bit for bit.
 *
 * @see Salimans et al., arXiv 1703.03864; Rechenberg 1973
 * @example
 * const strategy = new EvolutionStrategy({ pairs: 16, sigma: 0.1, learningRate: 0.02, seed: 0 }, theta);
 * for (;;) strategy.tell(await measure(strategy.ask()));
 */
export class EvolutionStrategy {
  readonly #options: EvolutionOptions;
  readonly #theta: Float64Array;
  readonly #adam: AdamState;
  #generation: number;

  /** @param start θ, copied; or the state of an earlier strategy. @throws {MlrSnetError} `INVALID_ARGUMENT` */
  constructor(options: EvolutionOptions, start: Float64Array | EvolutionState) {
    const { pairs, sigma, learningRate, weightDecay = 0 } = options;
    check(Number.isInteger(pairs) && pairs >= 1, "`pairs` to be an integer ≥ 1", pairs);
    check(sigma > 0 && Number.isFinite(sigma), "`sigma` to be a number > 0", sigma);
    check(
      learningRate > 0 && Number.isFinite(learningRate),
      "`learningRate` to be a number > 0",
      learningRate,
    );
    check(weightDecay >= 0 && Number.isFinite(weightDecay), "`weightDecay` to be a number ≥ 0", weightDecay);
    this.#options = options;
    if (start instanceof Float64Array) {
      const zeros = () => Array<number>(start.length).fill(0);
      this.#theta = start.slice();
      this.#adam = { updates: 0, m: zeros(), v: zeros() };
      this.#generation = 0;
    } else {
      this.#theta = Float64Array.from(start.theta);
      this.#adam = structuredClone(start.adam);
      this.#generation = start.generation;
    }
  }

  /** Number of updates made. */
  get generation(): number {
    return this.#generation;
  }

  /** θ as it is now, a copy. */
  get theta(): Float64Array {
    return this.#theta.slice();
  }

  get state(): EvolutionState {
    return { generation: this.#generation, theta: [...this.#theta], adam: structuredClone(this.#adam) };
  }

  /** The 2 n candidates of this generation: θ + σ ε_0, θ - σ ε_0, θ + σ ε_1, ... */
  ask(): Float64Array[] {
    return this.#perturbations().flatMap((epsilon) => [
      this.#theta.map((value, k) => value + this.#options.sigma * epsilon[k]!),
      this.#theta.map((value, k) => value - this.#options.sigma * epsilon[k]!),
    ]);
  }

  /**
   * Moves θ by what the candidates lost.
   *
   * @param losses of the candidates of `ask`, in their order, smaller is better; or a list of those for each of
   * several tasks, which are ranked task by task so that none outweighs the others. Not finite counts as the worst.
   * @returns the estimated gradient, flat as θ.
   */
  tell(losses: readonly number[] | readonly (readonly number[])[]): Float64Array {
    const { pairs, sigma, learningRate, weightDecay = 0 } = this.#options;
    const tasks = (Array.isArray(losses[0]) ? losses : [losses]) as readonly (readonly number[])[];
    for (const { length } of tasks)
      check(length === 2 * pairs, `${2 * pairs} losses, one for each candidate`, length);
    const shaped = tasks.map(centredRanks);
    const gradient = new Float64Array(this.#theta.length);
    for (const [pair, epsilon] of this.#perturbations().entries()) {
      let difference = 0;
      for (const ranks of shaped) difference += ranks[2 * pair]! - ranks[2 * pair + 1]!;
      const weight = difference / (2 * pairs * sigma * shaped.length);
      for (let k = 0; k < gradient.length; k++) gradient[k]! += weight * epsilon[k]!;
    }
    adamStep(this.#theta, gradient, this.#adam, { ...paperAdam, learningRate, weightDecay });
    this.#generation++;
    return gradient;
  }

  #perturbations(): Float64Array[] {
    const random = new Random(this.#options.seed, "evolution", this.#generation);
    return Array.from({ length: this.#options.pairs }, () =>
      Float64Array.from(this.#theta, () => random.normal()),
    );
  }
}

function check(condition: boolean, expected: string, got: unknown): void {
  if (!condition) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}
