import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { sgdrBudget } from "./sgdr-budget.ts";

describe("sgdrBudget", () => {
  it("ends its last cycle exactly at the budget, whatever the budget.", () => {
    const random = new Random(7, "budgets");
    for (let trial = 0; trial < 200; trial++) {
      const totalSteps = 1 + random.integer(5000);
      const firstCycle = { steps: 1 + random.integer(300) };
      const schedule = sgdrBudget({
        baseRate: 1,
        floorFraction: 0,
        firstCycle,
        multiplier: 1 + random.integer(3),
      });
      const state = schedule.init({ totalSteps });
      expect(schedule.next(state, { step: totalSteps, loss: 1 }).learningRate).toBeCloseTo(0, 12);
      const last = state.starts.at(-1)!;
      expect(last).toBeLessThan(totalSteps);
      expect(schedule.next(state, { step: last, loss: 1 }).learningRate).toBe(1);
    }
  });
});
