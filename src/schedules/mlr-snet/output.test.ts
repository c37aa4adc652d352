import { describe, expect, it } from "vitest";
import { anneals, type IntegratingOutput, rateOf, scalesAt } from "./output.ts";

const output: IntegratingOutput = { form: "integrating", step: 0.5, start: 0.01, floor: 0.001, ceiling: 0.1 };
const settling: IntegratingOutput = { ...output, settle: 10 };
const annealing: IntegratingOutput = { ...output, anneal: 2 };
const cubic: IntegratingOutput = { ...output, power: 3 };

/** Before step `step` of 100. */
function at(logRate: number, step = 0, unit = 1) {
  return { logRate, step, totalSteps: 100, unit };
}

describe("rateOf", () => {
  it("multiplies the previous rate by exp(δ p) in the integrating form", () => {
    const first = rateOf(output, 0.8, 1, at(0));
    expect(first.learningRate).toBeCloseTo(0.01 * Math.exp(0.4), 15);
    const second = rateOf(output, -0.2, 1, at(first.logRate, 1));
    expect(second.learningRate).toBeCloseTo(first.learningRate * Math.exp(-0.1), 15);
    expect(second.logRate).toBeCloseTo(Math.log(second.learningRate / 0.01), 14);
  });

  it("gives all rates, the least and the greatest too, in the unit", () => {
    for (const [p, logRate] of [
      [0.8, 0],
      [1, 2.2],
      [-1, -2.2],
    ] as const) {
      const [rate, relative] = [1, 0.2].map((unit) => rateOf(output, p, 1, at(logRate, 0, unit)));
      expect(relative!.learningRate).toBeCloseTo(0.2 * rate!.learningRate, 15);
      expect(relative!.slope).toBeCloseTo(0.2 * rate!.slope, 15);
      expect(relative!.logRate).toBe(rate!.logRate);
    }
  });

  it("moves by δ·settle / (S + t) where the form settles, S an eighth of the horizon", () => {
    expect(rateOf(settling, 0.6, 1, at(0.2, 0)).logRate).toBeCloseTo(0.2 + (5 / 12.5) * 0.6, 15);
    expect(rateOf(settling, 0.6, 1, at(0.2, 5)).logRate).toBeCloseTo(0.2 + (5 / 17.5) * 0.6, 15);
    const half = rateOf(settling, 0.6, 1, at(0.2, 12.5));
    expect(half.logRate).toBeCloseTo(0.2 + 0.2 * 0.6, 15);
    expect(half.learningRate).toBeCloseTo(0.01 * Math.exp(0.32), 15);
  });

  it("settles by steps where the run is short or its length is not known", () => {
    expect(scalesAt(settling, 5, 80).gain).toBeCloseTo(0.5 / 1.5, 15);
    expect(scalesAt(settling, 5, 20).gain).toBeCloseTo(0.5 / 1.5, 15);
    expect(scalesAt(settling, 5, null).gain).toBeCloseTo(0.5 / 1.5, 15);
  });

  it("moves by the third power of p where the form has it, so that a small p leaves the rate as it is", () => {
    expect(rateOf(cubic, 0.8, 1, at(0.2)).logRate).toBeCloseTo(0.2 + 0.5 * 0.512, 15);
    expect(rateOf(cubic, -0.2, 1, at(0.2)).logRate).toBeCloseTo(0.2 - 0.5 * 0.008, 15);
    expect(rateOf({ ...cubic, settle: 20 }, 0.5, 1, at(0, 20)).logRate).toBeCloseTo(0.25 * 0.125, 15);
  });

  it("multiplies by (1 - t/T)^anneal where the form anneals, and integrates as if it did not", () => {
    const middle = rateOf(annealing, 0.8, 1, at(0.3, 50));
    expect(middle.learningRate).toBeCloseTo(0.25 * 0.01 * Math.exp(0.7), 15);
    expect(middle.logRate).toBe(rateOf(output, 0.8, 1, at(0.3, 50)).logRate);
    expect(rateOf(annealing, 0.8, 1, at(0.3, 99)).learningRate).toBeCloseTo(1e-6 * Math.exp(0.7), 15);
    const root = rateOf({ ...output, anneal: 0.5 }, 0.8, 1, at(0.3, 75));
    expect(root.learningRate).toBeCloseTo(0.5 * 0.01 * Math.exp(0.7), 15);
  });

  it("is 0 from T on where the form anneals, below the floor too", () => {
    for (const step of [100, 101, 250])
      expect(rateOf(annealing, 0.8, 1, at(0, step))).toMatchObject({ learningRate: 0, logRate: 0.4 });
    expect(rateOf(annealing, 0.8, 1, at(0, 99)).learningRate).toBeLessThan(output.floor);
  });

  it("keeps the rate between floor and ceiling, from where it turns back at once", () => {
    const high = rateOf(output, 1, 1, at(2.2));
    expect(high.learningRate).toBeCloseTo(0.1, 15);
    expect(rateOf(output, -1, 1, at(high.logRate)).learningRate).toBeCloseTo(0.1 * Math.exp(-0.5), 15);
    expect(rateOf(output, -1, 1, at(-2.2)).learningRate).toBeCloseTo(0.001, 17);
    expect(rateOf(annealing, 1, 1, at(2.2, 50)).learningRate).toBeCloseTo(0.025, 15);
  });

  it("gives dα/dp as the finite difference does, and 0 where floor or ceiling holds", () => {
    for (const form of [output, settling, annealing, { ...settling, anneal: 0.5 }, { ...cubic, settle: 90 }])
      for (const [p, logRate, step, free] of [
        [0.3, 0.1, 0, true],
        [-0.9, 1.2, 30, true],
        [0.5, -0.4, 99, true],
        [0.9, 2.29, 8, false],
        [-0.9, -2.29, 40, false],
      ] as const) {
        const rateAt = (q: number): number => rateOf(form, q, 1, at(logRate, step)).learningRate;
        const difference = (rateAt(p + 1e-6) - rateAt(p - 1e-6)) / 2e-6;
        const { slope } = rateOf(form, p, 1, at(logRate, step));
        expect(slope).toBeCloseTo(difference, 9);
        expect(slope > 0).toBe(free);
      }
  });

  it("is γ·p in the sigmoid form, whatever the rate before", () => {
    expect(rateOf("sigmoid", 0.25, 0.8, at(5, 3))).toEqual({
      learningRate: 0.2,
      slope: 0.8,
      logRate: Math.log(0.25),
    });
    expect(rateOf("sigmoid", 0, 0.8, at(5, 3)).logRate).toBe(Math.log(1e-30));
  });
});

