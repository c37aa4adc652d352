import { describe, expect, it } from "vitest";
import type { CurvePoint } from "./report-data.ts";
import { thinCurve } from "./thin-curve.ts";

const curve: CurvePoint[] = Array.from({ length: 10 }, (_, step) => ({
  step,
  loss: step,
  learningRate: step / 10,
}));

describe("thinCurve", () => {
  it("leaves a short curve as it is.", () => {
    expect(thinCurve(curve, 10, 10)).toEqual(curve);
  });

  it("gives each span the mean of its losses and the last of everything else.", () => {
    expect(thinCurve(curve, 10, 4)).toEqual([
      { step: 2, loss: 1, learningRate: 0.2 },
      { step: 5, loss: 4, learningRate: 0.5 },
      { step: 8, loss: 7, learningRate: 0.8 },
      { step: 9, loss: 9, learningRate: 0.9 },
    ]);
  });

  it("keeps the evaluations of a span.", () => {
    const evaluated = curve.map((point) => (point.step === 3 ? { ...point, testAccuracy: 0.5 } : point));
    expect(thinCurve(evaluated, 10, 5)[1]).toEqual({
      step: 3,
      loss: 2.5,
      learningRate: 0.3,
      testAccuracy: 0.5,
    });
  });

  it("puts the points of a run that ended early at the steps of the others.", () => {
    const steps = thinCurve(curve, 10, 4).map(({ step }) => step);
    expect(thinCurve(curve.slice(0, 6), 10, 4).map(({ step }) => step)).toEqual(steps.slice(0, 2));
  });

  it("does not average a divergence away.", () => {
    const diverging = curve.map((point) => (point.step === 9 ? { ...point, loss: null } : point));
    expect(thinCurve(diverging, 10, 2).map(({ loss }) => loss)).toEqual([2, Number.NaN]);
  });
});
