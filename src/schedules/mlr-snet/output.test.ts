import { describe, expect, it } from "vitest";
import { type IntegratingOutput, rateOf } from "./output.ts";

const output: IntegratingOutput = { form: "integrating", step: 0.5, start: 0.01, floor: 0.001, ceiling: 0.1 };

describe("rateOf", () => {
  it("multiplies the previous rate by exp(δ p) in the integrating form", () => {
    const first = rateOf(output, 0.8, 1, 0);
    expect(first.learningRate).toBeCloseTo(0.01 * Math.exp(0.4), 15);
    const second = rateOf(output, -0.2, 1, first.logRate);
    expect(second.learningRate).toBeCloseTo(first.learningRate * Math.exp(-0.1), 15);
    expect(second.logRate).toBeCloseTo(Math.log(second.learningRate / 0.01), 14);
  });

  it("keeps the rate between floor and ceiling, from where it turns back at once", () => {
    const high = rateOf(output, 1, 1, 2.2);
    expect(high.learningRate).toBeCloseTo(0.1, 15);
    expect(rateOf(output, -1, 1, high.logRate).learningRate).toBeCloseTo(0.1 * Math.exp(-0.5), 15);
    expect(rateOf(output, -1, 1, -2.2).learningRate).toBeCloseTo(0.001, 17);
  });

  it("gives dα/dp as the finite difference does, and 0 where floor or ceiling holds", () => {
    for (const [p, logRate] of [
      [0.3, 0.1],
      [-0.9, 1.2],
      [0.9, 2.2],
      [-0.9, -2.2],
    ] as const) {
      const rateAt = (q: number): number => rateOf(output, q, 1, logRate).learningRate;
      const difference = (rateAt(p + 1e-6) - rateAt(p - 1e-6)) / 2e-6;
      expect(rateOf(output, p, 1, logRate).slope).toBeCloseTo(difference, 9);
    }
  });

  it("is γ·p in the sigmoid form, whatever the rate before", () => {
    expect(rateOf("sigmoid", 0.25, 0.8, 5)).toEqual({
      learningRate: 0.2,
      slope: 0.8,
      logRate: Math.log(0.25),
    });
    expect(rateOf("sigmoid", 0, 0.8, 5).logRate).toBe(Math.log(1e-30));
  });
});
