import { checkNotNegative } from "./checks.ts";

/**
 * A rate times each parameter group's multiplier.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if the rate or a multiplier is negative or not finite.
 * @example
 * const runner = new ScheduleRunner(constant({ baseRate: 0.5 }));
 * const { backbone, head } = ratesFor(runner.next({ loss: 2.3 }).learningRate, { backbone: 0.1, head: 1 });
 * backbone; // 0.05
 * head; // 0.5
 */
export function ratesFor<Name extends string>(
  learningRate: number,
  multipliers: Record<Name, number>,
): Record<Name, number> {
  const rate = checkNotNegative("learningRate", learningRate);
  const rates = Object.entries<number>(multipliers).map(([name, multiplier]) => [
    name,
    rate * checkNotNegative(name, multiplier),
  ]);
  return Object.fromEntries(rates);
}
