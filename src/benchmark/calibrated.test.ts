import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { calibrated, calibratedMultiples, calibratedShapes, calibratedWarmup } from "./calibrated.ts";
import type { CalibrationResult } from "./calibration.ts";

const { result } = JSON.parse(
  readFileSync(new URL("../../results/calibration.json", import.meta.url), "utf8"),
) as { result: CalibrationResult };

describe("calibratedMultiples", () => {
  it("are those that results/calibration.json has chosen, at the same warm-up.", () => {
    expect(result.warmup).toBe(calibratedWarmup);
    expect(result.curves).toHaveLength(9);
    for (const { shape, optimizer, chosen, multiples, values } of result.curves) {
      expect(calibratedMultiples[shape][optimizer], `${shape} ${optimizer}`).toBe(chosen);
      expect(Math.min(...values)).toBe(values[multiples.indexOf(chosen)]);
    }
  });

  it("lie inside the range that was tried, not at its edge.", () => {
    for (const { chosen, multiples } of result.curves) {
      expect(chosen).toBeGreaterThan(multiples[0]!);
      expect(chosen).toBeLessThan(multiples.at(-1)!);
    }
  });
});

describe("calibrated", () => {
  it("has the optimizer's multiple of its usual rate: that of momentum 0 is that of SGD, that of Adam is that of AdamW.", () => {
    for (const shape of calibratedShapes) {
      const { sgd, momentum, adam } = calibratedMultiples[shape];
      expect(calibrated(shape, { kind: "sgd" }).baseRate).toBe(sgd * 0.1);
      expect(calibrated(shape, { kind: "sgd", momentum: 0 }).baseRate).toBe(sgd * 0.1);
      expect(calibrated(shape, { kind: "sgd", momentum: 0.9 }).baseRate).toBeCloseTo(momentum * 0.01, 12);
      for (const kind of ["adam", "adamw"] as const)
        expect(calibrated(shape, { kind }).baseRate).toBe(adam * 0.001);
    }
  });

  it("is linear or cosine after a rise over 5 % of the run, or one-cycle, with the base rate as the highest.", () => {
    const rates = (shape: (typeof calibratedShapes)[number]): number[] => {
      const schedule = calibrated(shape, { kind: "sgd" }).create(2);
      const state = schedule.init({ totalSteps: 100 });
      return [0, 4, 5, 30, 65, 99].map((step) => schedule.next(state, { step, loss: 1 }).learningRate);
    };
    const near = (got: number[], expected: number[]) =>
      got.forEach((rate, index) => {
        expect(rate).toBeCloseTo(expected[index]!, 10);
      });
    near(rates("linear"), [1 / 3, 5 / 3, 2, (2 * 70) / 95, (2 * 35) / 95, 2 / 95]);
    const wave = (step: number): number => 1 + Math.cos((Math.PI * (step - 5)) / 95);
    near(rates("cosine"), [1 / 3, 5 / 3, 2, wave(30), wave(65), wave(99)]);
    expect(rates("onecycle")[0]).toBeCloseTo(2 / 25, 10);
    expect(rates("onecycle")[3]).toBe(2);
  });
});
