import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import type { Batches } from "./batches.ts";
import { type Dataset, inputLength } from "./dataset.ts";
import { pixelTables } from "./examples.ts";

/**
 * Changes a training example in place, as it stands decoded in the batch.
 *
 * @param example [...inputShape], float32.
 * @param random a stream of its own for each seed, step and row, so that a resumed run draws the same.
 * @param dataset what the example is of: its shape, and what its pixels mean.
 */
export type Augmentation = (
  example: Float32Array,
  random: Random,
  dataset: Pick<Dataset, "inputShape" | "pixels">,
) => void;

/** Batches whose examples are changed, each time otherwise: the batch of a step stays a pure function of seed and step. */
export function augmented(batches: Batches, dataset: Dataset, augment: Augmentation, seed: number): Batches {
  const length = inputLength(dataset);
  const { batchSize, stepsPerEpoch } = batches;
  return {
    batchSize,
    stepsPerEpoch,
    ...(batches.startsAfresh && { startsAfresh: (step) => batches.startsAfresh!(step) }),
    fill(step, inputs, labels) {
      batches.fill(step, inputs, labels);
      if (!(inputs instanceof Float32Array))
        throw new MlrSnetError("INVALID_ARGUMENT", "Expected measurements to augment, got tokens.");
      for (let row = 0; row < batchSize; row++)
        augment(
          inputs.subarray(row * length, (row + 1) * length),
          new Random(seed, "augmentation", step, row),
          dataset,
        );
    },
  };
}

/** `padding`: pixels on each side, an integer ≥ 0, default 4. `flip`: whether half of the images are mirrored, default true. */
export type CropAndFlipOptions = { padding?: number; flip?: boolean };

/**
 * The usual augmentation of small photographs: a black border, a random crop of the old size out of it, and a flip from
 * left to right with probability 1/2; for images [channels, height, width].
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for other options; for images of other axes, when it is used.
 * @see He et al., arXiv 1512.03385, section 4.2; torchvision's RandomCrop(32, padding=4), RandomHorizontalFlip().
 */
export function cropAndFlip(options: CropAndFlipOptions = {}): Augmentation {
  checkOptionNames("`cropAndFlip`", options, { padding: true, flip: true });
  const { padding = 4, flip = true } = options;
  if (!Number.isSafeInteger(padding) || padding < 0)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`padding\` to be an integer ≥ 0, got ${padding}.`);
  if (typeof flip !== "boolean")
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`flip\` to be true or false, got ${flip}.`);
  return (example, random, { inputShape, pixels }) => {
    if (inputShape.length !== 3)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected images [channels, height, width] to crop, got [${inputShape}].`,
      );
    const [channels, height, width] = inputShape as [number, number, number];
    const [down, right] = [
      random.integer(2 * padding + 1) - padding,
      random.integer(2 * padding + 1) - padding,
    ];
    const isMirrored = random.integer(2) === 1 && flip;
    const original = example.slice();
    const black = pixels ? pixelTables(pixels).map((table) => table[0]!) : [0];
    for (let channel = 0; channel < channels; channel++)
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++) {
          const [fromY, fromX] = [y + down, (isMirrored ? width - 1 - x : x) + right];
          const isInside = fromY >= 0 && fromY < height && fromX >= 0 && fromX < width;
          example[(channel * height + y) * width + x] = isInside
            ? original[(channel * height + fromY) * width + fromX]!
            : black[channel % black.length]!;
        }
  };
}
