import { byStep } from "./by-step.ts";
import { checkOptionNames, checkPositive } from "./checks.ts";
import type { AnyHorizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";
import { checkSpan, horizonOf, needsOf, type Span, stepsOf } from "./span.ts";

export type ExponentialOptions = {
  /** α_0 > 0. */
  baseRate: number;
  /** ρ > 0: what the rate is multiplied by over each period; default 0.001. */
  factor?: number;
  /** P: the period; default the whole run. */
  per?: Span;
  /** Whether the rate drops once per period, not a little at each step; default false. */
  staircase?: boolean;
};

/** The period in steps; T, where it is a part of the run. */
export type ExponentialState = AnyHorizon & { period: number };

/**
 * Exponential decay.
 *
 *     α_t = α_0 · ρ^(t / P)        with a staircase: α_0 · ρ^⌊t / P⌋
 *
 * PyTorch's `ExponentialLR(gamma)` is `{ factor: gamma, per: { epochs: 1 }, staircase: true }`.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, or if the run's context lacks what
 *   the period is counted in (`totalSteps` by default).
 * @example
 * const schedule = exponential({ baseRate: 1, factor: 0.01 });
 * const state = schedule.init({ totalSteps: 100 });
 * schedule.next(state, { step: 50, loss: 1 }).learningRate; // 0.1
 */
export function exponential(options: ExponentialOptions): Schedule<ExponentialState> {
  checkOptionNames("`exponential`", options, { baseRate: true, factor: true, per: true, staircase: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  const factor = checkPositive("factor", options.factor ?? 1e-3);
  const per = checkSpan("per", options.per ?? { fraction: 1 });
  const staircase = options.staircase ?? false;
  return byStep({
    kind: "exponential",
    settings: { baseRate, factor, per, staircase },
    needs: needsOf(per),
    init: (context) => ({ period: Math.max(1, stepsOf(per, context)), ...horizonOf([per], context) }),
    rateAt(step, { period }) {
      const periods = staircase ? Math.floor(step / period) : step / period;
      return baseRate * factor ** periods;
    },
  });
}
