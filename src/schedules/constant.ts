import { byStep } from "./by-step.ts";
import { checkOptionNames, checkPositive } from "./checks.ts";
import type { Schedule } from "./schedule.ts";

export type ConstantOptions = {
  /** α_0 > 0. */
  baseRate: number;
};

/**
 * The same rate at every step.
 *
 *     α_t = α_0
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range.
 * @example
 * const schedule = constant({ baseRate: 0.1 });
 * schedule.next(schedule.init({}), { step: 0, loss: 2.3 }).learningRate; // 0.1
 */
export function constant(options: ConstantOptions): Schedule<Record<string, never>> {
  checkOptionNames("`constant`", options, { baseRate: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  return byStep({ kind: "constant", settings: { baseRate }, init: () => ({}), rateAt: () => baseRate });
}
