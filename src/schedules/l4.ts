import { checkFraction, checkNotNegative, checkOptionNames, checkPositive, quantity } from "./checks.ts";
import { identityOf } from "./checksum.ts";
import type { Schedule } from "./schedule.ts";

export type L4Options = {
  /** a > 0: the fraction of the way to the target loss that one step takes, in the linear approximation; the original uses 0.15. */
  baseRate: number;
  /** b in [0, 1]: the fraction of the lowest loss that is thought reachable; default 0.9. */
  targetFraction?: number;
  /** b_0 in [0, 1]: the lowest loss starts at b_0 times the first loss; default 0.75. */
  startFraction?: number;
  /** τ ≥ 0: by what fraction a step raises the lowest loss, so that it is forgotten; default 1e-3. */
  forgetting?: number;
  /** ε > 0: keeps the division finite; default 1e-12. */
  epsilon?: number;
};

/** L_min, raised since; null before the first step. */
export type L4State = { lowestLoss: number | null };

/**
 * L4: the rate that would bring the linearised loss a fraction of the way to a target below the lowest loss seen.
 *
 *     L_min ← min(L_min, L_t)      at step 0: b_0 · L_0
 *     α_t = max(0, a · (L_t - b · L_min) / (<g_t, d_t> + ε))
 *     L_min ← (1 + τ) · L_min
 *
 * A part b of a negative loss L is taken to be L - (1 - b)|L|, below it as for a positive one, and L/(1 + τ) is above it. The
 * original is for losses that cannot fall below 0, and towards 0 the steps get small here too.
 *
 * L_t is the mini-batch loss, g_t the gradient, d_t the direction of this step's update. The base rate is not a rate
 * but the fraction a: nothing else is tuned. The original takes for g_t a running average over about ten steps; here it
 * is what the loop gives as `gradientDotDirection`, the gradient of the mini-batch, because a second average of
 * the size of the weights would serve this schedule alone; with momentum d_t is itself an average. A negative inner
 * product, possible then, is a rate of 0 and an event says so.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range. From `next`: `MISSING_OBSERVATION`,
 *   `NOT_FINITE` for the loss and the inner product.
 * @see Rolinek and Martius, NeurIPS 2018, arXiv:1802.05074, and its released code for b_0 and ε.
 * @example
 * const schedule = l4({ baseRate: 0.15 });
 * const first = schedule.next(schedule.init({}), { step: 0, loss: 2, gradientDotDirection: 4 });
 * first.learningRate; // 0.15 · (2 - 0.9 · 1.5) / 4 = 0.024375
 */
export function l4(options: L4Options): Schedule<L4State> {
  checkOptionNames("`l4`", options, {
    baseRate: true,
    targetFraction: true,
    startFraction: true,
    forgetting: true,
    epsilon: true,
  });
  const a = checkPositive("baseRate", options.baseRate);
  const b = checkFraction("targetFraction", options.targetFraction ?? 0.9);
  const b0 = checkFraction("startFraction", options.startFraction ?? 0.75);
  const τ = checkNotNegative("forgetting", options.forgetting ?? 1e-3);
  const ε = checkPositive("epsilon", options.epsilon ?? 1e-12);
  return {
    kind: "l4",
    identity: identityOf("l4", { a, b, b0, τ, ε }),
    needs: [],
    init: () => ({ lowestLoss: null }),
    wants: () => ["gradientDotDirection"],
    next(state, observed) {
      const loss = quantity(observed, "loss");
      const lowest = state.lowestLoss === null ? below(loss, b0) : Math.min(state.lowestLoss, loss);
      const unclamped = (a * (loss - below(lowest, b))) / (quantity(observed, "gradientDotDirection") + ε);
      // A product of exactly -ε would divide by zero; it is as little a descent direction as a smaller one.
      const learningRate = Number.isFinite(unclamped) ? Math.max(0, unclamped) : 0;
      const decision = {
        learningRate,
        state: { lowestLoss: lowest < 0 ? lowest / (1 + τ) : (1 + τ) * lowest },
      };
      if (learningRate === unclamped) return decision;
      const message = `L4 gave the rate ${unclamped} (not a descent direction): clamped at 0.`;
      return { ...decision, events: [{ step: observed.step, kind: "rate-clamped", message }] };
    },
  };
}

/** Below a loss of either sign by the part 1 - b of its absolute value. */
function below(loss: number, b: number): number {
  return (loss < 0 ? 2 - b : b) * loss;
}
