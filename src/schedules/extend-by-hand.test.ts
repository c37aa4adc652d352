import { describe, expect, it } from "vitest";
import { ratesOf } from "../../test/moved-end.ts";
import { annealToZero } from "./anneal-to-zero.ts";
import { constant } from "./constant.ts";
import { divergenceGuard } from "./divergence-guard.ts";
import { exponential } from "./exponential.ts";
import { inverseSquareRoot } from "./inverse-square-root.ts";
import { linear } from "./linear.ts";
import { multiStep } from "./multi-step.ts";
import { oneCycle } from "./one-cycle.ts";
import { polynomial } from "./polynomial.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import type { Schedule } from "./schedule.ts";
import { sgdrBudget } from "./sgdr-budget.ts";
import { warmup } from "./warmup.ts";
import { warmupStableDecay } from "./warmup-stable-decay.ts";

describe("extend, worked out by hand,", () => {
  it.each<[string, Schedule<unknown>, number, number, Record<number, number>]>([
    ["linear", linear({ baseRate: 1 }), 50, 200, { 49: 0.51, 50: 0.5, 125: 0.25, 199: 0.5 / 150, 200: 0 }],
    ["linear, sooner", linear({ baseRate: 1 }), 50, 60, { 50: 0.5, 55: 0.25, 60: 0 }],
    ["polynomial", polynomial({ baseRate: 1 }), 50, 200, { 50: 0.25, 125: 0.0625, 200: 0 }],
    // The top, at 30, is 20 of the 90 steps left; it moves to a share of 2/9 of 190 steps.
    [
      "onecycle in its rise",
      oneCycle({ baseRate: 1 }),
      10,
      190,
      { 10: 0.04 + 0.96 * 0.25, 50: 1, 190: 4e-6 },
    ],
    // Drops at 30 and 60, of which one is past: 10 of 50 steps left become 30 of 150.
    ["multistep", multiStep({ baseRate: 1 }), 50, 200, { 50: 0.1, 79: 0.1, 80: 0.01, 200: 0.01 }],
    [
      "multistep, a drop at a fixed step",
      multiStep({ baseRate: 1, drops: [{ steps: 70 }, { fraction: 0.6 }] }),
      50,
      200,
      { 69: 1, 70: 0.1, 79: 0.1, 80: 0.01 },
    ],
    ["exponential", exponential({ baseRate: 1, factor: 0.01 }), 50, 200, { 50: 0.1, 200: 0.01 }],
    [
      "exponential with a period in steps",
      exponential({ baseRate: 1, factor: 0.01, per: { steps: 100 } }),
      50,
      200,
      { 50: 0.1, 200: 1e-4 },
    ],
    // W = 4; 37 steps left become 137, and step 199 stands where 99.73 stood: √(4/100.73).
    [
      "invsqrt",
      inverseSquareRoot({ baseRate: 1 }),
      63,
      200,
      { 63: 0.25, 199: Math.sqrt(4 / (101 - 37 / 137)) },
    ],
    // Two cycles of 33 and 67 steps; the second goes on.
    [
      "sgdr-budget",
      sgdrBudget({ baseRate: 1, floorFraction: 0, firstCycle: { steps: 30 } }),
      50,
      200,
      { 50: (1 + Math.cos((Math.PI * 17) / 67)) / 2, 200: 0 },
    ],
    ["wsd on its plateau", warmupStableDecay({ baseRate: 1 }), 50, 200, { 139: 1, 140: 1, 170: 0.5, 200: 0 }],
    ["wsd in its fall", warmupStableDecay({ baseRate: 1 }), 90, 200, { 90: 0.5, 145: 0.25, 200: 0 }],
    [
      "a fall of 20 steps",
      annealToZero(constant({ baseRate: 1 }), { steps: 20 }),
      50,
      200,
      { 180: 1, 190: 0.5, 200: 0 },
    ],
    [
      "a fall of 20 steps for which 10 are left",
      annealToZero(constant({ baseRate: 1 }), { steps: 20 }),
      50,
      60,
      { 50: 1, 55: 0.5, 60: 0 },
    ],
    [
      "a warm-up given in steps, in its rise",
      warmup(linear({ baseRate: 1 }), { steps: 20, startFraction: 0 }),
      10,
      220,
      { 10: 0.5, 20: 1, 120: 0.5, 220: 0 },
    ],
    // 10 of the 90 steps left become 20 of 180.
    [
      "a warm-up given as a part of the run, in its rise",
      warmup(linear({ baseRate: 1 }), { fraction: 0.2, startFraction: 0 }),
      10,
      190,
      { 9: 0.45, 10: 0.5, 20: 0.75, 30: 1, 110: 0.5, 190: 0 },
    ],
    [
      "a warm-up, after it",
      warmup(linear({ baseRate: 1 }), { steps: 20 }),
      60,
      220,
      { 60: 0.5, 140: 0.25, 220: 0 },
    ],
    ["a guarded line", divergenceGuard(linear({ baseRate: 1 })), 50, 200, { 50: 0.5, 125: 0.25, 200: 0 }],
    [
      "plateau, which has none: checks stay 10 steps apart",
      reduceOnPlateau({ baseRate: 1, every: { fraction: 0.1 }, patience: 0 }),
      50,
      200,
      { 19: 1, 20: 0.1, 49: 0.001, 50: 1e-4, 59: 1e-4, 60: 1e-5 },
    ],
  ])("moves the end of %s.", (_name, schedule, at, totalSteps, byHand) => {
    const { rates } = ratesOf(schedule, at, totalSteps);
    for (const [step, rate] of Object.entries(byHand))
      expect(rates[Number(step)], `step ${step}`).toBeCloseTo(rate, 9);
  });
});
