import { byStep } from "./by-step.ts";
import { checkOptionNames, checkPositive } from "./checks.ts";
import type { AnyHorizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";
import { checkSpan, horizonOf, needsOf, type Span, stepsOf } from "./span.ts";

export type MultiStepOptions = {
  /** α_0 > 0: the rate before the first drop. */
  baseRate: number;
  /** s_1, s_2, ...: where the rate drops, in any order; default 60 and 120 of 200, as fractions of the run. */
  drops?: readonly Span[];
  /** ρ > 0: what each drop multiplies the rate by; default 0.1. */
  factor?: number;
};

/** The steps at which the rate drops, as the run was declared; T, where one of them is a part of the run. */
export type MultiStepState = AnyHorizon & { drops: number[] };

const DEFAULT_DROPS: readonly Span[] = [{ fraction: 0.3 }, { fraction: 0.6 }]; // 60 and 120 of 200

/**
 * A staircase: the rate is multiplied by ρ at each of the given steps.
 *
 *     α_t = α_0 · ρ^n,   n = number of drops s_i with s_i ≤ t
 *
 * A drop at step s is already in force at step s. Two drops at the same step count twice; no drops: constant.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, or if the run's context lacks what
 *   the drops are counted in (`totalSteps` for fractions, `stepsPerEpoch` for epochs).
 * @see arXiv:2007.14546, baselines: drops by 10 at 60 and 120 of 200 epochs, and at 30 and 60 of 90.
 * @example
 * const schedule = multiStep({ baseRate: 0.1, drops: [{ epochs: 30 }, { epochs: 60 }] });
 * const state = schedule.init({ stepsPerEpoch: 10 });
 * schedule.next(state, { step: 299, loss: 1 }).learningRate; // 0.1
 * schedule.next(state, { step: 300, loss: 1 }).learningRate; // 0.01
 */
export function multiStep(options: MultiStepOptions): Schedule<MultiStepState> {
  checkOptionNames("`multiStep`", options, { baseRate: true, factor: true, drops: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  const factor = checkPositive("factor", options.factor ?? 0.1);
  const drops = (options.drops ?? DEFAULT_DROPS).map((drop, index) => checkSpan(`drops[${index}]`, drop));
  return byStep({
    kind: "multistep",
    settings: { baseRate, drops, factor },
    needs: needsOf(...drops),
    init: (context) => ({
      drops: drops.map((drop) => stepsOf(drop, context)),
      ...horizonOf(drops, context),
    }),
    rateAt(step, state, stepOfRun) {
      // A drop given in steps or epochs stays where it is when the end of the run is moved.
      const isDue = (drop: number, index: number): boolean =>
        drop <= ("fraction" in drops[index]! ? step : stepOfRun);
      return baseRate * factor ** state.drops.filter(isDue).length;
    },
  });
}
