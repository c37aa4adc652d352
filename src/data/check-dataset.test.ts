import { describe, expect, it } from "vitest";
import { checkDataset } from "./check-dataset.ts";
import type { Dataset } from "./dataset.ts";

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

describe("checkDataset on tokens", () => {
  const words: Dataset = {
    name: "words",
    inputs: Int32Array.from([0, 1, 2, 3, 4, 99]),
    inputShape: [3],
    labels: Int32Array.from([0, 1]),
    classes: 2,
  };

  it("refuses a token outside the vocabulary, with example and position", () => {
    expect(() => checkDataset({ ...words, vocabulary: 16 })).toThrow(
      "Expected `inputs` of data set `words` to be tokens from 0 to 15, as its `vocabulary` has them, got 99 at index 5 (position 2 of example 1).",
    );
    expect(checkDataset({ ...words, vocabulary: 100 }).vocabulary).toBe(100);
    expect(checkDataset(words)).toBe(words);
  });

  it("refuses a vocabulary of measurements, and one that is no size", () => {
    expect(() => checkDataset({ ...six(), vocabulary: 6 })).toThrow("its `inputs` tokens");
    for (const vocabulary of [0, 1.5, Number.NaN])
      expect(() => checkDataset({ ...words, vocabulary })).toThrow(invalid);
  });

  it("says in which example and at which position a label is outside its classes", () => {
    const windows = { ...words, labels: Int32Array.from([0, 1, 1, 1, 7, 0]), labelsPerExample: 3 };
    expect(() => checkDataset(windows)).toThrow("got 7 at index 4 (position 1 of example 1)");
  });
});

describe("checkDataset on bytes", () => {
  /** Two images of two channels of one pixel. */
  const images: Dataset = {
    name: "images",
    inputs: Uint8Array.from([0, 255, 51, 102]),
    inputShape: [2, 1, 1],
    pixels: { mean: [0, 0.5], deviation: [1, 0.5] },
    labels: Int32Array.from([0, 1]),
    classes: 2,
  };

  it("takes pixels, and tokens of one or two bytes whose vocabulary is known", () => {
    expect(checkDataset(images)).toBe(images);
    const { pixels: _, ...tokens } = { ...images, vocabulary: 256 };
    for (const dataset of [tokens, { ...tokens, inputs: Uint16Array.from(tokens.inputs) }])
      expect(checkDataset(dataset)).toBe(dataset);
    expect(() => checkDataset({ ...tokens, vocabulary: 255 })).toThrow("tokens from 0 to 254");
  });

  const { pixels, ...bare } = images;
  it.each<[string, Dataset, string]>([
    ["bytes that are neither", bare, "whether its bytes are pixels or tokens, got neither"],
    ["bytes that are both", { ...images, vocabulary: 256 }, "got both"],
    ["pixels of floats", { ...images, inputs: new Float32Array(4) }, "unless its `inputs` are a Uint8Array"],
    [
      "two bytes a token without a vocabulary",
      { ...bare, inputs: new Uint16Array(4) },
      "`vocabulary` of data",
    ],
    [
      "another number of channels",
      { ...images, pixels: { mean: [0, 0, 0], deviation: [1, 1, 1] } },
      "lists of 1 or 2 finite numbers",
    ],
    ["a deviation of 0", { ...images, pixels: { mean: [0], deviation: [0] } }, "deviations > 0"],
    ["fewer deviations", { ...images, pixels: { ...pixels!, deviation: [1] } }, "lists of 1 or 2"],
  ])("refuses %s", (_, dataset, words) => {
    expect(() => checkDataset(dataset)).toThrow(invalid);
    expect(() => checkDataset(dataset)).toThrow(words);
  });
});

describe("checkDataset on rows", () => {
  it("takes a choice of examples, and says where the inputs of one are wrong", () => {
    const part: Dataset = { ...six(), rows: Uint32Array.of(5, 2), labels: Int32Array.of(1, 0) };
    expect(checkDataset(part)).toBe(part);
    part.inputs[5] = Number.NaN;
    expect(() => checkDataset(part)).toThrow("got NaN at index 5 (position 1 of example 1)");
    part.rows = Uint32Array.of(5, 1);
    expect(checkDataset(part)).toBe(part);
  });

  it("refuses rows that are not there, too few of them, and plain lists", () => {
    const rows = Uint32Array.of(0, 1, 2, 3, 4, 6);
    expect(() => checkDataset({ ...six(), rows })).toThrow("to be 0 to 5, got 6 at index 5");
    expect(() => checkDataset({ ...six(), rows: rows.slice(1) })).toThrow("by its labels, 6, got 5");
    expect(() => checkDataset({ ...six(), rows: [0] as unknown as Uint32Array })).toThrow(invalid);
    expect(() => checkDataset({ ...six(), rows, inputShape: [5] })).toThrow(
      expect.objectContaining({ code: "SHAPE_MISMATCH" }),
    );
  });
});
