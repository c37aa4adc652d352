import { describe, expect, it } from "vitest";
import { studentProbability, studentQuantile } from "./student-t.ts";

describe("studentQuantile", () => {
  it.each([
    // A table of the 95 % quantile; of 1 and 2 degrees by hand: tan(0.45 π), 1.8 / sqrt(0.38).
    [1, Math.tan(0.45 * Math.PI)],
    [2, 1.8 / Math.sqrt(0.38)],
    [3, 2.353363],
    [4, 2.131847],
    [9, 1.833113],
    [19, 1.729133],
    [29, 1.699127],
    [99, 1.660391],
  ])("of %i degrees of freedom at 95 %% is as in the tables.", (degrees, expected) => {
    expect(studentQuantile(0.95, degrees)).toBeCloseTo(expected, 5);
  });

  it("is symmetric, 0 in the middle, and becomes that of the normal distribution.", () => {
    expect(studentQuantile(0.05, 9)).toBe(-studentQuantile(0.95, 9));
    expect(studentQuantile(0.5, 7)).toBeCloseTo(0, 9);
    expect(studentQuantile(0.975, 1e6)).toBeCloseTo(1.959966, 4);
  });

  it("is the inverse of the probability.", () => {
    for (const degrees of [1, 4, 9, 29, 200])
      for (const probability of [0.6, 0.9, 0.95, 0.999])
        expect(studentProbability(studentQuantile(probability, degrees), degrees)).toBeCloseTo(
          probability,
          10,
        );
  });

  it("refuses a probability or degrees that are none.", () => {
    for (const [probability, degrees] of [
      [0, 9],
      [1, 9],
      [Number.NaN, 9],
      [0.95, 0],
    ] as const)
      expect(() => studentQuantile(probability, degrees)).toThrow("probability");
  });
});
