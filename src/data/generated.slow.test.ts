import { describe, expect, it } from "vitest";
import { checkDataset } from "./check-dataset.ts";
import { type Dataset, inputTypeOf } from "./dataset.ts";
import { type GeneratedKind, type GeneratedSpec, generateData, generatedShapes } from "./generated.ts";

const kinds = Object.keys(generatedShapes) as GeneratedKind[];
const floatKinds = kinds.filter((kind) => generatedShapes[kind].inputType === "float32");

function specOf(kind: GeneratedKind, changes: Partial<GeneratedSpec> = {}): GeneratedSpec {
  return { kind, seed: 1, examples: 400, classes: 5, labelNoise: 0, inputNoise: 0, ...changes };
}

function countsOf({ labels, classes }: Dataset): number[] {
  const counts = new Array<number>(classes!).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

function momentsOf(values: ArrayLike<number>): { mean: number; deviation: number } {
  const numbers = Array.from(values);
  const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
  const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: Math.sqrt(squares / numbers.length) };
}

/** Share of two lists' places at which they differ. */
function shareOther(left: ArrayLike<number>, right: ArrayLike<number>): number {
  return Array.from(left).filter((value, index) => value !== right[index]).length / left.length;
}

describe("generateData", () => {
  it.each(kinds)("gives valid data sets of %s in the shape promised, 500 for validation", (kind) => {
    const { train, validation } = generateData(specOf(kind, { inputNoise: 0.3, labelNoise: 0.1 }));
    const { inputShape, inputType, vocabulary } = generatedShapes[kind];
    for (const set of [train, validation]) {
      expect(checkDataset(set)).toBe(set);
      expect([set.inputShape, inputTypeOf(set), set.classes]).toEqual([inputShape, inputType, 5]);
      if (vocabulary !== undefined) expect(new Set(set.inputs).size).toBe(vocabulary);
    }
    expect([train.labels.length, validation.labels.length]).toEqual([400, 500]);
    expect(shareOther(train.inputs.subarray(0, 160), validation.inputs)).toBeGreaterThan(0.5);
  });

  it.each(kinds)("gives the same bits of %s for the same spec, and others for another seed", (kind) => {
    const spec = specOf(kind, { inputNoise: 0.2, labelNoise: 0.2 });
    const data = generateData(spec);
    expect(generateData(spec)).toEqual(data);
    expect(generateData({ ...spec, seed: 2 }).train.inputs).not.toEqual(data.train.inputs);
  });

  it.each(floatKinds)("standardises %s over the training set, noise included", (kind) => {
    for (const inputNoise of [0, 0.7]) {
      const { mean, deviation } = momentsOf(generateData(specOf(kind, { inputNoise })).train.inputs);
      expect(Math.abs(mean)).toBeLessThan(1e-5);
      expect(Math.abs(deviation - 1)).toBeLessThan(1e-5);
    }
  });

  it.each(floatKinds)("adds noise of the given deviation to training and validation of %s", (kind) => {
    const clean = generateData(specOf(kind));
    const noisy = generateData(specOf(kind, { inputNoise: 0.5 }));
    // Standardised again, the numbers are (clean + 0.5 noise) / √1.25.
    for (const part of ["train", "validation"] as const) {
      const noise = Array.from(
        noisy[part].inputs,
        (value, index) => value * Math.sqrt(1.25) - clean[part].inputs[index]!,
      );
      expect(Math.abs(momentsOf(noise).deviation - 0.5)).toBeLessThan(0.02);
      expect(noisy[part].labels).toEqual(clean[part].labels);
    }
  });

  it.each(["markov", "patterns"] as const)("replaces the given share of the tokens of %s", (kind) => {
    const clean = generateData(specOf(kind));
    const noisy = generateData(specOf(kind, { inputNoise: 0.4 }));
    // One random token in 16 is the one that was there.
    for (const part of ["train", "validation"] as const)
      expect(shareOther(noisy[part].inputs, clean[part].inputs)).toBeCloseTo((0.4 * 15) / 16, 1.3);
  });

  it.each(kinds)("replaces the given share of training labels of %s, none of validation", (kind) => {
    const clean = generateData(specOf(kind));
    const noisy = generateData(specOf(kind, { labelNoise: 0.5 }));
    // One random label in five is the one that was there.
    expect(Math.abs(shareOther(noisy.train.labels, clean.train.labels) - 0.4)).toBeLessThan(0.05);
    expect(noisy.train.inputs).toEqual(clean.train.inputs);
    expect(noisy.validation).toEqual(clean.validation);
  });

  it.each(kinds)("gives the same validation labels of %s for another number of examples", (kind) => {
    const { validation } = generateData(specOf(kind, { examples: 100 }));
    expect(generateData(specOf(kind, { examples: 200 })).validation.labels).toEqual(validation.labels);
  });

  it.each(kinds.filter((kind) => kind !== "teacher"))("gives as many of each class of %s", (kind) => {
    const { train, validation } = generateData(specOf(kind, { classes: 8 }));
    expect(countsOf(train)).toEqual(new Array(8).fill(50));
    expect(new Set(countsOf(validation))).toEqual(new Set([62, 63]));
  });

  it("gives each class of the teacher between a third and twice its share", () => {
    for (const seed of [1, 2])
      for (const classes of [2, 20]) {
        const counts = countsOf(generateData(specOf("teacher", { seed, classes, examples: 2000 })).train);
        expect(Math.min(...counts)).toBeGreaterThan(2000 / classes / 3);
        expect(Math.max(...counts)).toBeLessThan((2000 / classes) * 2);
      }
  });

  it.each(kinds)("goes up to the largest number of classes of %s", (kind) => {
    const classes = kind === "mnist1d" ? 10 : 20;
    const { train } = generateData(specOf(kind, { classes, examples: 600 }));
    expect(Math.min(...countsOf(train))).toBeGreaterThan(0);
  });

  it.each([
    { kind: "digits" as GeneratedKind },
    { seed: -1 },
    { seed: 0.5 },
    { examples: 4 },
    { examples: 1e9 },
    { examples: 100.5 },
    { classes: 1 },
    { classes: 21 },
    { kind: "mnist1d" as const, classes: 11 },
    { labelNoise: -0.1 },
    { labelNoise: 1.1 },
    { labelNoise: Number.NaN },
    { inputNoise: -1 },
    { inputNoise: Number.POSITIVE_INFINITY },
    { kind: "markov" as const, inputNoise: 1.5 },
  ])("refuses %o as out of range", (changes) => {
    expect(() => generateData(specOf("mixture", changes))).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: expect.stringMatching(/^Expected .*, got .*\.$/),
      }),
    );
  });
});
