import { byStep } from "./by-step.ts";
import { needed } from "./checks.ts";
import { halfCosine } from "./cosine.ts";
import type { Horizon } from "./extend.ts";
import type { Schedule } from "./schedule.ts";
import { checkSgdr, type SgdrOptions } from "./sgdr.ts";

/** The steps at which a cycle starts, and the end of the last one, as the run was declared. */
export type SgdrBudgetState = Horizon & { starts: number[] };

/**
 * SGDR whose last cycle ends exactly at the budget, the fair form of it in a comparison of last epochs.
 *
 *     α_t = α_0 · (φ + (1 - φ) · (1 + cos(π (t - s_i) / (s_{i+1} - s_i))) / 2)
 *     s_i = round(T · (1 + m + ... + m^(i-1)) / (1 + m + ... + m^(n-1))),   s_0 = 0,   s_n = T
 *
 * The letters are those of {@link sgdr}; T is the total steps, i the cycle that t lies in. The number of cycles n is
 * the one whose first cycle comes nearest to P_0 by ratio: all cycles are stretched or shrunk alike. From T on: φ · α_0.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range or the context lacks `totalSteps`.
 * @see arXiv:1608.03983; the control asked for in this project because SGDR's last point depends on where it is cut.
 * @example
 * const schedule = sgdrBudget({ baseRate: 1, firstCycle: { steps: 10 }, floorFraction: 0 });
 * const state = schedule.init({ totalSteps: 36 }); // cycles of 12 and 24 steps
 * schedule.next(state, { step: 12, loss: 1 }).learningRate; // 1
 * schedule.next(state, { step: 24, loss: 1 }).learningRate; // 0.5
 */
export function sgdrBudget(options: SgdrOptions): Schedule<SgdrBudgetState> {
  const { baseRate, multiplier, floor, firstCycle, needs, cycleOf } = checkSgdr(options);
  return byStep({
    kind: "sgdr-budget",
    settings: { baseRate, multiplier, floor, firstCycle },
    needs: [...new Set(["totalSteps" as const, ...needs])],
    ends: true,
    init(context) {
      const totalSteps = needed(context, "totalSteps");
      return { starts: cycleStarts(totalSteps, cycleOf(context), multiplier), totalSteps };
    },
    rateAt(step, { starts, totalSteps }) {
      const cycle = starts.findLastIndex((start) => start <= step);
      const start = starts[cycle]!;
      const end = starts[cycle + 1] ?? totalSteps;
      return baseRate * halfCosine((step - start) / (end - start), floor);
    },
  });
}

/** s_0, ..., s_{n-1} of the formula above. */
function cycleStarts(totalSteps: number, firstCycle: number, multiplier: number): number[] {
  // With i cycles of length P_0 · m^k behind it, a run is unit(i) · P_0 long.
  const unit = (cycles: number): number =>
    multiplier === 1 ? cycles : (multiplier ** cycles - 1) / (multiplier - 1);
  const misfit = (cycles: number): number => Math.abs(Math.log(totalSteps / unit(cycles) / firstCycle));
  let count = 1;
  while (misfit(count + 1) < misfit(count)) count++;
  return Array.from({ length: count }, (_, cycle) => Math.round((totalSteps * unit(cycle)) / unit(count)));
}
