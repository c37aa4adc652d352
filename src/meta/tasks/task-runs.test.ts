import { describe, expect, it } from "vitest";
import { addProgress } from "./task-runs.ts";

describe("addProgress", () => {
  it("adds the clipped log ratios, and the worst for a loss that is no number, so that a member may come back.", () => {
    const sums = new Float64Array(5);
    for (let step = 0; step < 2; step++)
      addProgress(sums, Float32Array.of(2, 2 / Math.E, 1e9, Number.NaN, 0), Math.log(2));
    for (const [member, sum] of [0, -2, 2, 2, -24].entries()) expect(sums[member]).toBeCloseTo(sum, 6);
  });
});
