import { MlrSnetError } from "../../errors.ts";
import { drawNormals, Random } from "../../random.ts";
import { type AdamState, paperAdam } from "../../schedules/index.ts";
import { adamStep, checkOptionNames, type OptionNames } from "../../schedules/internal.ts";

export type EvolutionOptions = {
  /** n ≥ 1: antithetic pairs a task. */
  pairs: number;
  /** σ > 0: standard deviation of the perturbations. */
  sigma: number;
  /** Of Adam on θ, > 0. */
  learningRate: number;
  /** Generations s ≥ 1 at the full rate, which then falls as (s / g)²; default: all. */
  steady?: number;
  /** λ ≥ 0: pulls θ towards zero, λ θ added to the gradient; default 0. */
  weightDecay?: number;
};

const optionNames: OptionNames<EvolutionOptions> = {
  pairs: true,
  sigma: true,
  learningRate: true,
  steady: true,
  weightDecay: true,
};

/** All that a resumed strategy needs: JSON-safe, float64. */
export type EvolutionState = { generation: number; theta: number[]; average: number[]; adam: AdamState };

/** How much the average prefers late iterates: its weight is on about the last 1/(1 + η) of the generations. */
const lateness = 6;

/**
 * The perturbations ε_0, ε_1, ... of a task: standard normal, a function of seed and path alone, so that a worker can draw
 * them itself and a resumed run goes on bit for bit.
 */
export function drawPerturbations(
  seed: number,
  path: readonly (string | number)[],
  pairs: number,
  size: number,
): Float64Array[] {
  const random = new Random(seed, "evolution", ...path);
  return Array.from({ length: pairs }, () => drawNormals(random, size));
}

/** θ + σ ε_0, θ - σ ε_0, θ + σ ε_1, ... */
export function antithetic(
  theta: Float64Array,
  sigma: number,
  perturbations: readonly Float64Array[],
): Float64Array[] {
  return perturbations.flatMap((epsilon) => [
    theta.map((value, k) => value + sigma * epsilon[k]!),
    theta.map((value, k) => value - sigma * epsilon[k]!),
  ]);
}

/**
 * The estimate of the objective's gradient from the weights of antithetic candidates.
 *
 *     g = 1/(2 n σ) Σ_i (v_i+ - v_i-) ε_i
 *
 * With sums of a run's perturbations in the place of ε it is the estimate of persistent evolution strategies.
 *
 * @see Salimans et al., arXiv 1703.03864; Vicol et al., arXiv 2112.13835
 */
export function estimateGradient(
  weights: readonly number[],
  perturbations: readonly Float64Array[],
  sigma: number,
): Float64Array {
  const gradient = new Float64Array(perturbations[0]!.length);
  for (const [pair, epsilon] of perturbations.entries()) {
    const weight = (weights[2 * pair]! - weights[2 * pair + 1]!) / (2 * perturbations.length * sigma);
    if (weight !== 0) for (let k = 0; k < gradient.length; k++) gradient[k]! += weight * epsilon[k]!;
  }
  return gradient;
}

/**
 * θ, moved by Adam along estimated gradients, and the average of its late iterates, which is what a schedule is made of:
 *
 *     θ̄ <- θ̄ + (1 + η) / (g + 1 + η) (θ - θ̄),   η = 6, generations g from 0
 *
 * The average needs no plan of how many generations will follow, so a run can be stopped or prolonged at any time.
 *
 * @see Shamir and Zhang, arXiv 1212.1824, section 4 (polynomial-decay averaging)
 */
export class EvolutionStrategy {
  readonly #options: EvolutionOptions;
  readonly #theta: Float64Array;
  readonly #average: Float64Array;
  readonly #adam: AdamState;
  #generation: number;

  /** @param start θ, copied; or the state of an earlier strategy. @throws {MlrSnetError} `INVALID_ARGUMENT` */
  constructor(options: EvolutionOptions, start: Float64Array | EvolutionState) {
    checkOptionNames("`EvolutionStrategy`", options, optionNames);
    const { pairs, sigma, learningRate, weightDecay = 0 } = options;
    check(Number.isInteger(pairs) && pairs >= 1, "`pairs` to be an integer ≥ 1", pairs);
    for (const [name, value] of Object.entries({ sigma, learningRate }))
      check(value > 0 && Number.isFinite(value), `\`${name}\` to be a number > 0`, value);
    check(weightDecay >= 0 && Number.isFinite(weightDecay), "`weightDecay` to be a number ≥ 0", weightDecay);
    this.#options = options;
    const fresh = start instanceof Float64Array;
    this.#theta = Float64Array.from(fresh ? start : start.theta);
    this.#average = Float64Array.from(fresh ? start : start.average);
    const zeros = () => Array<number>(start instanceof Float64Array ? start.length : 0).fill(0);
    this.#adam = fresh ? { updates: 0, m: zeros(), v: zeros() } : structuredClone(start.adam);
    this.#generation = fresh ? 0 : start.generation;
  }

  /** Number of updates made. */
  get generation(): number {
    return this.#generation;
  }

  /** θ as it is now, a copy. */
  get theta(): Float64Array {
    return this.#theta.slice();
  }

  /** θ̄, the average of late iterates, a copy. */
  get average(): Float64Array {
    return this.#average.slice();
  }

  get state(): EvolutionState {
    return {
      generation: this.#generation,
      theta: [...this.#theta],
      average: [...this.#average],
      adam: structuredClone(this.#adam),
    };
  }

  /** Moves θ against the mean of the tasks' estimates. @param gradients at least one, in the order of the tasks. */
  update(gradients: readonly Float64Array[]): void {
    const { weightDecay = 0, steady = Number.POSITIVE_INFINITY } = this.#options;
    const learningRate = this.#options.learningRate * Math.min(1, (steady / (this.#generation + 1)) ** 2);
    const mean = new Float64Array(this.#theta.length);
    for (const gradient of gradients)
      for (let k = 0; k < mean.length; k++) mean[k]! += gradient[k]! / gradients.length;
    adamStep(this.#theta, mean, this.#adam, { ...paperAdam, learningRate, weightDecay });
    const share = (1 + lateness) / (this.#generation + 1 + lateness);
    for (let k = 0; k < mean.length; k++) this.#average[k]! += share * (this.#theta[k]! - this.#average[k]!);
    this.#generation++;
  }
}

function check(condition: boolean, expected: string, got: unknown): void {
  if (!condition) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}
