import { describe, expect, it } from "vitest";
import { differenceText, verdictWords } from "./difference-text.ts";

const pair = { difference: -0.012, low: -0.021, high: -0.003, margin: 0.005, seeds: 10 };

describe("differenceText", () => {
  it("says how much, the interval and the verdict; points of accuracy, the unit of what judges elsewhere.", () => {
    const behind = { ...pair, verdict: "behind" as const };
    expect(differenceText(behind, "accuracy")).toBe("1.2 points worse [-2.1, -0.3]: behind");
    expect(differenceText({ ...behind, difference: 0.5 }, "perplexity")).toBe(
      "0.5000 of perplexity better [-0.0210, -0.00300]: behind",
    );
  });

  it("has neither interval nor verdict for fewer than five seeds.", () => {
    const few = { ...pair, seeds: 3, verdict: null };
    expect(differenceText(few, "accuracy")).toBe("1.2 points worse in the mean of 3 seeds: no verdict");
    expect(differenceText({ ...few, low: null, high: null, seeds: 1 }, "accuracy")).toContain("1 seed:");
  });
});

describe("verdictWords", () => {
  it("are the four words of the protocol, and none for null.", () => {
    expect((["better", "not-worse", "inconclusive", "behind", null] as const).map(verdictWords)).toEqual([
      "better",
      "not worse",
      "inconclusive",
      "behind",
      "no verdict",
    ]);
  });
});
