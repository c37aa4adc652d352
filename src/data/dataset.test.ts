import { describe, expect, it } from "vitest";
import { checkDataset, type Dataset, splitOff, splitRandomly, splitValidation, subset } from "./dataset.ts";
import { generateMnist1d } from "./mnist1d.ts";

/** Six examples of shape [2]; example i holds [i, 10 i]. */
function six(): Dataset {
  return {
    name: "six",
    inputs: Float32Array.from([0, 0, 1, 10, 2, 20, 3, 30, 4, 40, 5, 50]),
    inputShape: [2],
    labels: Int32Array.from([0, 1, 0, 1, 0, 1]),
    classes: 2,
  };
}

/** The same with real targets, two an example. */
function sixReal(): Dataset {
  const { name, inputs, inputShape } = six();
  const labels = Float32Array.from({ length: 12 }, (_, index) => index / 2);
  return { name, inputs, inputShape, labels, labelsPerExample: 2 };
}

const invalid = expect.objectContaining({ code: "INVALID_ARGUMENT" });

describe("checkDataset", () => {
  it("returns a valid data set itself", () => {
    const dataset = six();
    expect(checkDataset(dataset)).toBe(dataset);
  });

  it("says how many numbers were expected where the lengths disagree", () => {
    expect(() => checkDataset({ ...six(), inputShape: [3] })).toThrow(
      expect.objectContaining({
        code: "SHAPE_MISMATCH",
        message: "Expected `inputs` of data set `six` to hold 6 examples of [3] = 18 numbers, got 12.",
      }),
    );
  });

  it.each([
    ["an empty set", { inputs: new Float32Array(0), labels: new Int32Array(0) }, "got none"],
    ["an input that is not a number", { inputs: new Float32Array(12).fill(Number.NaN, 7) }, "NaN at index 7"],
    ["an infinite input", { inputs: new Float32Array(12).fill(Infinity, 11) }, "Infinity at index 11"],
    ["a label above the classes", { labels: Int32Array.from([0, 1, 0, 2, 0, 1]) }, "got 2 at index 3"],
    ["a negative label", { labels: Int32Array.from([0, 1, -1, 1, 0, 1]) }, "got -1 at index 2"],
    ["a single class", { classes: 1 }, "an integer ≥ 2, got 1"],
    ["a side of zero", { inputShape: [0] }, "got [0]"],
    ["plain lists", { inputs: [1, 2] as unknown as Float32Array }, "a Float32Array, got object"],
    [
      "classes without their number",
      { classes: undefined as unknown as number },
      "≥ 2, or real targets in a Float32Array, got undefined",
    ],
    [
      "plain labels",
      { labels: [0, 1] as unknown as Int32Array },
      "a Float32Array of real targets, got object",
    ],
    ["real targets with a number of classes", { labels: new Float32Array(6) }, "no `classes` of data set"],
    ["a missing name", { name: "" }, "`name` of the data set"],
  ])("refuses %s and says where", (_, change, words) => {
    expect(() => checkDataset({ ...six(), ...change })).toThrow(invalid);
    expect(() => checkDataset({ ...six(), ...change })).toThrow(words);
  });
});

describe("checkDataset of real targets", () => {
  it("returns a valid data set itself", () => {
    const dataset = sixReal();
    expect(checkDataset(dataset)).toBe(dataset);
  });

  it.each([Number.NaN, Number.NEGATIVE_INFINITY])("refuses a target that is %s and says where", (wrong) => {
    const dataset = sixReal();
    dataset.labels[5] = wrong;
    expect(() => checkDataset(dataset)).toThrow(`to be finite, got ${wrong} at index 5`);
  });
});

describe("subset", () => {
  it("copies the chosen examples in the given order", () => {
    const chosen = subset(six(), [4, 1]);
    expect([...chosen.inputs]).toEqual([4, 40, 1, 10]);
    expect([...chosen.labels]).toEqual([0, 1]);
    expect(chosen.inputShape).toEqual([2]);
  });

  it("copies real targets as they are", () => {
    const { labels } = subset(sixReal(), [4, 1]);
    expect(labels).toEqual(Float32Array.from([4, 4.5, 1, 1.5]));
  });

  it("refuses indices outside the set and an empty list", () => {
    for (const indices of [[6], [-1], [0.5], []]) expect(() => subset(six(), indices)).toThrow(invalid);
  });
});

