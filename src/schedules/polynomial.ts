import { byStep } from "./by-step.ts";
import { checkFraction, checkOptionNames, checkPositive, needed } from "./checks.ts";
import type { Horizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";

export type PolynomialOptions = {
  /** α_0 > 0. */
  baseRate: number;
  /** q > 0: 1 is a straight line, larger bends towards small rates early; default 2. */
  power?: number;
  /** φ in [0, 1]: the last rate as a fraction of the base rate; default 0. */
  floorFraction?: number;
};

export type PolynomialState = Horizon;

/**
 * Polynomial decay over the whole run.
 *
 *     α_t = α_0 · (φ + (1 - φ) · (1 - t/T)^q),   T = total steps; from T on: φ · α_0
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range or the context lacks `totalSteps`.
 * @example
 * const schedule = polynomial({ baseRate: 1, power: 2 });
 * schedule.next(schedule.init({ totalSteps: 10 }), { step: 5, loss: 1 }).learningRate; // 0.25
 */
export function polynomial(options: PolynomialOptions): Schedule<PolynomialState> {
  checkOptionNames("`polynomial`", options, { baseRate: true, power: true, floorFraction: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  const power = checkPositive("power", options.power ?? 2);
  const floor = checkFraction("floorFraction", options.floorFraction ?? 0);
  return byStep({
    kind: "polynomial",
    settings: { baseRate, power, floor },
    needs: ["totalSteps"],
    ends: true,
    init: (context) => ({ totalSteps: needed(context, "totalSteps") }),
    rateAt(step, { totalSteps }) {
      const left = Math.max(0, 1 - step / totalSteps);
      return baseRate * (floor + (1 - floor) * left ** power);
    },
  });
}
