import { byStep } from "./by-step.ts";
import { checkOptionNames, checkPositive, needed } from "./checks.ts";
import type { Horizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";

export type LinearOptions = {
  /** α_0 > 0. */
  baseRate: number;
};

export type LinearState = Horizon;

/**
 * A straight line to zero.
 *
 *     α_t = α_0 · (1 - t/T),   T = total steps; the last step, T-1, has α_0/T; from T on: 0
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range or the context lacks `totalSteps`.
 * @see arXiv:2310.07831 on why a straight line to zero is a strong default.
 * @example
 * const schedule = linear({ baseRate: 0.5 });
 * schedule.next(schedule.init({ totalSteps: 10 }), { step: 9, loss: 1 }).learningRate; // 0.05
 */
export function linear(options: LinearOptions): Schedule<LinearState> {
  checkOptionNames("`linear`", options, { baseRate: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  return byStep({
    kind: "linear",
    settings: { baseRate },
    needs: ["totalSteps"],
    ends: true,
    init: (context) => ({ totalSteps: needed(context, "totalSteps") }),
    rateAt: (step, { totalSteps }) => baseRate * Math.max(0, (totalSteps - step) / totalSteps),
  });
}
