import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";

/** Numbers of examples: measurements (float32) or tokens (int32, from 0). */
export type Inputs = Float32Array | Int32Array;

/** What is to be predicted: classes (int32, from 0) or real numbers (float32). */
export type Labels = Int32Array | Float32Array;

/** Examples for classification or regression, all in memory. */
export type Dataset = {
  name: string;
  /** [N, ...inputShape], example after example; the kind of array says whether they are measurements or tokens. */
  inputs: Inputs;
  /** Shape of one example, such as `[40]` or `[1, 28, 28]` (channels, height, width). */
  inputShape: readonly number[];
  /**
   * [N], or [N, labelsPerExample] where an example has several. An Int32Array holds classes, each 0 to `classes` - 1; a
   * Float32Array holds real targets.
   */
  labels: Labels;
  /** Labels of one example, such as one for each position of a sequence, or each number to predict; default 1. */
  labelsPerExample?: number;
  /** C: number of classes; absent for real targets, which have none. */
  classes?: number;
};

export type TrainTest = { train: Dataset; test: Dataset };

/** `validation` holds the meta examples of the paper: balanced by class where there are classes, in neither of the other two. */
export type DataSplits = TrainTest & { validation: Dataset };

/** N: number of examples. */
export function exampleCount({
  labels,
  labelsPerExample = 1,
}: Pick<Dataset, "labels" | "labelsPerExample">): number {
  return labels.length / labelsPerExample;
}

/** Element type of the inputs. */
export function inputTypeOf({ inputs }: Pick<Dataset, "inputs">): "float32" | "int32" {
  return inputs instanceof Int32Array ? "int32" : "float32";
}

/** Element type of the labels: int32 for classes, float32 for real targets. */
export function labelTypeOf({ labels }: Pick<Dataset, "labels">): "float32" | "int32" {
  return labels instanceof Int32Array ? "int32" : "float32";
}

/** Zeroed memory for inputs, or for labels. */
export function allocateInputs(type: "float32" | "int32", length: number): Inputs {
  return type === "int32" ? new Int32Array(length) : new Float32Array(length);
}

/** Numbers in one example: the product of `inputShape`. */
export function inputLength(dataset: Pick<Dataset, "inputShape">): number {
  return dataset.inputShape.reduce((product, side) => product * side, 1);
}

/**
 * Checks a data set that someone else made, once, before it is used.
 *
 * @returns The same data set.
 * @throws {MlrSnetError} `SHAPE_MISMATCH` where lengths disagree, `INVALID_ARGUMENT` where it is empty, an input or a real
 * target is not finite, a token is negative, a label is out of range, a field has the wrong type, or `classes` does not
 * fit the kind of labels.
 */
export function checkDataset(dataset: Dataset): Dataset {
  const { name, inputs, inputShape, labels, classes, labelsPerExample = 1 } = dataset;
  check(typeof name === "string" && name !== "", "`name` of the data set to be a text", name);
  const called = `of data set \`${name}\``;
  check(
    inputs instanceof Float32Array || inputs instanceof Int32Array,
    `\`inputs\` ${called} to be an Int32Array of tokens or a Float32Array`,
    typeof inputs,
  );
  checkKindOfLabels(labels, classes, called);
  check(
    Array.isArray(inputShape) && inputShape.every((side) => Number.isSafeInteger(side) && side >= 1),
    `\`inputShape\` ${called} to be a list of integers ≥ 1`,
    JSON.stringify(inputShape),
  );
  check(labels.length > 0, `at least one example ${called}`, "none");
  check(
    Number.isSafeInteger(labelsPerExample) && labelsPerExample >= 1,
    `\`labelsPerExample\` ${called} to be an integer ≥ 1`,
    labelsPerExample,
  );
  check(
    labels.length % labelsPerExample === 0,
    `\`labels\` ${called} to hold ${labelsPerExample} for each example`,
    labels.length,
  );

  const count = exampleCount(dataset);
  const expected = count * inputLength(dataset);
  if (inputs.length !== expected)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected \`inputs\` ${called} to hold ${count} examples of [${inputShape}] = ${expected} numbers, got ${inputs.length}.`,
    );
  const tokens = inputTypeOf(dataset) === "int32";
  let wrong = 0;
  while (wrong < inputs.length && (tokens ? inputs[wrong]! >= 0 : Number.isFinite(inputs[wrong]))) wrong++;
  check(
    wrong === inputs.length,
    `\`inputs\` ${called} to be ${tokens ? "tokens ≥ 0" : "finite"}`,
    `${inputs[wrong]} at index ${wrong}`,
  );
  const isWrong = (label: number): boolean =>
    classes === undefined ? !Number.isFinite(label) : label < 0 || label >= classes;
  let outside = 0;
  while (outside < labels.length && !isWrong(labels[outside]!)) outside++;
  check(
    outside === labels.length,
    `\`labels\` ${called} to be ${classes === undefined ? "finite" : `0 to ${classes - 1}`}`,
    `${labels[outside]} at index ${outside}`,
  );
  return dataset;
}

