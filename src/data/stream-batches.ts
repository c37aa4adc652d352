import { MlrSnetError } from "../errors.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { type Batches, checkBatchSize, checkFill } from "./batches.ts";
import { type Dataset, exampleCount, type Inputs, type Labels } from "./dataset.ts";
import { copyExamples } from "./examples.ts";

/** `batchSize`: number of lanes, 1 to N. */
export type StreamBatchesOptions = { batchSize: number };

/**
 * Batches of a stream, such as a text whose examples are windows one after the other (`cutWindows`), for truncated
 * back-propagation through time: the stream is cut into `batchSize` lanes of equal length, and each step reads the next
 * window of every lane, so that row b goes on where row b of the step before ended. An epoch reads each lane once, from
 * its start; the N mod `batchSize` windows at the end are left out.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for more lanes than windows, or a data set of chosen examples with gaps.
 * @see Zaremba, Sutskever, Vinyals, arXiv 1409.2329: 20 lanes, windows of 35 words of PTB.
 */
export class StreamBatches implements Batches {
  readonly batchSize: number;
  /** floor(N / batchSize): windows of a lane. */
  readonly stepsPerEpoch: number;
  readonly #dataset: Dataset;

  constructor(dataset: Dataset, options: StreamBatchesOptions) {
    checkOptionNames("`StreamBatches`", options, { batchSize: true });
    const count = exampleCount(dataset);
    this.batchSize = checkBatchSize(options.batchSize, count, dataset.name);
    this.stepsPerEpoch = Math.floor(count / this.batchSize);
    this.#dataset = dataset;
    const gap = dataset.rows?.findIndex((row, index, rows) => index > 0 && row !== rows[index - 1]! + 1);
    if (gap !== undefined && gap > 0)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a stream in one piece, got a part of data set \`${dataset.name}\` with a gap before example ${gap}: split it by \`splitEnd\`.`,
      );
  }

  fill(step: number, inputs: Inputs, labels: Labels): void {
    checkFill(this.#dataset, this.batchSize, step, inputs, labels);
    const window = step % this.stepsPerEpoch;
    const indices = Uint32Array.from(
      { length: this.batchSize },
      (_, lane) => lane * this.stepsPerEpoch + window,
    );
    copyExamples(this.#dataset, indices, inputs, labels);
  }

  startsAfresh(step: number): boolean {
    return step % this.stepsPerEpoch === 0;
  }
}
