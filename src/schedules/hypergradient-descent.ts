import { checkChoice, checkOptionNames, checkPositive, quantity } from "./checks.ts";
import { identityOf } from "./checksum.ts";
import type { Observed, Schedule } from "./schedule.ts";

export type HypergradientDescentOptions = {
  /** α_0 > 0: the rate of step 0; the original experiments start at 0.001. */
  baseRate: number;
  /** β > 0: the rate at which the rate learns; default 0.001, for the multiplicative rule 0.02. */
  hyperRate?: number;
  /** Whether the hypergradient is added to the rate, or its cosine scales the rate; default additive. */
  rule?: "additive" | "multiplicative";
};

export type HypergradientDescentState = {
  learningRate: number;
  /** ||d_{t-1}||, for the multiplicative rule; null before the first step. */
  previousDirectionNorm: number | null;
};

/**
 * HD, hypergradient descent: the rate follows the inner product of the gradient with the last update's direction.
 *
 *     additive:        α_t = max(0, α_{t-1} + β · <g_t, d_{t-1}>)
 *     multiplicative:  α_t = max(0, α_{t-1} · (1 + β · <g_t, d_{t-1}> / (||g_t|| · ||d_{t-1}||)))
 *
 * g_t is the gradient of the mini-batch loss (the released code adds the weight decay to it), d_{t-1} the direction of the
 * last update, w_t = w_{t-1} - α_{t-1} · d_{t-1}. At step 0 there is none and α_0 is the base rate. A rate below zero
 * would climb: it is clamped at 0, which the original does not do, and an event says so where the rate gets there; the additive rule can rise
 * from 0 again, the multiplicative one cannot.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range. From `next`: `MISSING_OBSERVATION`,
 *   `NOT_FINITE` for the inner product and the norms.
 * @see Baydin et al., ICLR 2018, arXiv:1703.04782, equations of SGD-HD and of the multiplicative rule; β = α_0 = 0.001
 *   in its published runs. The default of the multiplicative β is ours.
 * @example
 * const schedule = hypergradientDescent({ baseRate: 0.1, hyperRate: 0.01 });
 * const state = schedule.init({});
 * schedule.next(state, { step: 1, loss: 1, gradientDotPreviousDirection: 2 }).learningRate; // 0.1 + 0.01 · 2 = 0.12
 */
export function hypergradientDescent(
  options: HypergradientDescentOptions,
): Schedule<HypergradientDescentState> {
  checkOptionNames("`hypergradientDescent`", options, { baseRate: true, rule: true, hyperRate: true });
  const α0 = checkPositive("baseRate", options.baseRate);
  const rule = checkChoice("rule", options.rule ?? "additive", ["additive", "multiplicative"]);
  const multiplicative = rule === "multiplicative";
  const β = checkPositive("hyperRate", options.hyperRate ?? (multiplicative ? 0.02 : 1e-3));
  const wanted: readonly (keyof Observed)[] = multiplicative
    ? ["gradientDotPreviousDirection", "gradientNorm", "directionNorm"]
    : ["gradientDotPreviousDirection"];
  return {
    kind: "hd",
    identity: identityOf("hd", { baseRate: α0, rule, hyperRate: β }),
    needs: [],
    init: () => ({ learningRate: α0, previousDirectionNorm: null }),
    wants: () => wanted,
    next(state, observed) {
      const h = quantity(observed, "gradientDotPreviousDirection");
      let previousDirectionNorm: number | null = null;
      let unclamped = state.learningRate + β * h;
      if (multiplicative) {
        const norms = quantity(observed, "gradientNorm") * (state.previousDirectionNorm ?? 0);
        // Without a previous direction, or at a gradient of exactly zero, there is no angle and the rate stays.
        unclamped = state.learningRate * (1 + (norms > 0 ? (β * h) / norms : 0));
        previousDirectionNorm = quantity(observed, "directionNorm");
      }
      const learningRate = Math.max(0, unclamped);
      const decision = { learningRate, state: { learningRate, previousDirectionNorm } };
      // At 0 already, nothing changes, and there is nothing to say.
      if (unclamped >= 0 || state.learningRate === 0) return decision;
      const message = `The hypergradient step gave the rate ${unclamped}: clamped at 0.`;
      return { ...decision, events: [{ step: observed.step, kind: "rate-clamped", message }] };
    },
  };
}
