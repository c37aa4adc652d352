import { byStep } from "./by-step.ts";
import { checkOptionNames, checkPositive } from "./checks.ts";
import type { AnyHorizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";
import { checkSpan, horizonOf, needsOf, type Span, stepsOf } from "./span.ts";

export type InverseSquareRootOptions = {
  /** α_0 > 0: the highest rate, at the end of the warm-up. */
  baseRate: number;
  /** W: the warm-up; default 1/25 of the run, the 4000 of 100,000 steps of the original. */
  warmup?: Span;
};

/** The warm-up in steps, at least 1; T, where it is a part of the run. */
export type InverseSquareRootState = AnyHorizon & { warmup: number };

/**
 * A straight rise, then a fall with the square root of the step; needs no end of the run if W is given in steps.
 *
 *     α_t = α_0 · min((t + 1)/W, √(W/(t + 1)))
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, or if the run's context lacks what
 *   the warm-up is counted in (`totalSteps` by default).
 * @see arXiv:1706.03762, section 5.3, with α_0 in the place of (model width · W)^(-1/2).
 * @example
 * const schedule = inverseSquareRoot({ baseRate: 1, warmup: { steps: 4 } });
 * const state = schedule.init({});
 * schedule.next(state, { step: 1, loss: 1 }).learningRate; // 0.5
 * schedule.next(state, { step: 15, loss: 1 }).learningRate; // 0.5
 */
export function inverseSquareRoot(options: InverseSquareRootOptions): Schedule<InverseSquareRootState> {
  checkOptionNames("`inverseSquareRoot`", options, { baseRate: true, warmup: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  const warmup = checkSpan("warmup", options.warmup ?? { fraction: 1 / 25 });
  return byStep({
    kind: "invsqrt",
    settings: { baseRate, warmup },
    needs: needsOf(warmup),
    init: (context) => ({ warmup: Math.max(1, stepsOf(warmup, context)), ...horizonOf([warmup], context) }),
    rateAt: (step, state) =>
      baseRate * Math.min((step + 1) / state.warmup, Math.sqrt(state.warmup / (step + 1))),
  });
}
