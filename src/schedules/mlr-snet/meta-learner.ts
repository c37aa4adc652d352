import { MlrSnetError } from "../../errors.ts";
import { checkCount, checkObserved, checkOptionNames, checkPositive } from "../checks.ts";
import type { Observed } from "../schedule.ts";
import { type AdamOptions, type AdamState, adamStep, paperAdam } from "./adam.ts";
import { FastCell } from "./cell.fast.ts";
import { backward, emptyMemory, forward, type Memory, type Tape } from "./cell.ts";
import { type CellConfig, checkCell } from "./config.ts";
import { readInputs } from "./inputs.ts";
import {
  emptyLossStatistics,
  hasLossStatistics,
  type LossStatistics,
  lossStatisticsCheck,
} from "./loss-statistics.ts";
import { rateOf } from "./output.ts";
import { parameterCount } from "./parameters.ts";

/**
 * dL_val(ŵ)/dθ from two scalars. With ŵ = w - α·d, α = γ·p and d independent of θ,
 *
 *     dL_val/dθ = -γ · <∇L_val(ŵ), d> · dp/dθ
 *
 * so no second derivative is needed: one inner product, and one LSTM step backwards. In the integrating form
 * α = α_{t-1}·exp(δ·p) with p = tanh z, so α·δ, which is dα/dp, stands in the place of γ.
 *
 * @param tape the step of the network that gave p, from `forward` with the same θ.
 * @param gamma dα/dp: γ > 0, or α·δ for the integrating form (0 where its floor or ceiling holds), see `rateOf`.
 * @param innerProduct <∇L_val(ŵ), d>: validation gradient at the look-ahead weights times the update direction.
 * @returns flat, as θ.
 */
export function hypergradient(step: {
  cell: CellConfig;
  theta: Float64Array;
  tape: Tape;
  gamma: number;
  innerProduct: number;
}): Float64Array {
  const gradient = new Float64Array(step.theta.length);
  backward(step.cell, step.theta, step.tape, -step.gamma * step.innerProduct, gradient);
  return gradient;
}

export type MetaLearnerOptions = {
  cell: CellConfig;
  /** γ > 0: see `learningRateRange`. The integrating form does not read it. */
  gamma?: number;
  /** C; needed where the cell reads loss / ln C. */
  classes?: number;
  /** T; needed where the cell reads the horizon. */
  totalSteps?: number;
  /** Of the optimizer, for rates in units of it; default 0.1. */
  usualRate?: number;
  adam?: AdamOptions;
};

/** What a checkpoint holds between two steps: JSON-safe, float64, resumes bit for bit. */
export type MetaLearnerState = {
  theta: number[];
  adam: AdamState;
  memory: Memory;
  /** γ; 1 where the integrating form was given none. */
  gamma: number;
  /** What inputs and output form remember; absent for the paper's cells. */
  history?: LossStatistics;
};

/** Gradient quantities, for cells that read them. */
export type MetaObserved = Partial<Omit<Observed, "step" | "loss">>;

/**
 * Learns θ while a network trains, for any training loop: it sees two scalars, the loss and <∇L_val(ŵ), d>.
 * The memory (h, c) advances exactly once per real step; the released code advances it twice on update steps.
 *
 * @example
 * // every T_val steps:
 * const α = learner.propose(loss);              // 1. rate of the look-ahead step
 * learner.learn(dot(gradVal(w - α * d), d));    // 2., 3. θ <- Adam(dL_val/dθ)
 * // every step:
 * w = w - learner.commit(loss) * d;             // 4. the real step, with the new θ
 */
export class MetaLearner {
  readonly #options: MetaLearnerOptions;
  readonly #theta: Float64Array;
  readonly #adam: AdamState;
  #memory: Memory;
  #gamma: number;
  #history: LossStatistics;
  /** The network's last proposal, and dα/dp there. */
  #proposed: { tape: Tape; slope: number } | undefined;
  #fast: FastCell | undefined;

