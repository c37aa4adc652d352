import { byStep } from "./by-step.ts";
import { checkFraction, checkNumber, checkOptionNames, checkPositive, needed } from "./checks.ts";
import { halfCosine } from "./cosine.ts";
import type { Horizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";

export type OneCycleOptions = {
  /** α_0 > 0: the highest rate. */
  baseRate: number;
  /** κ in [0, 1]: the part of the run on which the rate rises; default 0.3. */
  riseFraction?: number;
  /** a ≥ 1: the run starts at α_0/a; default 25. */
  startDivisor?: number;
  /** b ≥ 1: the run ends at α_0/(a·b); default 1e4. */
  endDivisor?: number;
};

export type OneCycleState = Horizon;

/**
 * One cycle: half a cosine wave up, then half a cosine wave far down.
 *
 *     α_t = α_0 · wave(1/a → 1; t / κT)                    for t < κT
 *     α_t = α_0 · wave(1 → 1/(ab); (t - κT) / (T - κT))    for t ≥ κT
 *     wave(u → v; x) = v + (u - v) · (1 + cos(π x)) / 2
 *
 * T is the total steps. The end is reached at T, as everywhere in this package; PyTorch's `OneCycleLR` reaches it at
 * T-1 and its top one step earlier. The momentum, which PyTorch cycles too, is left to the optimizer.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range or the context lacks `totalSteps`.
 * @see arXiv:1708.07120; defaults of PyTorch's `OneCycleLR`.
 * @example
 * const schedule = oneCycle({ baseRate: 1 });
 * const state = schedule.init({ totalSteps: 100 });
 * schedule.next(state, { step: 0, loss: 1 }).learningRate; // 0.04
 * schedule.next(state, { step: 30, loss: 1 }).learningRate; // 1
 */
export function oneCycle(options: OneCycleOptions): Schedule<OneCycleState> {
  checkOptionNames("`oneCycle`", options, {
    baseRate: true,
    riseFraction: true,
    startDivisor: true,
    endDivisor: true,
  });
  const baseRate = checkPositive("baseRate", options.baseRate);
  const rise = checkFraction("riseFraction", options.riseFraction ?? 0.3);
  const atLeastOne = (number: number): boolean => number >= 1;
  const startDivisor = checkNumber("startDivisor", options.startDivisor ?? 25, "a number >= 1", atLeastOne);
  const endDivisor = checkNumber("endDivisor", options.endDivisor ?? 1e4, "a number >= 1", atLeastOne);
  return byStep({
    kind: "onecycle",
    settings: { baseRate, rise, startDivisor, endDivisor },
    needs: ["totalSteps"],
    ends: true,
    init: (context) => ({ totalSteps: needed(context, "totalSteps") }),
    rateAt(step, { totalSteps }) {
      const top = rise * totalSteps;
      // The rise is a fall run backwards, so one wave serves both.
      return step < top
        ? baseRate * halfCosine((top - step) / top, 1 / startDivisor)
        : baseRate * halfCosine((step - top) / (totalSteps - top || 1), 1 / (startDivisor * endDivisor));
    },
  });
}
