import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import {
  copyExamples,
  type Dataset,
  exampleCount,
  type Inputs,
  inputLength,
  type Labels,
} from "./dataset.ts";

/** `batchSize` is 1 to N; another `seed` gives another order. */
export type BatchLoaderOptions = { batchSize: number; seed: number };

/**
 * Batches of a data set in shuffled epochs. The batch of a step is a pure function of the seed and the step, so a
 * run is resumed from its step alone.
 *
 * All batches are of the same size: each epoch leaves out the N mod `batchSize` examples at the end of its order.
 *
 * @example
 * const loader = new BatchLoader(train, { batchSize: 100, seed: 0 });
 * loader.fill(step, inputs, labels);
 */
export class BatchLoader {
  readonly batchSize: number;
  /** floor(N / batchSize) */
  readonly stepsPerEpoch: number;
  readonly #dataset: Dataset;
  readonly #seed: number;
  /** Order of the epoch of the last `fill`: kept to save time only. */
  #order: { epoch: number; indices: Uint32Array } | undefined;

  /** @throws {MlrSnetError} `INVALID_ARGUMENT` if the batch is larger than the data set. */
  constructor(dataset: Dataset, options: BatchLoaderOptions) {
    checkOptionNames("`BatchLoader`", options, { batchSize: true, seed: true });
    const { batchSize, seed } = options;
    const count = exampleCount(dataset);
    if (!Number.isInteger(batchSize) || batchSize < 1 || batchSize > count)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`batchSize\` to be 1 to ${count}, the size of data set \`${dataset.name}\`, got ${batchSize}.`,
      );
    this.#dataset = dataset;
    this.#seed = seed;
    this.batchSize = batchSize;
    this.stepsPerEpoch = Math.floor(count / batchSize);
  }

  /**
   * Writes the batch of a step into the caller's buffers.
   *
   * @param step t, counted from 0 over all epochs.
   * @param inputs [batchSize, ...inputShape]
   * @param labels [batchSize, labelsPerExample]
   * @throws {MlrSnetError} `SHAPE_MISMATCH` if a buffer has another length.
   */
  fill(step: number, inputs: Inputs, labels: Labels): void {
    if (!Number.isSafeInteger(step) || step < 0)
      throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`step\` to be an integer ≥ 0, got ${step}.`);
    const wanted = this.batchSize * inputLength(this.#dataset);
    const wantedLabels = this.batchSize * (this.#dataset.labelsPerExample ?? 1);
    if (inputs.length !== wanted || labels.length !== wantedLabels)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected buffers of ${wanted} inputs and ${wantedLabels} labels, got ${inputs.length} and ${labels.length}.`,
      );
    const start = (step % this.stepsPerEpoch) * this.batchSize;
    const indices = this.#orderOf(Math.floor(step / this.stepsPerEpoch));
    copyExamples(this.#dataset, indices.subarray(start, start + this.batchSize), inputs, labels);
  }

  #orderOf(epoch: number): Uint32Array {
    if (this.#order?.epoch !== epoch) {
      const random = new Random(this.#seed, "epoch", epoch);
      this.#order = { epoch, indices: random.permutation(exampleCount(this.#dataset)) };
    }
    return this.#order.indices;
  }
}
