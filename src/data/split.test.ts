import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import type { Dataset } from "./dataset.ts";
import { decodedInputs } from "./examples.ts";
import { generateMnist1d } from "./mnist1d.ts";
import { splitOff, splitRandomly, splitValidation } from "./split.ts";

/** Examples of shape [1], numbered by their inputs; `counts[c]` of class c, in a fixed mixed order. */
function ofClasses(counts: readonly number[]): Dataset {
  const sorted = counts.flatMap((count, label) => Array<number>(count).fill(label));
  const labels = Int32Array.from(
    new Random(1, "order").permutation(sorted.length),
    (place) => sorted[place]!,
  );
  const inputs = Float32Array.from(labels.keys());
  return { name: "counted", inputs, inputShape: [1], labels, classes: counts.length };
}

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

function countsOf({ labels, classes }: Dataset): number[] {
  const counts = Array<number>(classes!).fill(0);
  for (const label of labels) counts[label]!++;
  return counts;
}

const invalid = expect.objectContaining({ code: "INVALID_ARGUMENT" });

describe("splitOff", () => {
  it("shares the examples out without overlap, in the original order", () => {
    const { remaining, heldOut } = splitOff(six(), 2, 0);
    expect([...heldOut.labels].sort()).toEqual([0, 1]);
    const numbers = (set: Dataset) => [...decodedInputs(set)].filter((_, index) => index % 2 === 0);
    expect([...numbers(remaining), ...numbers(heldOut)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(numbers(remaining)).toEqual([...numbers(remaining)].sort());
  });

  it("keeps the share of a class of 24 %, where it once made it 50 %", () => {
    const { remaining, heldOut } = splitOff(ofClasses([760, 240]), 125, 0);
    expect(countsOf(heldOut)).toEqual([95, 30]);
    expect(countsOf(remaining)).toEqual([665, 210]);
  });

  it("rounds by the largest remainder: 10 of 57, 29 and 14 are 5.7, 2.9 and 1.4, so 6, 3 and 1", () => {
    expect(countsOf(splitOff(ofClasses([57, 29, 14]), 10, 3).heldOut)).toEqual([6, 3, 1]);
  });

  it("leaves a class of any rarity at least one example for training, and a class of one alone", () => {
    expect(countsOf(splitOff(ofClasses([90, 1, 9]), 50, 0).remaining)[1]).toBe(1);
    const most = splitOff(ofClasses([5, 1, 2]), 5, 0);
    expect(countsOf(most.remaining)).toEqual([1, 1, 1]);
    expect(countsOf(most.heldOut)).toEqual([4, 0, 1]);
    for (const [counts, count] of [
      [[6, 3], 1],
      [[100, 1, 1, 1], 20],
      [[0, 4, 4], 3],
      [[7, 2, 1], 7],
    ] as const) {
      const { remaining, heldOut } = splitOff(ofClasses(counts), count, 2);
      expect(heldOut.labels).toHaveLength(count);
      for (const [label, number] of countsOf(remaining).entries())
        expect(number, `class ${label} of ${counts}`).toBeGreaterThanOrEqual(Math.min(1, counts[label]!));
    }
  });

  it("gives what it always gave where the classes are balanced exactly", () => {
    // The examples that the release before chose, balanced by class, from the same seeds.
    const { heldOut } = splitOff(ofClasses([8, 8, 8]), 7, 5);
    expect([...decodedInputs(heldOut)]).toEqual([4, 5, 6, 7, 13, 14, 18]);
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
    for (const count of [5, 6, 0, -1, 1.5, Number.NaN])
      expect(() => splitOff(six(), count, 0)).toThrow(invalid);
    expect(() => splitOff(six(), 5, 0)).toThrow("an integer from 1 to 4, so that training on `six` keeps");
  });
});

describe("splitOff where examples have several labels", () => {
  /** 400 examples of three labels: 0 is common, 1 in one of ten, 2 in one of forty, 3 in a single example. */
  function sequences(): Dataset {
    const random = new Random(4, "labels");
    const labels = Int32Array.from({ length: 1200 }, () => (random.integer(30) === 0 ? 1 : 0));
    for (let example = 0; example < 400; example += 40) labels[example * 3 + 1] = 2;
    labels[3 * 77] = 3;
    const inputs = Int32Array.from({ length: 1200 }, (_, index) => Math.floor(index / 3));
    return { name: "sequences", inputs, inputShape: [3], labels, labelsPerExample: 3, classes: 4 };
  }

  const holding = ({ labels }: Dataset, label: number) =>
    Array.from({ length: labels.length / 3 }, (_, example) =>
      labels.subarray(3 * example, 3 * example + 3),
    ).filter((own) => own.includes(label)).length;

  it("takes of the examples with each label a share in proportion, and keeps the only one with a label", () => {
    const dataset = sequences();
    const { remaining, heldOut } = splitOff(dataset, 100, 0);
    expect([heldOut.labels.length, remaining.labels.length]).toEqual([300, 900]);
    for (const label of [0, 1, 2])
      expect(Math.abs(holding(heldOut, label) - holding(dataset, label) / 4)).toBeLessThanOrEqual(1);
    expect([holding(remaining, 3), holding(heldOut, 3)]).toEqual([1, 0]);
    const examples = (set: Dataset) => [...new Set(decodedInputs(set))];
    expect([...examples(remaining), ...examples(heldOut)].sort((a, b) => a - b)).toEqual([
      ...Array(400).keys(),
    ]);
    expect(examples(heldOut)).toEqual(examples(heldOut).sort((a, b) => a - b));
  });

  it("is the same for the same seed, another for another, and refuses what would empty a class", () => {
    expect(splitOff(sequences(), 50, 1)).toEqual(splitOff(sequences(), 50, 1));
    expect(splitOff(sequences(), 50, 1)).not.toEqual(splitOff(sequences(), 50, 2));
    expect(holding(splitOff(sequences(), 396, 0).remaining, 3)).toBe(1);
    for (const count of [0, 399, 400]) expect(() => splitOff(sequences(), count, 0)).toThrow(invalid);
  });
});

describe("splitValidation", () => {
  it("holds validation examples of MNIST-1D out of the training set and leaves the test set alone", () => {
    const sets = generateMnist1d();
    const { train, validation, test } = splitValidation(sets, 1000, 0);
    expect([train.labels.length, validation.labels.length]).toEqual([3000, 1000]);
    expect(test).toBe(sets.test);
    const whole = countsOf(sets.train);
    for (const [label, count] of countsOf(validation).entries())
      expect(Math.abs(count - whole[label]! / 4), `class ${label}`).toBeLessThan(1);
    const rows = (set: Dataset) => {
      const inputs = decodedInputs(set);
      return Array.from(set.labels, (_, index) => inputs.subarray(index * 40, index * 40 + 40).join());
    };
    const trained = new Set(rows(train));
    expect(rows(validation).filter((row) => trained.has(row))).toEqual([]);
  });
});

describe("splitRandomly", () => {
  const first = ({ labels }: Dataset): number[] => [...labels].filter((_, index) => index % 2 === 0);

  it("shares the examples out without overlap, in the original order", () => {
    const { remaining, heldOut } = splitRandomly(sixReal(), 2, 0);
    expect([first(remaining).length, first(heldOut).length]).toEqual([4, 2]);
    expect([...first(remaining), ...first(heldOut)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const part of [remaining, heldOut]) expect(first(part)).toEqual(first(part).sort());
    expect([...decodedInputs(heldOut)].filter((_, index) => index % 2 === 0)).toEqual(first(heldOut));
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

describe("splitValidation of real targets", () => {
  it("splits real targets at random, which cannot be held out by class", () => {
    const sets = { train: sixReal(), test: sixReal() };
    const { train, validation, test } = splitValidation(sets, 2, 0);
    expect({ remaining: train, heldOut: validation }).toEqual(splitRandomly(sets.train, 2, 0));
    expect(test).toBe(sets.test);
    expect(() => splitOff(sixReal(), 2, 0)).toThrow("Expected classes to hold out by, got real targets.");
  });
});
