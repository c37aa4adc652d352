import { describe, expect, it } from "vitest";
import type { Dataset } from "./dataset.ts";
import { type GeneratedKind, generateData } from "./generated.ts";

const rowOf = (inputs: ArrayLike<number>, row: number, length: number) =>
  Array.prototype.slice.call(inputs, row * length, (row + 1) * length) as number[];

/** Share of the validation examples whose label `predict` tells. */
function accuracyOf({ inputs, labels }: Dataset, predict: (example: number[]) => number): number {
  const length = inputs.length / labels.length;
  const right = labels.filter((label, row) => predict(rowOf(inputs, row, length)) === label);
  return right.length / labels.length;
}

/** The label of the nearest of `rows`. */
function nearest(rows: number[][], labels: ArrayLike<number>): (example: number[]) => number {
  return (example) => {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (const [row, values] of rows.entries()) {
      let distance = 0;
      for (let axis = 0; axis < values.length; axis++) distance += (values[axis]! - example[axis]!) ** 2;
      if (distance < least) [best, least] = [row, distance];
    }
    return labels[best]!;
  };
}

function nearestNeighbour({ inputs, labels }: Dataset): (example: number[]) => number {
  const length = inputs.length / labels.length;
  return nearest(
    Array.from(labels, (_, row) => rowOf(inputs, row, length)),
    labels,
  );
}

function nearestCentroid({ inputs, labels, classes = 0 }: Dataset): (example: number[]) => number {
  const length = inputs.length / labels.length;
  const centroids = Array.from({ length: classes }, () => new Array<number>(length).fill(0));
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  for (const [index, value] of inputs.entries()) {
    const label = labels[Math.floor(index / length)]!;
    centroids[label]![index % length]! += value / counts[label]!;
  }
  return nearest(centroids, Array.from(centroids.keys()));
}

/** Naive Bayes over counts of what `features` finds in an example, each count starting at `start`. */
function naiveBayes(
  { inputs, labels, classes = 0 }: Dataset,
  features: (example: number[]) => number[],
  start: number,
) {
  const length = inputs.length / labels.length;
  const counts = Array.from({ length: classes }, () => new Map<number, number>());
  for (const [row, label] of labels.entries())
    for (const feature of features(rowOf(inputs, row, length)))
      counts[label]!.set(feature, (counts[label]!.get(feature) ?? start) + 1);
  return (example: number[]) => {
    const found = features(example);
    const scores = counts.map((of) => found.reduce((sum, key) => sum + Math.log(of.get(key) ?? start), 0));
    return scores.indexOf(Math.max(...scores));
  };
}

const bigrams = (tokens: number[]) => tokens.slice(1).map((token, at) => tokens[at]! * 16 + token);
const trigrams = (tokens: number[]) =>
  tokens.slice(2).map((token, at) => (tokens[at]! * 16 + tokens[at + 1]!) * 16 + token);

describe("what can be learned (five classes: chance is 0.2)", () => {
  const data = (kind: GeneratedKind, seed: number) =>
    generateData({ kind, seed, examples: 1000, classes: 5, labelNoise: 0, inputNoise: 0 });
  const seeds = [1, 2, 3, 4];

  it("mnist1d: the nearest neighbour tells the class of well over chance", () => {
    for (const seed of seeds) {
      const { train, validation } = data("mnist1d", seed);
      expect(accuracyOf(validation, nearestNeighbour(train))).toBeGreaterThan(0.4);
    }
  });

  it("images: the nearest neighbour tells the class of well over chance", () => {
    for (const seed of seeds) {
      const { train, validation } = data("images", seed);
      expect(accuracyOf(validation, nearestNeighbour(train))).toBeGreaterThan(0.4);
    }
  });

  it("mixture: the nearest neighbour beats chance, and tasks differ from hard to easy", () => {
    const accuracies = [1, 2, 3, 4, 5, 6].map((seed) => {
      const { train, validation } = data("mixture", seed);
      return accuracyOf(validation, nearestNeighbour(train));
    });
    expect(Math.min(...accuracies)).toBeGreaterThan(0.28);
    expect(Math.max(...accuracies) - Math.min(...accuracies)).toBeGreaterThan(0.2);
  });

  it("teacher: the nearest centroid tells the class of well over chance", () => {
    for (const seed of seeds) {
      const { train, validation } = data("teacher", seed);
      expect(accuracyOf(validation, nearestCentroid(train))).toBeGreaterThan(0.4);
    }
  });

  it("markov: pairs of tokens tell the class, single tokens tell less", () => {
    for (const seed of seeds) {
      const { train, validation } = data("markov", seed);
      const pairs = accuracyOf(validation, naiveBayes(train, bigrams, 1));
      expect(pairs).toBeGreaterThan(0.5);
      expect(pairs).toBeGreaterThan(
        accuracyOf(
          validation,
          naiveBayes(train, (tokens) => tokens, 1),
        ),
      );
    }
  });

  it("patterns: the three tokens that all training examples of a class share tell the class", () => {
    for (const seed of seeds) {
      const { train, validation } = data("patterns", seed);
      const patterns = Array.from({ length: 5 }, (_, label) => {
        const rows = [...train.labels.keys()].filter((row) => train.labels[row] === label);
        const found = rows.map((row) => trigrams(rowOf(train.inputs, row, 16)));
        return found[0]!.filter((pattern) => found.every((of) => of.includes(pattern)));
      });
      expect(patterns.map((shared) => new Set(shared).size)).toEqual([1, 1, 1, 1, 1]);
      for (const [row, label] of validation.labels.entries()) {
        const holds = trigrams(rowOf(validation.inputs, row, 16));
        expect(patterns.map(([pattern]) => holds.includes(pattern!)).indexOf(true)).toBe(label);
        expect(patterns.filter(([pattern]) => holds.includes(pattern!)).length).toBe(1);
      }
    }
  });
});
