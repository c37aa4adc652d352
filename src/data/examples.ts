import { MlrSnetError } from "../errors.ts";
import {
  allocateInputs,
  type Dataset,
  exampleCount,
  type Inputs,
  inputLength,
  inputTypeOf,
  type Labels,
  type Pixels,
} from "./dataset.ts";

/** Tables of those who were asked for before, to save time only. */
const tables = new WeakMap<Pixels, readonly Float32Array[]>();

/** [channels][256], the float32 that a byte stands for. */
export function pixelTables(pixels: Pixels): readonly Float32Array[] {
  const known = tables.get(pixels);
  if (known) return known;
  const { mean, deviation } = pixels;
  const made = mean.map((own, channel) =>
    Float32Array.from({ length: 256 }, (_, byte) => (byte / 255 - own) / deviation[channel]!),
  );
  tables.set(pixels, made);
  return made;
}

/** Copies examples, decoded, into buffers [indices.length, ...inputShape] and [indices.length, labelsPerExample]. */
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
    decodeExample(dataset, index, length, inputs, row * length);
    for (let label = 0; label < width; label++)
      labels[row * width + label] = dataset.labels[index * width + label]!;
  }
}

/** Copies the inputs of `count` examples from `start` on, decoded, into a buffer [count, ...inputShape]. */
export function copyInputs(dataset: Dataset, start: number, count: number, inputs: Inputs): void {
  const length = inputLength(dataset);
  for (let row = 0; row < count; row++) decodeExample(dataset, start + row, length, inputs, row * length);
}

/** All inputs [N, ...inputShape] as the network takes them: a copy, for those who look at a whole data set. */
export function decodedInputs(dataset: Dataset): Inputs {
  const count = exampleCount(dataset);
  const inputs = allocateInputs(inputTypeOf(dataset), count * inputLength(dataset));
  copyInputs(dataset, 0, count, inputs);
  return inputs;
}

/** The same in parts of about a megabyte, one after the other, for those who need not hold them all at once. */
export function* inputChunks(dataset: Dataset): Generator<Inputs> {
  const total = exampleCount(dataset);
  const length = inputLength(dataset);
  const most = Math.max(1, Math.floor(2 ** 18 / length));
  for (let start = 0; start < total; start += most) {
    const count = Math.min(most, total - start);
    const chunk = allocateInputs(inputTypeOf(dataset), count * length);
    copyInputs(dataset, start, count, chunk);
    yield chunk;
  }
}

/** Writes an example of `length` numbers to `target`, from `at` on. */
function decodeExample(
  { inputs, pixels, rows }: Dataset,
  index: number,
  length: number,
  target: Inputs,
  at: number,
): void {
  const start = (rows ? rows[index]! : index) * length;
  const stored = inputs.subarray(start, start + length);
  if (!pixels) {
    target.set(stored, at);
    return;
  }
  const channels = pixelTables(pixels);
  const plane = length / channels.length;
  for (const [channel, table] of channels.entries())
    for (let place = channel * plane; place < (channel + 1) * plane; place++)
      target[at + place] = table[stored[place]!]!;
}

/** The given examples, in the given order: labels of its own, and the inputs of the whole, which are not copied. */
export function subset(dataset: Dataset, indices: ArrayLike<number>): Dataset {
  const count = exampleCount(dataset);
  const { labels: all, labelsPerExample: width = 1, rows: known } = dataset;
  if (indices.length === 0)
    throw new MlrSnetError("INVALID_ARGUMENT", "Expected at least one index for a subset, got none.");
  const rows = new Uint32Array(indices.length);
  const labels =
    all instanceof Int32Array ? new Int32Array(rows.length * width) : new Float32Array(rows.length * width);
  for (let row = 0; row < rows.length; row++) {
    const index = indices[row]!;
    if (!Number.isInteger(index) || index < 0 || index >= count)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected the indices of a subset to be integers from 0 to ${count - 1}, got ${index}.`,
      );
    rows[row] = known ? known[index]! : index;
    labels.set(all.subarray(index * width, (index + 1) * width), row * width);
  }
  return { ...dataset, rows, labels };
}
