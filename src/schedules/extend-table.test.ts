import { describe, expect, it } from "vitest";
import { CONTEXT, deepFreeze, observedAt, run, TOTAL_STEPS } from "../../test/schedule-run.ts";
import { rows } from "../../test/schedule-table.ts";
import { extendState } from "./extend.ts";

/** Where the end of the run of 100 steps is moved, and to where: later, much later, sooner. */
const moves: [step: number, totalSteps: number][] = [
  [0, 200],
  [1, 40],
  [15, 60],
  [50, 200],
  [50, 51],
  [85, 90],
  [99, 1000],
];

describe.each(rows)("the schedule $name, its end moved,", ({ schedule }) => {
  const start = schedule.init(CONTEXT);
  const { rates } = run(schedule, start, 0, TOTAL_STEPS + 1);
  const extend = (state: unknown, step: number, totalSteps: number) =>
    extendState(schedule, state, step, totalSteps);

  it("goes on without a jump, whenever it is and wherever to.", () => {
    for (const [step, totalSteps] of moves) {
      const state = extend(run(schedule, start, 0, step).last, step, totalSteps);
      const { learningRate } = schedule.next(state, observedAt(step));
      expect(Math.abs(learningRate - rates[step]!), `${step} to ${totalSteps}`).toBeLessThan(1e-12);
    }
  });

  it("is at zero at the new end, and not before, where it would have been at the old one.", () => {
    if (rates[TOTAL_STEPS]! > 1e-12 || !schedule.needs?.includes("totalSteps")) return;
    for (const [step, totalSteps] of moves) {
      const before = run(schedule, start, 0, step).last;
      const after = run(schedule, extend(before, step, totalSteps), step, totalSteps + 1).rates;
      expect(after.at(-1), `${step} to ${totalSteps}`).toBeLessThan(1e-12);
      const zeros = rates.slice(step, TOTAL_STEPS).filter((rate) => rate === 0).length;
      if (zeros === 0) expect(after.slice(0, -1)).not.toContain(0);
    }
  });

  it("goes on with the same bits from a state saved as JSON, after two moves too.", () => {
    const first = extend(run(schedule, start, 0, 30).last, 30, 300);
    const second = extend(run(schedule, deepFreeze(first), 30, 60).last, 60, 150);
    const { rates: expected, saved } = run(schedule, deepFreeze(second), 60, 160);
    expect(expected.filter((rate) => !(Number.isFinite(rate) && rate >= 0))).toEqual([]);
    for (const at of [60, 61, 100, 149, 155]) {
      const state = JSON.parse(saved[at - 60]!);
      expect(run(schedule, state, at, 160).rates).toEqual(expected.slice(at - 60));
    }
  });

  it("is the same schedule where the end is moved to where it is.", () => {
    const state = run(schedule, start, 0, 50).last;
    expect(run(schedule, extend(state, 50, TOTAL_STEPS), 50).rates).toEqual(rates.slice(50, TOTAL_STEPS));
  });

  it("comes to the same rates by two moves as by one, where they depend on the step alone.", () => {
    if (schedule.wants?.(start, 5)?.length || /^(mlr|plateau|.*mlr|divergenceGuard\(hd)/.test(schedule.kind!))
      return;
    if (/steps|epochs/.test(schedule.identity!)) return; // a length that stays may have to give way in between
    const state = run(schedule, start, 0, 50).last;
    const once = run(schedule, extend(state, 50, 150), 50, 150).rates;
    const twice = run(schedule, extend(extend(state, 50, 400), 50, 150), 50, 150).rates;
    for (const [index, rate] of twice.entries()) expect(rate).toBeCloseTo(once[index]!, 12);
  });
});
