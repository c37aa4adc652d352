import { describe, expect, it } from "vitest";
import { lossAxis, lossCeiling, rateAxis, symlogTicks } from "./axis.ts";
import type { Series } from "./series.ts";

const style = { colour: "black", dash: undefined, width: 1 };
const line = (...values: number[]): Series => ({
  key: "line",
  label: "line",
  style,
  points: values.map((value, step) => ({ step, mean: value, low: value, high: value })),
  diverged: false,
});

describe("lossAxis", () => {
  it("is logarithmic above 0, symmetric where a loss is 0, linear below, and says why.", () => {
    expect(lossAxis([line(2, 1), line(3, 0.1)])).toEqual({ scale: "log", words: "log scale" });
    expect(lossAxis([line(2, 0), line(1)])).toMatchObject({
      scale: "symlog",
      words: expect.stringMatching(/losses of 0$/),
    });
    expect(lossAxis([line(2, 1), line(-1)])).toMatchObject({
      scale: "linear",
      words: expect.stringMatching(/losses below 0$/),
    });
  });

  it("is that of any comparison where there is no loss.", () => {
    expect(lossAxis([line()]).words).toBe("log scale");
    expect(lossAxis([]).words).toBe("log scale");
  });
});

describe("rateAxis", () => {
  it("is logarithmic unless all rates are 0, and says where some are.", () => {
    expect(rateAxis([line(1, 0.1)])).toEqual({ scale: "log", words: "log scale" });
    expect(rateAxis([line(1, 0)])).toMatchObject({
      scale: "log",
      words: expect.stringMatching(/rates of 0/),
    });
    expect(rateAxis([line(0, 0)])).toMatchObject({
      scale: "linear",
      words: expect.stringMatching(/all rates are 0/),
    });
    expect(rateAxis([line()])).toMatchObject({ scale: "log" });
  });
});

describe("lossCeiling", () => {
  it("leaves room above the first loss, whatever its sign.", () => {
    expect(lossCeiling([line(2, 1), line(2.5, 90)])).toBe(7.5);
    expect(lossCeiling([line(-1, -5)])).toBe(3);
    expect(lossCeiling([line(2, 0)])).toBe(4);
    expect(lossCeiling([line(-1, -1)])).toBe(0);
    expect(lossCeiling([line(), line()])).toBeUndefined();
  });
});

describe("symlogTicks", () => {
  it("are 0 and the decades above the part that is linear.", () => {
    expect(symlogTicks(2)).toEqual([0, 0.01, 0.1, 1]);
  });
});
