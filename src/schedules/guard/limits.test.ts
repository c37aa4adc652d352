import { describe, expect, it } from "vitest";
import { checkLimits, guardLimits, limitAt } from "./limits.ts";

describe("limits", () => {
  it("lie between the pair's two in equal ratios, and stay at the sharper one beyond four times the usual rate.", () => {
    expect(limitAt([12, 3], 0)).toBe(12);
    expect(limitAt([12, 3], 1)).toBe(12);
    expect(limitAt([12, 3], 2)).toBeCloseTo(6, 12);
    expect(limitAt([12, 3], 4)).toBeCloseTo(3, 12);
    expect(limitAt([12, 3], 400)).toBeCloseTo(3, 12);
  });

  it("are refused out of range.", () => {
    expect(() => checkLimits({ cut: 1 })).toThrow("`cut`");
    expect(() => checkLimits({ explosion: [12, 0] })).toThrow("`explosion`");
    expect(checkLimits({ cut: 0.5 })).toEqual({ ...guardLimits, cut: 0.5 });
  });
});
