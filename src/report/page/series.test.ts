import { describe, expect, it } from "vitest";
import { apart } from "./end-labels.ts";
import { logTicks } from "./log-ticks.ts";
import { smooth, spread } from "./series.ts";

const samples = (...values: number[]) => values.map((value, step) => ({ step, value }));

describe("smooth", () => {
  it("takes the mean of both sides, narrower at the start and one-sided at the end.", () => {
    expect(smooth(samples(9, 3, 0, 6, 3), 1).map(({ value }) => value)).toEqual([9, 4, 3, 3, 4.5]);
  });

  it("leaves values as they are where it reaches nowhere.", () => {
    expect(smooth(samples(1, 2), 0)).toEqual(samples(1, 2));
  });
});

describe("spread", () => {
  it("gives mean, least and greatest of the seeds, over the steps that all of them have.", () => {
    expect(spread([samples(1, 2, 3), samples(3, 6)])).toEqual([
      { step: 0, mean: 2, low: 1, high: 3 },
      { step: 1, mean: 4, low: 2, high: 6 },
    ]);
  });

  it("is empty where a seed has nothing, and where there is no seed.", () => {
    expect(spread([samples(1), []])).toEqual([]);
    expect(spread([])).toEqual([]);
  });
});

describe("logTicks", () => {
  it("counts decades on long axes and their parts on short ones.", () => {
    expect(logTicks(0.0009, 1.1)).toEqual([0.001, 0.01, 0.1, 1]);
    expect(logTicks(0.3, 9)).toEqual([0.5, 1, 2, 5]);
    expect(logTicks(0.7, 2.2)).toEqual([0.7, 0.8, 1, 1.5, 2]);
  });
});

describe("apart", () => {
  it("leaves labels that have room where they are.", () => {
    expect(apart([10, 50], 0, 100)).toEqual([10, 50]);
  });

  it("spreads labels that would overlap around the place they want.", () => {
    expect(apart([50, 50, 50], 0, 100)).toEqual([35, 50, 65]);
  });

  it("keeps them within the chart.", () => {
    expect(apart([1, 2], 0, 100)).toEqual([0, 15]);
    expect(apart([98, 99], 0, 100)).toEqual([85, 100]);
  });
});
