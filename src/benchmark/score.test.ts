import { describe, expect, it } from "vitest";
import { advantage, guessOf, isBetter, isLost, marginOf, measured, measureOf } from "./score.ts";

const classes = (labels: readonly number[], labelsPerExample = 1) => ({
  labels: Int32Array.from(labels),
  labelsPerExample,
  classes: 4,
});
const real = (labels: readonly number[], labelsPerExample = 1) => ({
  labels: Float32Array.from(labels),
  labelsPerExample,
});

describe("measureOf", () => {
  it("is the loss for real targets, the perplexity for sequences of labels, and the accuracy for all else.", () => {
    expect(measureOf({ loss: "squared-error" }, real([0.5]))).toBe("loss");
    expect(measureOf({ loss: () => 0 }, real([0.5]))).toBe("loss");
    expect(measureOf({}, classes([0, 1], 2))).toBe("perplexity");
    expect(measureOf({ loss: "cross-entropy" }, classes([0, 1]))).toBe("accuracy");
    expect(measureOf({ loss: () => 0 }, classes([0, 1], 2))).toBe("accuracy"); // exp of it would be no perplexity
  });
});

describe("guessOf", () => {
  it("is 1/C of accuracy.", () => {
    expect(guessOf({}, classes([0, 1, 2]), classes([3]))).toBe(0.25);
  });

  it("is the perplexity of the frequencies of the training labels, each counted once more.", () => {
    // Frequencies (5, 1, 1, 1) / 8 of the training labels 0, 0, 0, 0.
    const guess = guessOf({}, classes([0, 0, 0, 0], 2), classes([0, 1], 2));
    expect(guess).toBeCloseTo(Math.sqrt((8 / 5) * 8), 12);
  });

  it("is the squared error of the training mean and the absolute error of the training median, on the judged data.", () => {
    const [train, judged] = [real([0, 0, 6]), real([1, 5])];
    expect(guessOf({ loss: "squared-error" }, train, judged)).toBe((1 + 9) / 2); // of 2
    expect(guessOf({ loss: "absolute-error" }, train, judged)).toBe((1 + 5) / 2); // of 0
    expect(guessOf({ loss: "absolute-error" }, real([0, 0, 2, 6]), judged)).toBe((0 + 4) / 2); // of 1
  });

  it("predicts a constant for each output and takes the mean over them.", () => {
    const guess = guessOf({ loss: "squared-error" }, real([0, 10, 2, 30], 2), real([1, 20, 4, 20], 2));
    expect(guess).toBe((0 + 0 + 9 + 0) / 4); // of 1 and 20
  });

  it("does not exist for a loss of one's own, of which the best constant is unknown.", () => {
    expect(guessOf({ loss: () => 0 }, real([1]), real([1]))).toBeNull();
  });
});

describe("isBetter", () => {
  it("goes by the highest accuracy, the lowest perplexity and the lowest loss, and by less loss among equals.", () => {
    const a = { loss: 2, accuracy: 0.5, perplexity: 7 };
    const b = { loss: 1, accuracy: 0.4, perplexity: 3 };
    expect(isBetter(a, b, "accuracy")).toBe(true);
    expect(isBetter(a, b, "perplexity")).toBe(false);
    expect(isBetter(b, a, "loss")).toBe(true);
    expect(isBetter({ ...a, loss: 1.9 }, a, "accuracy")).toBe(true);
    expect(isBetter({ ...a, loss: null }, a, "accuracy")).toBe(false);
    expect(isBetter(a, a, "accuracy")).toBe(false);
  });

  it("ranks what was not measured last.", () => {
    expect(measured({ loss: null }, "loss")).toBe(Number.POSITIVE_INFINITY);
    expect(measured({ loss: null }, "accuracy")).toBe(0);
    expect(isBetter({ loss: 1e30 }, { loss: null }, "loss")).toBe(true);
  });

  it("counts a difference as ours, whichever way is better.", () => {
    expect(advantage(0.9, 0.8, "accuracy")).toBeCloseTo(0.1, 12);
    expect(advantage(3, 4, "perplexity")).toBe(1);
    expect(advantage(2, 1, "loss")).toBe(-1);
  });
});

describe("marginOf", () => {
  it("is half a point of accuracy and 2 % of the other schedule's perplexity or loss.", () => {
    expect(marginOf("accuracy", 0.9)).toBe(0.005);
    expect(marginOf("perplexity", 50)).toBe(1);
    expect(marginOf("loss", 0.5)).toBeCloseTo(0.01, 12);
  });
});

describe("isLost", () => {
  it("is a loss that is not finite, by whatever it is judged.", () => {
    for (const measure of ["accuracy", "perplexity", "loss"] as const)
      expect(isLost({ loss: null, accuracy: 0.25, perplexity: null }, measure, 1, 1)).toBe(true);
    expect(isLost({ loss: 800, perplexity: null }, "perplexity", 4, 1.4)).toBe(true); // exp(800) is no number
  });

  it("is a regression's loss, or a perplexity, of more than ten times the guess.", () => {
    expect(isLost({ loss: 4.8e14 }, "loss", 1, 1.2)).toBe(true);
    expect(isLost({ loss: 10.5 }, "loss", 1, 1.2)).toBe(true);
    expect(isLost({ loss: 9.5 }, "loss", 1, 1.2)).toBe(false);
    expect(isLost({ loss: Math.log(41), perplexity: 41 }, "perplexity", 4, 1.4)).toBe(true);
  });

  it("is not a loss that is far above the guess but has fallen, as of targets far from zero after few steps.", () => {
    expect(isLost({ loss: 5000 }, "loss", 1, 10_000)).toBe(false);
  });

  it("is not a finite loss where the accuracy judges, however absurd.", () => {
    expect(isLost({ loss: 4.8e14, accuracy: 0.9 }, "accuracy", 0.25, 1.4)).toBe(false);
  });
});
