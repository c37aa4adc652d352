import { describe, expect, it } from "vitest";
import type { CompareRun } from "./compare.ts";
import { summarise } from "./compare.ts";
import { levelsOf } from "./levels.ts";
import { pairedDifference } from "./paired-difference.ts";
import { rateGrid, referenceRate } from "./rate-grid.ts";
import { meanAndError } from "./statistics.ts";

function run(schedule: string, seed: number, accuracy: number, loss: number | null = 1): CompareRun {
  const last = { loss, accuracy };
  const status: CompareRun["status"] = loss === null ? "diverged" : "done";
  const rest = { task: "t", baseRate: 0.1, status, best: last, tuningRuns: 5, curve: [] };
  return { ...rest, schedule, seed, last };
}

describe("rateGrid", () => {
  it("reaches from half the reference rate to 32 times it, in equal ratios.", () => {
    expect(rateGrid(0.1, 4)).toEqual([0.05, 0.2, 0.8, 3.2]);
    expect(rateGrid(0.1, 2)).toEqual([0.05, 3.2]);
    expect(rateGrid(0.1, 1)).toEqual([0.1]);
  });
});

describe("referenceRate", () => {
  it("follows the optimizer, but for L4, whose base rate is a fraction.", () => {
    const cosine = { name: "cosine", baseRateDefault: 0.1 };
    expect(referenceRate(cosine, { kind: "sgd" })).toBe(0.1);
    expect(referenceRate(cosine, { kind: "sgd", momentum: 0.9 })).toBeCloseTo(0.01, 12);
    expect(referenceRate(cosine, { kind: "adamw" })).toBe(0.001);
    expect(referenceRate({ name: "l4", baseRateDefault: 0.15 }, { kind: "adam" })).toBe(0.15);
  });
});

describe("meanAndError", () => {
  it("gives the standard error of the sample, worked out by hand.", () => {
    // Squares about the mean 2: 1 + 0 + 1 = 2; variance 2 / 2 = 1; error sqrt(1 / 3).
    expect(meanAndError([1, 2, 3])).toEqual({ mean: 2, standardError: Math.sqrt(1 / 3) });
    expect(meanAndError([4])).toEqual({ mean: 4, standardError: null });
  });
});

describe("summarise", () => {
  it("counts a diverged run into the mean as guessing, and says how many there are.", () => {
    const summary = summarise([run("a", 1, 0.75, 1), run("a", 2, 0.25, null)], "accuracy");
    expect(summary).toMatchObject({
      schedule: "a",
      runs: 2,
      diverged: 1,
      mean: 0.5,
      lastLossMean: null,
      tuningRuns: 5,
    });
    expect(summarise([run("a", 1, 0.7, 1), run("a", 2, 0.5, 3)], "accuracy").lastLossMean).toBe(2);
  });
});

describe("pairedDifference", () => {
  it("compares seed by seed, so that what seeds share drops out.", () => {
    const noisy = [0.5, 0.6, 0.7];
    const runs = noisy.flatMap((accuracy, seed) => [
      run("a", seed, accuracy + 0.02),
      run("b", seed, accuracy),
    ]);
    expect(pairedDifference(runs, "a", "b", "accuracy")).toMatchObject({ outcome: "win" });
    expect(pairedDifference(runs, "b", "a", "accuracy").mean).toBeCloseTo(-0.02, 12);
    expect(pairedDifference(runs, "b", "a", "accuracy").outcome).toBe("loss");
  });

  it("is in favour of the smaller loss where the loss judges.", () => {
    const runs = [1, 2].flatMap((loss, seed) => [run("a", seed, 0, loss - 0.5), run("b", seed, 0, loss)]);
    expect(pairedDifference(runs, "a", "b", "loss")).toMatchObject({ mean: 0.5, outcome: "win" });
  });

  it("calls a difference within twice its standard error a tie.", () => {
    const runs = [0.02, -0.03, 0.02].flatMap((gain, seed) => [
      run("a", seed, 0.5 + gain),
      run("b", seed, 0.5),
    ]);
    expect(pairedDifference(runs, "a", "b", "accuracy").outcome).toBe("tie");
  });
});

describe("levelsOf", () => {
  it("is the mean rate of each third, stretched to the run.", () => {
    const schedule = levelsOf([1, 3, 0.4, 0.6, 0.1, 0.1]);
    const state = schedule.init({ totalSteps: 9 });
    const rates = Array.from(
      { length: 9 },
      (_, step) => schedule.next(state, { step, loss: 1 }).learningRate,
    );
    expect(rates).toEqual([2, 2, 2, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1]);
  });
});
