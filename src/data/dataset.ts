import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";

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
  /** Of tokens, which are 0 to `vocabulary` - 1; absent: they are checked against the model's embedding alone. */
  vocabulary?: number;
};

const fieldNames: OptionNames<Dataset> = {
  name: true,
  inputs: true,
  inputShape: true,
  labels: true,
  labelsPerExample: true,
  classes: true,
  vocabulary: true,
};

export type TrainTest = { train: Dataset; test: Dataset };

/** `validation` holds the meta examples of the paper: classes in proportion where there are classes, in neither of the other two. */
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
 * target is not finite, an input is no token of the vocabulary, a label is out of range, a field has the wrong type or an
 * unknown name, or `classes` does not fit the kind of labels.
 */
export function checkDataset(dataset: Dataset): Dataset {
  checkOptionNames("a data set", dataset, fieldNames);
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
  const { vocabulary } = dataset;
  const tokens = inputTypeOf(dataset) === "int32";
  check(
    vocabulary === undefined || (tokens && Number.isSafeInteger(vocabulary) && vocabulary >= 1),
    `\`vocabulary\` ${called} to be an integer ≥ 1 and its \`inputs\` tokens, an Int32Array`,
    vocabulary,
  );
  if (tokens) checkTokens(dataset, vocabulary);
  else {
    let wrong = 0; // A loop: there may be tens of millions of them.
    while (wrong < inputs.length && Number.isFinite(inputs[wrong])) wrong++;
    const place = placeOf(wrong, inputs.length / count);
    check(wrong === inputs.length, `\`inputs\` ${called} to be finite`, `${inputs[wrong]} at ${place}`);
  }
  const isWrong = (label: number): boolean =>
    classes === undefined ? !Number.isFinite(label) : label < 0 || label >= classes;
  let outside = 0;
  while (outside < labels.length && !isWrong(labels[outside]!)) outside++;
  check(
    outside === labels.length,
    `\`labels\` ${called} to be ${classes === undefined ? "finite" : `0 to ${classes - 1}`}`,
    `${labels[outside]} at ${placeOf(outside, labelsPerExample)}`,
  );
  return dataset;
}

/**
 * Checks that every token of a data set is one that a vocabulary has, before a network looks it up in mid-run.
 *
 * @param vocabulary the tokens are 0 to `vocabulary` - 1; undefined: any that are not negative.
 * @param whose what has that vocabulary, for the message.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` with the example and the position.
 */
export function checkTokens(
  dataset: Pick<Dataset, "name" | "inputs" | "inputShape">,
  vocabulary: number = Number.POSITIVE_INFINITY,
  whose = "its `vocabulary`",
): void {
  const { inputs, name } = dataset;
  let wrong = 0;
  while (wrong < inputs.length && inputs[wrong]! >= 0 && inputs[wrong]! < vocabulary) wrong++;
  const range =
    vocabulary === Number.POSITIVE_INFINITY ? "≥ 0" : `from 0 to ${vocabulary - 1}, as ${whose} has them`;
  check(
    wrong === inputs.length,
    `\`inputs\` of data set \`${name}\` to be tokens ${range}`,
    `${inputs[wrong]} at ${placeOf(wrong, inputLength(dataset))}`,
  );
}

/** An index into the numbers of all examples, of which each has `length`, in words. */
function placeOf(index: number, length: number): string {
  const example = Math.floor(index / length);
  return `index ${index} (${length === 1 ? "" : `position ${index % length} of `}example ${example})`;
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
