import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import {
  type DataSplits,
  type Dataset,
  exampleCount,
  type Labels,
  labelTypeOf,
  type TrainTest,
} from "./dataset.ts";
import { subset } from "./examples.ts";

/**
 * Takes `count` examples out of a data set, its classes in proportion, so that both parts have the same prior: of a
 * class with n of the N examples count · n / N, rounded by the largest remainder, and at most n - 1. A class of a single
 * example stays where it is. Both parts keep the original order; the same seed gives the same parts.
 *
 * Where examples have several labels, those with the rarest label are shared out first (iterative stratification).
 *
 * @param count 1 to N - 1, and so few that every class keeps an example.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for another count.
 * @see Sechidis, Tsoumakas, Vlahavas, "On the stratification of multi-label data", ECML 2011.
 */
export function splitOff(
  dataset: Dataset,
  count: number,
  seed: number,
): { remaining: Dataset; heldOut: Dataset } {
  const total = exampleCount(dataset);
  const { labels, classes, labelsPerExample = 1 } = dataset;
  if (classes === undefined)
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected classes to hold out by, got real targets.");
  const most = labelsPerExample === 1 ? total - new Set(labels).size : total - 1;
  if (!Number.isSafeInteger(count) || count < 1 || count > most) throw tooMany(most, dataset.name, count);
  const random = new Random(seed, "held-out");
  const isHeld =
    labelsPerExample === 1
      ? holdInProportion(labels, classes, count, random)
      : holdIteratively(dataset, classes, count, random);
  const part = (held: number) => {
    const indices: number[] = [];
    for (let index = 0; index < total; index++) if (isHeld[index] === held) indices.push(index);
    return subset(dataset, indices);
  };
  return { remaining: part(0), heldOut: part(1) };
}

/**
 * Takes `count` randomly chosen examples out of a data set, whatever their labels: the split for real targets, which have
 * no classes to be balanced by. Both parts keep the original order.
 *
 * @param count 1 to N - 1.
 */
export function splitRandomly(
  dataset: Dataset,
  count: number,
  seed: number,
): { remaining: Dataset; heldOut: Dataset } {
  const examples = exampleCount(dataset);
  if (!Number.isSafeInteger(count) || count < 1 || count >= examples)
    throw tooMany(examples - 1, dataset.name, count);
  const order = new Random(seed, "held-out").permutation(examples);
  return {
    remaining: subset(dataset, order.subarray(count).sort()),
    heldOut: subset(dataset, order.subarray(0, count).sort()),
  };
}

/** Takes the last `count` examples off a data set: the split of a text, of which both parts stay in one piece. */
export function splitEnd(dataset: Dataset, count: number): { remaining: Dataset; heldOut: Dataset } {
  const examples = exampleCount(dataset);
  if (!Number.isSafeInteger(count) || count < 1 || count >= examples)
    throw tooMany(examples - 1, dataset.name, count);
  const part = (start: number, end: number) =>
    subset(
      dataset,
      Uint32Array.from({ length: end - start }, (_, index) => start + index),
    );
  return { remaining: part(0, examples - count), heldOut: part(examples - count, examples) };
}

/** Holds `count` examples of the training set out for validation, classes in proportion (`splitOff`); real targets randomly. */
export function splitValidation(sets: TrainTest, count: number, seed: number): DataSplits {
  const split = labelTypeOf(sets.train) === "float32" ? splitRandomly : splitOff;
  const { remaining, heldOut } = split(sets.train, count, seed);
  return { train: remaining, validation: heldOut, test: sets.test };
}

/** [N], 1 for the examples to hold out: `count` of them, one label each. */
function holdInProportion(labels: Labels, classes: number, count: number, random: Random): Uint8Array {
  const available = new Int32Array(classes);
  for (const label of labels) available[label]!++;
  const share = (label: number) => count * available[label]!;
  const quota = Int32Array.from(available, (_, label) => Math.floor(share(label) / labels.length));
  // The remainders, largest first; equal ones in a random order.
  const order = [...random.permutation(classes)].sort(
    (a, b) => (share(b) % labels.length) - (share(a) % labels.length),
  );
  for (let left = count - quota.reduce((a, b) => a + b); left > 0; )
    for (const label of order) {
      if (left === 0 || quota[label]! + 1 >= available[label]!) continue;
      quota[label]!++;
      left--;
    }
  const isHeld = new Uint8Array(labels.length);
  for (const index of random.permutation(labels.length)) {
    if (quota[labels[index]!]! === 0) continue;
    quota[labels[index]!]!--;
    isHeld[index] = 1;
  }
  return isHeld;
}

/** [N], 1 for the examples to hold out: `count` of them, several labels each, the rarest label first. */
function holdIteratively(dataset: Dataset, classes: number, count: number, random: Random): Uint8Array {
  const total = exampleCount(dataset);
  const labels = distinctLabels(dataset);
  /** By label: examples that hold it and are not shared out yet, and examples of the training part. */
  const waiting = new Int32Array(classes);
  const kept = new Int32Array(classes);
  for (const own of labels) for (const label of own) waiting[label]!++;
  /** By label, how many examples more the held-out part should have. */
  const wanted = Float64Array.from(waiting, (number) => (count * number) / total);
  const isHeld = new Uint8Array(total).fill(2);
  let left = count;
  let room = total - count;
  const order = random.permutation(total);
  const shareOut = (index: number, label: number): void => {
    const own = labels[index]!;
    const isNeeded = own.some((other) => kept[other] === 0 && waiting[other] === 1);
    const isWanted = wanted[label]! > waiting[label]! - wanted[label]!;
    const held = left > 0 && !isNeeded && (room === 0 || isWanted);
    if (!held && room === 0) throw tooMany(count - 1, dataset.name, count);
    isHeld[index] = held ? 1 : 0;
    if (held) left--;
    else room--;
    for (const other of own) {
      waiting[other]!--;
      if (held) wanted[other]!--;
      else kept[other]!++;
    }
  };
  for (let rarest = rarestOf(waiting); rarest >= 0; rarest = rarestOf(waiting))
    for (const index of order)
      if (isHeld[index] === 2 && labels[index]!.includes(rarest)) shareOut(index, rarest);
  return isHeld;
}

/** The label that the fewest examples hold, but one at least; -1 where none is left. */
function rarestOf(waiting: Int32Array): number {
  let rarest = -1;
  for (const [label, number] of waiting.entries())
    if (number > 0 && (rarest < 0 || number < waiting[rarest]!)) rarest = label;
  return rarest;
}

/** The labels of each example, each once. */
function distinctLabels({ labels, labelsPerExample = 1 }: Dataset): number[][] {
  return Array.from({ length: labels.length / labelsPerExample }, (_, example) => [
    ...new Set(labels.subarray(example * labelsPerExample, (example + 1) * labelsPerExample)),
  ]);
}

function tooMany(most: number, name: string, count: number): MlrSnetError {
  const reason = `so that training on \`${name}\` keeps an example of each class`;
  return new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected the number of held-out examples to be an integer from 1 to ${most}, ${reason}, got ${count}.`,
  );
}
