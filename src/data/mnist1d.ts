import { MlrSnetError } from "../errors.ts";
import { Random } from "../random.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import type { Dataset, TrainTest } from "./dataset.ts";
import { drawMnist1d, mnist1dConstants, transformMnist1d } from "./mnist1d-transform.ts";
import { moments } from "./moments.ts";

/** Twelve points for each of the ten digits, as published. */
const digits: readonly (readonly number[])[] = [
  [5, 6, 6.5, 6.75, 7, 7, 7, 7, 6.75, 6.5, 6, 5],
  [5, 3, 3, 3.4, 3.8, 4.2, 4.6, 5, 5.4, 5.8, 5, 5],
  [5, 6, 6.5, 6.5, 6, 5.25, 4.75, 4, 3.5, 3.5, 4, 5],
  [5, 6, 6.5, 6.5, 6, 5, 5, 6, 6.5, 6.5, 6, 5],
  [5, 4.4, 3.8, 3.2, 2.6, 2.6, 5, 5, 5, 5, 5, 5],
  [5, 3, 3, 3, 3, 5, 6, 6.5, 6.5, 6, 4.5, 5],
  [5, 4, 3.5, 3.25, 3, 3, 3, 3, 3.25, 3.5, 4, 5],
  [5, 7, 7, 6.6, 6.2, 5.8, 5.4, 5, 4.6, 4.2, 5, 5],
  [5, 4, 3.5, 3.5, 4, 5, 5, 4, 3.5, 3.5, 4, 5],
  [5, 4, 3.5, 3.5, 4, 5, 5, 5, 5, 4.7, 4.3, 5],
];

/** The ten templates, [10][12]: each with standard deviation 1/6, shifted to start and end at zero. */
export function mnist1dTemplates(): Float64Array[] {
  return digits.map((points) => {
    const { deviation } = moments(Float64Array.from(points));
    return Float64Array.from(points, (point) => (point - points[0]!) / deviation / 6);
  });
}

export type Mnist1dOptions = {
  /** Default 42. */
  seed?: number | undefined;
  /** Examples in all, a multiple of 10: as many of each digit. Default 5000. */
  examples?: number | undefined;
  /** Share of the training set, in (0, 1). Default 0.8. */
  trainShare?: number | undefined;
};

/**
 * MNIST-1D: ten classes of noisy signals of 40 points, inputs [N, 40], generated from the published templates.
 *
 * The distribution is the published one, the single numbers are not: they come from our own generator, not numpy's.
 * Training and test set are standardised together, as in the original: mean 0 and standard deviation 1 over both.
 *
 * @returns 4000 training and 1000 test examples unless told otherwise. The same options give the same bits.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` where an option is out of its range.
 * @see Greydanus and Kobak, "Scaling down deep learning with MNIST-1D", arXiv 2011.14439.
 */
export function generateMnist1d(options: Mnist1dOptions = {}): TrainTest {
  checkOptionNames("`generateMnist1d`", options, { seed: true, examples: true, trainShare: true });
  const { seed = 42, examples = 5000, trainShare = 0.8 } = options;
  const trainCount = checkCounts(examples, trainShare);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`seed\` to be an integer ≥ 0, got ${seed}.`);

  const templates = mnist1dTemplates();
  const random = new Random(seed, "mnist1d", "examples");
  const order = new Random(seed, "mnist1d", "order").permutation(examples);
  const length = mnist1dConstants.length;
  const signals = new Float64Array(examples * length);
  const labels = new Int32Array(examples);
  for (let example = 0; example < examples; example++) {
    const label = Math.floor((example * templates.length) / examples);
    const place = order[example]!;
    signals.set(transformMnist1d(templates[label]!, drawMnist1d(random)), place * length);
    labels[place] = label;
  }
  const inputs = standardise(signals);

  const part = (start: number, end: number): Dataset => ({
    name: "mnist1d",
    inputs: inputs.slice(start * length, end * length),
    inputShape: [length],
    labels: labels.slice(start, end),
    classes: templates.length,
  });
  return { train: part(0, trainCount), test: part(trainCount, examples) };
}

function checkCounts(examples: number, trainShare: number): number {
  if (!Number.isSafeInteger(examples) || examples < 10 || examples % 10 !== 0)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`examples\` to be a positive multiple of 10, got ${examples}.`,
    );
  const trainCount = Math.floor(examples * trainShare);
  if (!(trainCount >= 1 && trainCount < examples))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`trainShare\` to leave at least one example for training and one for the test, got ${trainShare} of ${examples}.`,
    );
  return trainCount;
}

function standardise(values: Float64Array): Float32Array {
  const { mean, deviation } = moments(values);
  return new Float32Array(values.map((value) => (value - mean) / deviation));
}