  /** @param start θ, [parameterCount], copied; or a checkpoint's state. */
  constructor(options: MetaLearnerOptions, start: Float64Array | MetaLearnerState) {
    checkOptionNames("`MetaLearner`", options, {
      cell: true,
      gamma: true,
      classes: true,
      totalSteps: true,
      usualRate: true,
      adam: true,
    });
    checkOptionNames("`adam`", options.adam ?? paperAdam, {
      learningRate: true,
      beta1: true,
      beta2: true,
      epsilon: true,
      weightDecay: true,
    });
    const cell = checkCell(options.cell);
    if (cell.inputs.includes("loss-over-log-classes")) checkCount("classes", options.classes, 2);
    this.#options = options;
    const fresh = start instanceof Float64Array;
    const zeros = (): number[] => new Array<number>(parameterCount(cell)).fill(0);
    const state = fresh
      ? {
          theta: start,
          adam: { updates: 0, m: zeros(), v: zeros() },
          memory: emptyMemory(cell),
          gamma: options.gamma ?? (cell.output === "sigmoid" ? Number.NaN : 1),
          ...(hasLossStatistics(cell) && { history: emptyLossStatistics(cell, options) }),
        }
      : structuredClone(start);
    const count = parameterCount(cell);
    const lengths = [state.theta, state.adam.m, state.adam.v].map(({ length }) => length);
    const forgot = !lossStatisticsCheck(cell)(state.history);
    if (forgot || lengths.some((length) => length !== count))
      throw new MlrSnetError(
        fresh ? "SHAPE_MISMATCH" : "STATE_MISMATCH",
        `Expected θ of ${count} numbers for this cell, got ${lengths[0]}${forgot ? " and no whole history" : ""}.`,
      );
    this.#theta = Float64Array.from(state.theta);
    this.#adam = state.adam;
    this.#memory = state.memory;
    this.#gamma = checkPositive("gamma", state.gamma);
    this.#history = state.history ?? emptyLossStatistics();
  }

  /** α for the look-ahead ŵ = w - α·d, at this step's training loss. The memory stays where it is. */
  propose(loss: number, observed: MetaObserved = {}): number {
    const { cell } = this.#options;
    const { inputs } = this.#read(loss, observed);
    const tape = forward(cell, this.#theta, inputs, this.#memory);
    const { learningRate, slope } = rateOf(cell.output, tape.p, this.#gamma, this.#history);
    this.#proposed = { tape, slope };
    return learningRate;
  }

  /**
   * θ <- Adam(dL_val/dθ), for the rate proposed last.
   *
   * @param innerProduct <∇L_val(ŵ), d>.
   * @returns dL_val/dθ, flat, before Adam's L2 term.
   */
  learn(innerProduct: number): Float64Array {
    if (this.#proposed === undefined)
      throw new MlrSnetError("INVALID_ARGUMENT", "Expected `propose(loss)` before `learn(innerProduct)`.");
    const gradient = hypergradient({
      cell: this.#options.cell,
      theta: this.#theta,
      tape: this.#proposed.tape,
      gamma: this.#proposed.slope,
      innerProduct: checkFinite(innerProduct, "innerProduct"),
    });
    adamStep(this.#theta, gradient, this.#adam, this.#options.adam ?? paperAdam);
    this.#proposed = undefined;
    this.#fast = undefined;
    return gradient;
  }

  /** α of the real step: from the same memory and loss, with θ as it is now. Advances the memory. */
  commit(loss: number, observed: MetaObserved = {}): number {
    const { cell } = this.#options;
    this.#fast ??= new FastCell(cell, this.#theta);
    const { inputs, history } = this.#read(loss, observed);
    const { p, memory } = this.#fast.forward(inputs, this.#memory);
    const { learningRate, logRate } = rateOf(cell.output, p, this.#gamma, this.#history);
    this.#memory = memory;
    this.#history = { ...history, logRate, output: p };
    this.#proposed = undefined;
    return learningRate;
  }

  /** Goes on to another training run: memory and history zero and a new γ; θ and Adam's means are kept. */
  startRun(gamma: number = this.#gamma): void {
    this.#gamma = checkPositive("gamma", gamma);
    this.#memory = emptyMemory(this.#options.cell);
    this.#history = emptyLossStatistics(this.#options.cell, this.#options);
    this.#proposed = undefined;
  }

  /** θ as it is now, a copy: one snapshot. */
  get theta(): Float64Array {
    return this.#theta.slice();
  }

  get gamma(): number {
    return this.#gamma;
  }

  /** To be read between steps: a rate proposed but not yet committed is not part of it. */
  get state(): MetaLearnerState {
    const { updates, m, v } = this.#adam;
    return {
      theta: Array.from(this.#theta),
      adam: { updates, m: m.slice(), v: v.slice() },
      memory: this.#memory,
      gamma: this.#gamma,
      ...(hasLossStatistics(this.#options.cell) && { history: this.#history }),
    };
  }

  #read(loss: number, observed: MetaObserved): { inputs: number[]; history: LossStatistics } {
    const { cell, classes } = this.#options;
    const { step } = this.#history;
    const seen = { ...observed, loss: checkFinite(loss, "loss"), step };
    return readInputs(cell.inputs, this.#history, seen, classes);
  }
}

function checkFinite(value: number, name: string): number {
  if (Number.isFinite(checkObserved(name, value))) return value;
  throw new MlrSnetError("NOT_FINITE", `Expected \`${name}\` to be finite, got ${value}.`);
}
