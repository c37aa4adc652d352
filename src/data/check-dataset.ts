import { MlrSnetError } from "../errors.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { type Dataset, exampleCount, inputLength, inputTypeOf } from "./dataset.ts";

const fieldNames: OptionNames<Dataset> = {
  name: true,
  inputs: true,
  inputShape: true,
  pixels: true,
  rows: true,
  labels: true,
  labelsPerExample: true,
  classes: true,
  vocabulary: true,
};

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
  const { name, inputs, inputShape, labels, classes, labelsPerExample = 1, rows } = dataset;
  check(typeof name === "string" && name !== "", "`name` of the data set to be a text", name);
  const called = `of data set \`${name}\``;
  checkKindOfLabels(labels, classes, called);
  check(
    Array.isArray(inputShape) && inputShape.every((side) => Number.isSafeInteger(side) && side >= 1),
    `\`inputShape\` ${called} to be a list of integers ≥ 1`,
    JSON.stringify(inputShape),
  );
  checkKindOfInputs(dataset, called);
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
  const length = inputLength(dataset);
  const stored = rows === undefined ? count : Math.floor(inputs.length / length);
  if (inputs.length !== stored * length)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected \`inputs\` ${called} to hold ${stored} examples of [${inputShape}] = ${stored * length} numbers, got ${inputs.length}.`,
    );
  if (rows !== undefined) checkRows(rows, count, stored, called);
  const { vocabulary } = dataset;
  const tokens = inputTypeOf(dataset) === "int32";
  check(
    vocabulary === undefined || (tokens && Number.isSafeInteger(vocabulary) && vocabulary >= 1),
    `\`vocabulary\` ${called} to be an integer ≥ 1 and its \`inputs\` tokens, an Int32Array`,
    vocabulary,
  );
  if (tokens) checkTokens(dataset, vocabulary);
  else if (inputs instanceof Float32Array) {
    const wrong = firstOutside(dataset, -Number.MAX_VALUE, Number.MAX_VALUE);
    check(wrong === undefined, `\`inputs\` ${called} to be finite`, wrong);
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
  dataset: Pick<Dataset, "name" | "inputs" | "inputShape" | "rows">,
  vocabulary: number = Number.POSITIVE_INFINITY,
  whose = "its `vocabulary`",
): void {
  const wrong = firstOutside(dataset, 0, vocabulary - 1);
  const range =
    vocabulary === Number.POSITIVE_INFINITY ? "≥ 0" : `from 0 to ${vocabulary - 1}, as ${whose} has them`;
  check(wrong === undefined, `\`inputs\` of data set \`${dataset.name}\` to be tokens ${range}`, wrong);
}

/** The first input that is not from `low` to `high`, in words; undefined where there is none. */
function firstOutside(
  dataset: Pick<Dataset, "inputs" | "inputShape" | "rows">,
  low: number,
  high: number,
): string | undefined {
  const { inputs, rows } = dataset;
  const length = inputLength(dataset);
  const count = rows?.length ?? inputs.length / length;
  for (let example = 0; example < count; example++) {
    const end = ((rows ? rows[example]! : example) + 1) * length;
    for (let index = end - length; index < end; index++)
      if (!(inputs[index]! >= low && inputs[index]! <= high))
        return `${inputs[index]} at ${placeOf(index, length, example)}`;
  }
  return undefined;
}

/** An index into the numbers of all examples, of which each has `length`, in words. */
function placeOf(index: number, length: number, example = Math.floor(index / length)): string {
  return `index ${index} (${length === 1 ? "" : `position ${index % length} of `}example ${example})`;
}

/** What the numbers are must be plain: bytes are pixels or tokens, which `pixels` or `vocabulary` says. */
function checkKindOfInputs({ inputs, inputShape, pixels, vocabulary }: Dataset, called: string): void {
  const isBytes = inputs instanceof Uint8Array;
  const isSmall = isBytes || inputs instanceof Uint16Array;
  check(
    isSmall || inputs instanceof Int32Array || inputs instanceof Float32Array,
    `\`inputs\` ${called} to be an Int32Array, Uint16Array or Uint8Array of tokens, a Uint8Array of pixels, or a Float32Array`,
    typeof inputs,
  );
  if (pixels === undefined) {
    check(
      !isSmall || vocabulary !== undefined,
      isBytes
        ? `\`pixels\` or \`vocabulary\` ${called} to say whether its bytes are pixels or tokens`
        : `\`vocabulary\` ${called}, whose \`inputs\` are a Uint16Array of tokens`,
      "neither",
    );
    return;
  }
  check(isBytes, `no \`pixels\` ${called} unless its \`inputs\` are a Uint8Array`, "both");
  check(vocabulary === undefined, `\`pixels\` or \`vocabulary\` ${called}`, "both");
  const { mean, deviation } = pixels;
  const channels = [1, inputShape[0]];
  const isList = (list: unknown, isRight: (value: number) => boolean): boolean =>
    Array.isArray(list) && channels.includes(list.length) && list.every(isRight);
  check(
    isList(mean, Number.isFinite) &&
      isList(deviation, (value) => value > 0 && Number.isFinite(value)) &&
      mean.length === deviation.length,
    `\`pixels\` ${called} to be { mean, deviation }, lists of ${channels.join(" or ")} finite numbers, deviations > 0`,
    JSON.stringify(pixels),
  );
}

function checkRows(rows: unknown, count: number, stored: number, called: string): void {
  check(rows instanceof Uint32Array, `\`rows\` ${called} to be a Uint32Array`, typeof rows);
  const list = rows as Uint32Array;
  check(
    list.length === count,
    `\`rows\` ${called} to be as many as it has examples by its labels, ${count}`,
    list.length,
  );
  const wrong = list.findIndex((row) => row >= stored);
  check(wrong < 0, `\`rows\` ${called} to be 0 to ${stored - 1}`, `${list[wrong]} at index ${wrong}`);
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
