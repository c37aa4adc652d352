import { byStep } from "./by-step.ts";
import { checkFraction, checkOptionNames, checkPositive, needed } from "./checks.ts";
import type { Horizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";

export type CosineOptions = {
  /** α_0 > 0. */
  baseRate: number;
  /** φ in [0, 1]: the last rate as a fraction of the base rate; default 0. */
  floorFraction?: number;
};

export type CosineState = Horizon;

/**
 * Half a cosine wave, from the base rate to the floor.
 *
 *     α_t = α_0 · (φ + (1 - φ) · (1 + cos(π t/T)) / 2),   T = total steps; from T on: φ · α_0
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range or the context lacks `totalSteps`.
 * @see arXiv:1608.03983, one cycle of SGDR.
 * @example
 * const schedule = cosine({ baseRate: 0.1 });
 * schedule.next(schedule.init({ totalSteps: 100 }), { step: 50, loss: 1 }).learningRate; // 0.05
 */
export function cosine(options: CosineOptions): Schedule<CosineState> {
  checkOptionNames("`cosine`", options, { baseRate: true, floorFraction: true });
  const baseRate = checkPositive("baseRate", options.baseRate);
  const floor = checkFraction("floorFraction", options.floorFraction ?? 0);
  return byStep({
    kind: "cosine",
    settings: { baseRate, floor },
    needs: ["totalSteps"],
    ends: true,
    init: (context) => ({ totalSteps: needed(context, "totalSteps") }),
    rateAt: (step, { totalSteps }) => baseRate * halfCosine(step / totalSteps, floor),
  });
}

/** From 1 at progress 0 to `floor` at progress 1, and `floor` from there on. */
export function halfCosine(progress: number, floor: number): number {
  return floor + ((1 - floor) * (1 + Math.cos(Math.PI * Math.min(progress, 1)))) / 2;
}