describe("scalesAt", () => {
  it("gives δ_t and a_t, and needs no horizon where the form does not anneal", () => {
    expect(scalesAt(output, 7, null)).toEqual({ gain: 0.5, scale: 1 });
    expect(scalesAt(settling, 30, null)).toEqual({ gain: 0.125, scale: 1 });
    expect(scalesAt({ ...settling, anneal: 1 }, 30, 40)).toEqual({ gain: 0.125, scale: 0.25 });
  });
});

describe("the relative form", () => {
  it("gives lower rates to longer runs, by the third root of T / 1000, and none where T is not known", () => {
    const relative: IntegratingOutput = { ...output, relative: true };
    expect(scalesAt(relative, 0, 125).scale).toBeCloseTo(2, 15);
    expect(scalesAt(relative, 0, 8000).scale).toBeCloseTo(0.5, 15);
    expect(scalesAt(relative, 0, null).scale).toBe(1);
    expect(scalesAt({ ...relative, anneal: 1 }, 100, 125).scale).toBeCloseTo(0.4, 15);
    expect(scalesAt(output, 0, 125).scale).toBe(1);
  });
});

describe("anneals", () => {
  it("is true of an output that needs the horizon alone", () => {
    expect([output, settling, annealing, "sigmoid" as const].map(anneals)).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });
});