/** Classes have a number, real targets have none: what else is given is a mistake in one of the two. */
function checkKindOfLabels(labels: unknown, classes: unknown, called: string): void {
  check(
    labels instanceof Int32Array || labels instanceof Float32Array,
    `\`labels\` ${called} to be an Int32Array of classes or a Float32Array of real targets`,
    typeof labels,
  );
  if (labels instanceof Float32Array)
    check(
      classes === undefined,
      `no \`classes\` ${called}, whose \`labels\` are real targets (classes would be an Int32Array)`,
      classes,
    );
  else
    check(
      Number.isSafeInteger(classes) && Number(classes) >= 2,
      `\`classes\` ${called} to be an integer ≥ 2${classes === undefined ? ", or real targets in a Float32Array" : ""}`,
      classes,
    );
}

function check(condition: boolean, expected: string, got: unknown): void {
  if (!condition) throw new MlrSnetError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}

/** Copies examples into buffers [indices.length, ...inputShape] and [indices.length, labelsPerExample]. */
export function copyExamples(
  dataset: Dataset,
  indices: ArrayLike<number>,
  inputs: Inputs,
  labels: Labels,
): void {
  const length = inputLength(dataset);
  const width = dataset.labelsPerExample ?? 1;
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!;
    inputs.set(dataset.inputs.subarray(index * length, (index + 1) * length), row * length);
    for (let label = 0; label < width; label++)
      labels[row * width + label] = dataset.labels[index * width + label]!;
  }
}

/** A data set of its own with the given examples, in the given order. */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const count = exampleCount(dataset);
  check(indices.length > 0, "at least one index for a subset", "none");
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row]!;
    check(
      Number.isInteger(index) && index >= 0 && index < count,
      `the indices of a subset to be integers from 0 to ${count - 1}`,
      index,
    );
  }
  const inputs = allocateInputs(inputTypeOf(dataset), indices.length * inputLength(dataset));
  const labels = allocateInputs(labelTypeOf(dataset), indices.length * (dataset.labelsPerExample ?? 1));
  copyExamples(dataset, indices, inputs, labels);
  return { ...dataset, inputs, labels };
}

/**
 * Takes `count` examples out of a data set, as many of each class; where `count` is no multiple of the number of
 * classes, randomly chosen classes give one more. Both parts keep the original order.
 *
 * @param count 1 to N - 1.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if a class would be left without an example, or examples have several labels.
 */
export function splitOff(
  dataset: Dataset,
  count: number,
  seed: number,
): { remaining: Dataset; heldOut: Dataset } {
  const { labels, classes, labelsPerExample = 1 } = dataset;
  if (classes === undefined)
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected classes to hold out by, got real targets.");
  check(labelsPerExample === 1, "one label an example to hold out by class", labelsPerExample);
  check(
    Number.isSafeInteger(count) && count >= 1 && count < labels.length,
    `the number of held-out examples to be 1 to ${labels.length - 1}`,
    count,
  );
  const random = new Random(seed, "held-out");
  const quota = new Int32Array(classes).fill(Math.floor(count / classes));
  for (const label of random.permutation(classes).subarray(0, count % classes)) quota[label]!++;

  const available = new Int32Array(classes);
  for (const label of labels) available[label]!++;
  const short = quota.findIndex((wanted, label) => wanted >= available[label]!);
  check(
    short < 0,
    `more than ${quota[short]} examples of class ${short} to hold out ${count} by class, hold out fewer`,
    available[short],
  );

  const isHeld = new Uint8Array(labels.length);
  for (const index of random.permutation(labels.length)) {
    if (quota[labels[index]!]! === 0) continue;
    quota[labels[index]!]!--;
    isHeld[index] = 1;
  }
  const part = (held: number) => {
    const indices: number[] = [];
    for (let index = 0; index < labels.length; index++) if (isHeld[index] === held) indices.push(index);
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
  check(
    Number.isSafeInteger(count) && count >= 1 && count < examples,
    `the number of held-out examples to be 1 to ${examples - 1}`,
    count,
  );
  const order = new Random(seed, "held-out").permutation(examples);
  return {
    remaining: subset(dataset, order.subarray(count).sort()),
    heldOut: subset(dataset, order.subarray(0, count).sort()),
  };
}

/** Holds `count` examples of the training set out for validation, balanced by class (`splitOff`); real targets randomly. */
export function splitValidation(sets: TrainTest, count: number, seed: number): DataSplits {
  const split = labelTypeOf(sets.train) === "float32" ? splitRandomly : splitOff;
  const { remaining, heldOut } = split(sets.train, count, seed);
  return { train: remaining, validation: heldOut, test: sets.test };
}
