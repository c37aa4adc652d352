import { describe, expect, it } from "vitest";
import {
  formatAccuracy,
  formatDuration,
  formatFigure,
  formatLoss,
  formatPercent,
  formatRate,
  percentTick,
} from "./format.ts";

describe("the formats of numbers", () => {
  it("write accuracies in per cent with one decimal, and a standard error where there is one.", () => {
    expect(formatPercent(0.69123)).toBe("69.1 %");
    expect(formatAccuracy(0.69123, 0.0041)).toBe("69.1 ± 0.4 %");
    expect(formatAccuracy(0.69123, null)).toBe("69.1 %");
    expect(percentTick(0.65)).toBe("65 %");
  });

  it("write losses with three decimals and rates with three digits.", () => {
    expect(formatLoss(1.17049)).toBe("1.170");
    expect(formatLoss(123456)).toBe("1.235e+5");
    expect(formatRate(0.316227)).toBe("0.316");
    expect(formatRate(1e-7)).toBe("1e-7");
  });

  it("write a dash for what a diverged run does not have.", () => {
    expect(formatPercent(null)).toBe("–");
    expect(formatAccuracy(Number.NaN, 0.1)).toBe("–");
    expect(formatLoss(Number.POSITIVE_INFINITY)).toBe("–");
    expect(formatRate(undefined)).toBe("–");
  });

  it("write losses that three decimals would not show, and numbers of any unit, with significant digits.", () => {
    expect([0.00412, 4.1e-7, 0].map(formatLoss)).toEqual(["0.00412", "4.10e-7", "0.000"]);
    const figures = [0.0123412, 1.17049, 23451.2, 4.8e14, 0, null].map(formatFigure);
    expect(figures).toEqual(["0.01234", "1.170", "23451", "4.800e+14", "0", "–"]);
  });

  it("write durations in minutes and seconds.", () => {
    expect([9.4, 60, 151.2, 179.6].map(formatDuration)).toEqual(["9 s", "1 min", "2 min 31 s", "3 min"]);
  });
});
