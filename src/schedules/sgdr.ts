import { byStep } from "./by-step.ts";
import { checkFraction, checkNumber, checkOptionNames, checkPositive } from "./checks.ts";
import { halfCosine } from "./cosine.ts";
import type { AnyHorizon } from "./extend.ts";
import type { RunContext, Schedule } from "./schedule.ts";
import {
  checkSpan,
  epochsOrFraction,
  horizonOf,
  horizonWithoutEpochs,
  needsOf,
  type Span,
  stepsOf,
} from "./span.ts";

export type SgdrOptions = {
  /** α_0 > 0: the rate at each restart. */
  baseRate: number;
  /** P_0: the length of the first cycle; default 10 epochs, or 1/20 of the run where the epoch is not known. */
  firstCycle?: Span;
  /** m ≥ 1: how much longer each cycle is than the one before; default 2. */
  multiplier?: number;
  /** φ in [0, 1]: the end of a cycle as a fraction of the base rate; default 1e-4. */
  floorFraction?: number;
};

/** The first cycle in steps; T, where it is a part of the run. */
export type SgdrState = AnyHorizon & { firstCycle: number };

/**
 * Stochastic gradient descent with warm restarts: cosine cycles, each m times as long as the one before.
 *
 *     α_t = α_0 · (φ + (1 - φ) · (1 + cos(π u/P_i)) / 2),   P_i = P_0 · m^i,   u = t - (P_0 + ... + P_{i-1})
 *
 * i is the cycle that t lies in. The run may end in the middle of a cycle, at a high rate; where it should not,
 * use {@link sgdrBudget}.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, or if the run's context has neither
 *   `stepsPerEpoch` nor `totalSteps` and the first cycle is not given in steps.
 * @see arXiv:1608.03983; T_0 = 10, T_mult = 2, floor 1e-4 as in the baselines of arXiv:2007.14546.
 * @example
 * const schedule = sgdr({ baseRate: 1, firstCycle: { steps: 10 }, floorFraction: 0 });
 * const state = schedule.init({});
 * schedule.next(state, { step: 5, loss: 1 }).learningRate; // 0.5
 * schedule.next(state, { step: 10, loss: 1 }).learningRate; // 1, restarted
 * schedule.next(state, { step: 20, loss: 1 }).learningRate; // 0.5, half-way through the second cycle
 */
export function sgdr(options: SgdrOptions): Schedule<SgdrState> {
  const { baseRate, multiplier, floor, firstCycle, needs, cycleOf, horizonOf } = checkSgdr(options);
  return byStep({
    kind: "sgdr",
    settings: { baseRate, multiplier, floor, firstCycle },
    needs,
    init: (context) => ({ firstCycle: cycleOf(context), ...horizonOf(context) }),
    rateAt(step, state) {
      let length = state.firstCycle;
      let since = step;
      if (multiplier === 1) since %= length;
      for (; since >= length; length *= multiplier) since -= length;
      return baseRate * halfCosine(since / length, floor);
    },
  });
}

/** The options of both forms of SGDR, checked, with their defaults. */
export function checkSgdr(options: SgdrOptions): {
  baseRate: number;
  multiplier: number;
  floor: number;
  firstCycle: Span | null;
  needs: readonly (keyof RunContext)[];
  cycleOf: (context: RunContext) => number;
  /** T, where the first cycle is a part of the run. */
  horizonOf: (context: RunContext) => AnyHorizon;
} {
  checkOptionNames("`sgdr`", options, {
    baseRate: true,
    firstCycle: true,
    multiplier: true,
    floorFraction: true,
  });
  const given = options.firstCycle ? checkSpan("firstCycle", options.firstCycle) : null;
  return {
    baseRate: checkPositive("baseRate", options.baseRate),
    multiplier: checkNumber("multiplier", options.multiplier ?? 2, "a number >= 1", (number) => number >= 1),
    floor: checkFraction("floorFraction", options.floorFraction ?? 1e-4),
    firstCycle: given,
    needs: given ? needsOf(given) : ["totalSteps"],
    cycleOf: (context) =>
      given ? Math.max(1, stepsOf(given, context)) : epochsOrFraction(10, 1 / 20, context),
    horizonOf: (context) => (given ? horizonOf([given], context) : horizonWithoutEpochs(context)),
  };
}
