/** Numbers of examples as the network takes them: measurements (float32) or tokens (int32, from 0). */
export type Inputs = Float32Array | Int32Array;

/** Numbers of examples as a data set holds them: also as the bytes of its file, or as tokens in the fewest bytes. */
export type StoredInputs = Inputs | Uint8Array | Uint16Array;

/** What is to be predicted: classes (int32, from 0) or real numbers (float32). */
export type Labels = Int32Array | Float32Array;

/**
 * What the bytes of an image mean, by channel, the first axis of an example, or one pair for all channels:
 *
 *     value = (byte / 255 - mean) / deviation, rounded to float32
 */
export type Pixels = { readonly mean: readonly number[]; readonly deviation: readonly number[] };

/** Examples for classification or regression, all in memory. */
export type Dataset = {
  name: string;
  /**
   * [N, ...inputShape], example after example. A Float32Array holds measurements, an Int32Array tokens; a Uint8Array with
   * `pixels` images, a Uint8Array or Uint16Array with `vocabulary` tokens. Batches hold what it stands for (`copyExamples`).
   */
  inputs: StoredInputs;
  /** Shape of one example, such as `[40]` or `[1, 28, 28]` (channels, height, width). */
  inputShape: readonly number[];
  /** How bytes become measurements, float32. */
  pixels?: Pixels;
  /** [N]: which of the examples in `inputs` are this set's, in its order, so that parts share their inputs; default: all. */
  rows?: Uint32Array;
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

/** Element type of the inputs in a batch. */
export function inputTypeOf({ inputs, pixels }: Pick<Dataset, "inputs" | "pixels">): "float32" | "int32" {
  return inputs instanceof Float32Array || pixels !== undefined ? "float32" : "int32";
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
