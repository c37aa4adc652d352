import { Random } from "../random.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { type Batches, checkBatchSize, checkFill } from "./batches.ts";
import { type Dataset, exampleCount, type Inputs, type Labels } from "./dataset.ts";
import { copyExamples } from "./examples.ts";

/** `batchSize` is 1 to N; another `seed` gives another order. */
export type ShuffledBatchesOptions = { batchSize: number; seed: number };

/**
 * Batches of a data set in shuffled epochs: each a permutation drawn from the seed and the number of the epoch, of which
 * the N mod `batchSize` examples at the end are left out.
 *
 * @example
 * const batches = new ShuffledBatches(train, { batchSize: 100, seed: 0 });
 * batches.fill(step, inputs, labels);
 */
export class ShuffledBatches implements Batches {
  readonly batchSize: number;
  /** floor(N / batchSize) */
  readonly stepsPerEpoch: number;
  readonly #dataset: Dataset;
  readonly #seed: number;
  /** Order of the epoch of the last `fill`: kept to save time only. */
  #order: { epoch: number; indices: Uint32Array } | undefined;

  /** @throws {MlrSnetError} `INVALID_ARGUMENT` if the batch is larger than the data set. */
  constructor(dataset: Dataset, options: ShuffledBatchesOptions) {
    checkOptionNames("`ShuffledBatches`", options, { batchSize: true, seed: true });
    const count = exampleCount(dataset);
    this.batchSize = checkBatchSize(options.batchSize, count, dataset.name);
    this.stepsPerEpoch = Math.floor(count / this.batchSize);
    this.#dataset = dataset;
    this.#seed = options.seed;
  }

  fill(step: number, inputs: Inputs, labels: Labels): void {
    checkFill(this.#dataset, this.batchSize, step, inputs, labels);
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
