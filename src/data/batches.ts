import { MlrSnetError } from "../errors.ts";
import { type Dataset, type Inputs, inputLength, type Labels } from "./dataset.ts";

/**
 * Where a training run has its batches from. All are of the same size, and the batch of a step is a pure function of the
 * seed and the step: a run is resumed from its step alone, and a batch may be asked for ahead of its turn.
 */
export type Batches = {
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  /**
   * Writes the batch of a step into the caller's buffers.
   *
   * @param step t, counted from 0 over all epochs.
   * @param inputs [batchSize, ...inputShape]
   * @param labels [batchSize, labelsPerExample]
   * @throws {MlrSnetError} `SHAPE_MISMATCH` if a buffer has another length.
   */
  fill(step: number, inputs: Inputs, labels: Labels): void;
  /**
   * Of streams alone, where each row goes on from that of the step before: whether at this step all rows begin anew, so
   * that the state that a network carries along is zero again. Absent: rows have nothing to do with those before.
   */
  startsAfresh?(step: number): boolean;
};

/** The number, if so many rows can be had of `count` examples. @throws {MlrSnetError} `INVALID_ARGUMENT` */
export function checkBatchSize(batchSize: number, count: number, name: string): number {
  if (Number.isInteger(batchSize) && batchSize >= 1 && batchSize <= count) return batchSize;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`batchSize\` to be 1 to ${count}, the size of data set \`${name}\`, got ${batchSize}.`,
  );
}

/** What every `fill` refuses: a step that is none, buffers of another length. */
export function checkFill(
  dataset: Dataset,
  batchSize: number,
  step: number,
  inputs: Inputs,
  labels: Labels,
): void {
  if (!Number.isSafeInteger(step) || step < 0)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`step\` to be an integer ≥ 0, got ${step}.`);
  const wanted = batchSize * inputLength(dataset);
  const wantedLabels = batchSize * (dataset.labelsPerExample ?? 1);
  if (inputs.length !== wanted || labels.length !== wantedLabels)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected buffers of ${wanted} inputs and ${wantedLabels} labels, got ${inputs.length} and ${labels.length}.`,
    );
}
