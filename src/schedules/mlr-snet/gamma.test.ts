import { describe, expect, it } from "vitest";
import {
  checkGammaGuard,
  defaultGammaGuard,
  type GammaGuard,
  guardedGamma,
  learningRateRange,
} from "./gamma.ts";

describe("learningRateRange", () => {
  it("is 0.669, 1.040 and 1.033 for an untrained network with 10, 100 and 1000 classes", () => {
    expect(learningRateRange(Math.log(10), 10)).toBeCloseTo(0.669, 3);
    expect(learningRateRange(Math.log(100), 100)).toBeCloseTo(1.04, 3);
    expect(learningRateRange(Math.log(1000), 1000)).toBeCloseTo(1.033, 3);
  });

  it("is about 46 for a language model of 10,000 words, with the perplexity in the place of the loss", () => {
    expect(learningRateRange(Math.log(10_000), 10_000, "perplexity")).toBeCloseTo(
      (100 * Math.log(1e8)) / 40,
      10,
    );
  });

  it("is zero where loss times classes is 1, negative below, and zero at a loss of zero", () => {
    expect(learningRateRange(0.1, 10)).toBeCloseTo(0, 15);
    expect(learningRateRange(0.01, 10)).toBeCloseTo((0.1 * Math.log(0.1)) / 10 ** 0.25 / 4, 15);
    expect(learningRateRange(0, 10)).toBe(0);
  });

  it("refuses a negative loss, fewer than two classes and a perplexity beyond all bounds", () => {
    expect(() => learningRateRange(-1, 10)).toThrow("to be a number >= 0, got -1.");
    expect(() => learningRateRange(1, 1)).toThrow("Expected `classes` to be an integer >= 2, got 1.");
    expect(() => learningRateRange(800, 10, "perplexity")).toThrow("Expected γ to be finite");
  });
});

describe("guardedGamma", () => {
  const floor = defaultGammaGuard;

  it("leaves γ alone, without a warning, where it is large enough", () => {
    expect(guardedGamma(1.2, 10, "loss", floor)).toEqual({ gamma: learningRateRange(1.2, 10) });
    expect(guardedGamma(1.2, 10, "loss", { mode: "abs" })).toEqual({ gamma: learningRateRange(1.2, 10) });
  });

  it("takes the absolute value in the mode of the released code, and says so", () => {
    const { gamma, warning } = guardedGamma(0.01, 10, "loss", { mode: "abs" });
    expect(gamma).toBe(-learningRateRange(0.01, 10));
    expect(warning).toContain('the gamma guard "abs" makes it 0.03');
  });

  it("keeps γ above the floor at its zero, and says so", () => {
    const { gamma, warning } = guardedGamma(0.1, 10, "loss", floor);
    expect(gamma).toBeCloseTo(0.05 * 0.6691, 4);
    expect(warning).toContain('the gamma guard "floor" makes it');
  });
});

describe("checkGammaGuard", () => {
  it("refuses an unknown mode and a fraction that is no part of one", () => {
    expect(() => checkGammaGuard({ mode: "clip" } as unknown as GammaGuard)).toThrow(
      'Expected `gammaGuard.mode` to be one of abs, floor, got "clip".',
    );
    expect(() => checkGammaGuard({ mode: "floor", fraction: 0 })).toThrow(
      "Expected `gammaGuard.fraction` to be above 0",
    );
  });
});