describe("splitOff", () => {
  it("shares the examples out without overlap, as many of each class, in the original order", () => {
    const { remaining, heldOut } = splitOff(six(), 2, 0);
    expect([...heldOut.labels].sort()).toEqual([0, 1]);
    const numbers = (set: Dataset) => [...set.inputs].filter((_, index) => index % 2 === 0);
    expect([...numbers(remaining), ...numbers(heldOut)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(remaining)).toEqual([...numbers(remaining)].sort());
  });

  it("gives the remainder to other classes for other seeds", () => {
    const labels = Array.from({ length: 20 }, (_, seed) => splitOff(six(), 1, seed).heldOut.labels[0]);
    expect(new Set(labels)).toEqual(new Set([0, 1]));
  });

  it("gives the same split for the same seed and another for another", () => {
    const { train } = generateMnist1d({ examples: 200 });
    expect(splitOff(train, 20, 1)).toEqual(splitOff(train, 20, 1));
    expect(splitOff(train, 20, 1)).not.toEqual(splitOff(train, 20, 2));
  });

  it("refuses to take the last example of a class or a count out of range", () => {
    for (const count of [5, 6, 0, -1, 1.5]) expect(() => splitOff(six(), count, 0)).toThrow(invalid);
    expect(() => splitOff({ ...six(), classes: 3 }, 3, 0)).toThrow("more than 1 examples of class 2");
  });
});

describe("splitRandomly", () => {
  const first = ({ labels }: Dataset): number[] => [...labels].filter((_, index) => index % 2 === 0);

  it("shares the examples out without overlap, in the original order", () => {
    const { remaining, heldOut } = splitRandomly(sixReal(), 2, 0);
    expect([first(remaining).length, first(heldOut).length]).toEqual([4, 2]);
    expect([...first(remaining), ...first(heldOut)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const part of [remaining, heldOut]) expect(first(part)).toEqual(first(part).sort());
    expect([...heldOut.inputs].filter((_, index) => index % 2 === 0)).toEqual(first(heldOut));
  });

  it("gives the same split for the same seed, and each example a turn over many", () => {
    expect(splitRandomly(sixReal(), 2, 3)).toEqual(splitRandomly(sixReal(), 2, 3));
    const held = Array.from({ length: 40 }, (_, seed) => first(splitRandomly(sixReal(), 1, seed).heldOut)[0]);
    expect(new Set(held)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
  });

  it("refuses a count out of range", () => {
    for (const count of [6, 0, -1, 1.5]) expect(() => splitRandomly(sixReal(), count, 0)).toThrow(invalid);
  });
});

describe("splitValidation", () => {
  it("splits real targets at random, which cannot be held out by class", () => {
    const sets = { train: sixReal(), test: sixReal() };
    const { train, validation, test } = splitValidation(sets, 2, 0);
    expect({ remaining: train, heldOut: validation }).toEqual(splitRandomly(sets.train, 2, 0));
    expect(test).toBe(sets.test);
    expect(() => splitOff(sixReal(), 2, 0)).toThrow("Expected classes to hold out by, got real targets.");
  });

  it("holds validation examples of MNIST-1D out of the training set and leaves the test set alone", () => {
    const sets = generateMnist1d();
    const { train, validation, test } = splitValidation(sets, 1000, 0);
    expect([train.labels.length, validation.labels.length]).toEqual([3000, 1000]);
    expect(test).toBe(sets.test);
    const counts = new Array(10).fill(0);
    for (const label of validation.labels) counts[label]++;
    expect(counts).toEqual(new Array(10).fill(100));
    const rows = (set: Dataset) =>
      Array.from(set.labels, (_, index) => set.inputs.subarray(index * 40, index * 40 + 40).join());
    const trained = new Set(rows(train));
    expect(rows(validation).filter((row) => trained.has(row))).toEqual([]);
  });
});
