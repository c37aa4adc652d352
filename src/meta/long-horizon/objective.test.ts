import { describe, expect, it } from "vitest";
import type { TaskOutcome } from "../tasks/task-runs.ts";
import { shape, valuesOf } from "./objective.ts";

function outcome(changes: Partial<TaskOutcome>): TaskOutcome {
  return { losses: [1], correct: [0], progress: [0], initialLoss: 2, predicts: true, ...changes };
}

/** A run as bad as can be that did not diverge. */
const worst = outcome({ losses: [1e30], correct: [0], progress: [1] });

describe("valuesOf", () => {
  it("is half the log of the loss, half that of the errors, and three tenths of the way there.", () => {
    const run = { losses: [0.5, 2], correct: [0.9, 0.1], progress: [-0.8, 0.4], initialLoss: 2.3 };
    const [good, bad] = valuesOf(outcome(run));
    // ln(0.5 / 2.3) = -1.526056, ln(0.12) = -2.120264; ln(2 / 2.3) = -0.139762, ln(0.92) = -0.083382
    expect(good).toBeCloseTo((-1.526056 - 2.120264) / 2 - 0.24, 5);
    expect(bad).toBeCloseTo((-0.139762 - 0.083382) / 2 + 0.12, 5);
  });

  it("is the log of the loss and the way there where nothing is predicted.", () => {
    const [value] = valuesOf(outcome({ losses: [0.2], progress: [-1], predicts: false }));
    expect(value).toBeCloseTo(Math.log(0.1) - 0.3, 10);
    const end = outcome({ losses: [0.2], progress: [-1], predicts: false });
    expect(valuesOf(end, 0)[0]).toBeCloseTo(Math.log(0.1), 10);
  });

  it("takes a loss of a fiftieth of the first for none, and one of e times the first for the worst.", () => {
    const predicted = { correct: [1, 1, 1], progress: [0, 0, 0] };
    const [none, little, more] = valuesOf(outcome({ ...predicted, losses: [0, 0.04, 0.044] }));
    expect(none).toBe(little);
    expect(none).toBeCloseTo(Math.log(0.02), 10);
    expect(more).toBeCloseTo((Math.log(0.022) + Math.log(0.02)) / 2, 10);
    const [large, huge] = valuesOf(
      outcome({ losses: [2 * Math.E, 1e9], correct: [0, 0], progress: [0, 0], predicts: false }),
    );
    expect([large, huge]).toEqual([1, 1]);
  });

  it("gives a run that diverged 2, far above the worst that did not, and leaves the others alone.", () => {
    const run = { correct: [0.5, 0, 0.5, 0.5], progress: [0, 0, 0, Number.NaN] };
    const losses = [1, Number.NaN, Number.POSITIVE_INFINITY, 1];
    const [fine, ...lost] = valuesOf(outcome({ ...run, losses }));
    expect(lost).toEqual([2, 2, 2]);
    expect(fine).toBeCloseTo((Math.log(0.5) + Math.log(0.52)) / 2, 10);
    for (const predicts of [true, false]) expect(valuesOf({ ...worst, predicts })[0]).toBeLessThan(1.4);
  });

  it("falls with the loss, with the errors and with the progress.", () => {
    const [base, loss, errors, progress] = valuesOf(
      outcome({ losses: [1, 0.9, 1, 1], correct: [0.5, 0.5, 0.6, 0.5], progress: [0, 0, 0, -0.1] }),
    );
    for (const better of [loss!, errors!, progress!]) expect(better).toBeLessThan(base!);
  });
});

describe("shape", () => {
  it("gives centred ranks, which do not see how bad the worst is.", () => {
    expect(shape([-1, 2, -3], "ranks", 1)).toEqual([0, 0.5, -0.5]);
    expect(shape([-1, 0, -3], "ranks", 1)).toEqual([0, 0.5, -0.5]);
  });

  it("gives the differences to the median, each at most 1 away.", () => {
    const weights = shape([-1, 2, -1.25, -3, -0.5], "differences", 1);
    expect(weights).toEqual([0, 1, -0.25, -1, 0.5]);
    expect(shape([5, 5], "differences", 1)).toEqual([0, 0]);
  });

  it.each(["ranks", "differences"] as const)("keeps the order of the values: %s.", (shaping) => {
    const weights = shape([0.1, -0.2, 0.3, -0.4], shaping, 1);
    expect([...weights.keys()].sort((a, b) => weights[a]! - weights[b]!)).toEqual([3, 1, 0, 2]);
  });
});
