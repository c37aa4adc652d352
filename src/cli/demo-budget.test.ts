import { describe, expect, it } from "vitest";
import { DemoForecast, secondsOfJobs, shortened } from "./demo-budget.ts";
import { type DemoBudget, type DemoPlan, evaluations, quickPlan } from "./demo-plan.ts";

const budget: DemoBudget = { learning: 1, aim: 1, limit: 2, leastSeeds: 2, shares: [1, 0.5, 0.25] };
const plan: DemoPlan = {
  ...quickPlan,
  comparisons: [
    { task: "a", title: "A", steps: 100 },
    { task: "b", title: "B", steps: 40 },
  ],
  trials: 5,
  seeds: 3,
};
const searched = { name: "cosine", source: "cosine", isSearched: true };
const learned = { name: "live", source: "live", isSearched: false };

/** A run without steps takes 1 s, a step 0.1 s and an evaluation nothing, unless it is said otherwise. */
function forecastOf({ workers = 1, schedules = [searched, learned], evaluation = 0 } = {}): DemoForecast {
  const times = plan.comparisons.map(() => ({ run: 1, step: 0.1, evaluation }));
  return new DemoForecast({ plan, budget, schedules, times, workers });
}

describe("shortened", () => {
  it("keeps a share of the steps, and never none.", () => {
    expect(shortened(plan.comparisons[0]!, 0.25)).toEqual({ task: "a", title: "A", steps: 25 });
    expect(shortened({ task: "a", title: "A", steps: 1 }, 0.25).steps).toBe(1);
  });
});

describe("secondsOfJobs", () => {
  it("is the sum for one worker, and the longest job for as many workers as jobs.", () => {
    expect(secondsOfJobs([1, 2, 3], 1)).toBe(6);
    expect(secondsOfJobs([1, 2, 3], 3)).toBe(3);
  });

  it("has the longest jobs taken up first, each by the worker that is free first.", () => {
    // 9 beside 3 + 3 + 3; in the order in which they stand 3 + 3 beside 3 + 9.
    expect(secondsOfJobs([3, 3, 3, 9], 2)).toBe(9);
    expect(secondsOfJobs([3, 3, 2, 2, 2], 2)).toBe(7);
  });

  it("is 0 without jobs.", () => {
    expect(secondsOfJobs([], 2)).toBe(0);
  });
});

describe("a forecast", () => {
  it("counts the searches of those that are searched, and the fewest seeds of all.", () => {
    // A run takes 1 + 100 · 0.1 = 11 s: 5 + 2 of the one that is searched, 2 of the learned one.
    expect(forecastOf().seconds(0, 1)).toBeCloseTo(9 * 11);
    expect(forecastOf({ workers: 2 }).seconds(0, 1)).toBeCloseTo(7 * 11);
  });

  it("counts the evaluations of final runs.", () => {
    const more = 4 * (evaluations - 1) * 0.01;
    expect(forecastOf({ evaluation: 0.01 }).seconds(0, 1)).toBeCloseTo(9 * 11 + more);
  });

  it("shortens the steps of a run and nothing else of it.", () => {
    expect(forecastOf().seconds(0, 0.5)).toBeCloseTo(9 * (1 + 50 * 0.1));
  });

  it("says what one seed more of every schedule takes.", () => {
    expect(forecastOf().secondsOfSeed(0, 1)).toBeCloseTo(2 * 11);
    expect(forecastOf({ workers: 2 }).secondsOfSeed(0, 1)).toBeCloseTo(11);
  });

  it("grants the largest share at which a comparison and all later ones fit.", () => {
    // All of both: 9 · 11 + 9 · 5 = 144 s; half: 9 · 6 + 9 · 3 = 81 s; a quarter: 9 · 3.5 + 9 · 2 = 49.5 s.
    const shares = [200, 144.01, 143, 81.01, 80, 49.51].map((aim) =>
      forecastOf().share(0, { aim, limit: 200 }),
    );
    expect(shares).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
  });

  it("grants the least share to a comparison that ends alone by the limit.", () => {
    // A quarter of the first: 31.5 s; of the second: 18 s.
    expect(forecastOf().share(0, { aim: 31, limit: 31.51 })).toBe(0.25);
    expect(forecastOf().share(1, { aim: -1, limit: 18.01 })).toBe(0.25);
  });

  it("grants nothing to a comparison of which not even the least share ends by the limit.", () => {
    expect(forecastOf().share(0, { aim: 31, limit: 31.49 })).toBeUndefined();
    expect(forecastOf().share(1, { aim: -2, limit: -1 })).toBeUndefined();
  });

  it("is corrected by half of its error, again and again.", () => {
    const forecast = forecastOf();
    forecast.correct(10, 40);
    expect(forecast.seconds(0, 1)).toBeCloseTo(2 * 99);
    forecast.correct(40, 10);
    expect(forecast.seconds(0, 1)).toBeCloseTo(99);
    expect(forecast.secondsOfSeed(0, 1)).toBeCloseTo(22);
  });
});
