import { drawNormals, type Random } from "../random.ts";

/** The published constants of MNIST-1D (arXiv 2011.14439, `get_dataset_args` of greydanus/mnist1d). */
export const mnist1dConstants: {
  readonly templateLength: number;
  readonly padding: readonly [number, number];
  readonly scale: number;
  readonly translation: number;
  readonly correlatedNoise: number;
  readonly independentNoise: number;
  readonly shear: number;
  readonly length: number;
} = {
  templateLength: 12,
  padding: [36, 60],
  scale: 0.4,
  translation: 48,
  correlatedNoise: 0.25,
  independentNoise: 0.02,
  shear: 0.75,
  length: 40,
};

/** Points of the signal while it is transformed: the template behind its longest padding. */
const canvas = mnist1dConstants.templateLength + mnist1dConstants.padding[1];

/** The random numbers behind one example. */
export type Mnist1dDraws = {
  /** Zeros behind the template, 36 to 60. */
  padding: number;
  /** Uniform in [0, 1): the amplitude becomes 1 + 0.4 (u - 1/2). */
  scale: number;
  /** Places that the signal is rotated to the right, 0 to 47. */
  translation: number;
  /** Standard normal, [72]: smoothed, it fills the places where the signal is zero. */
  correlated: Float64Array;
  /** Standard normal, [72]: added everywhere. */
  independent: Float64Array;
  /** Uniform in [0, 1): the slope becomes 0.75 (u - 1/2). */
  shear: number;
};

/** Draws the random numbers of one example with the published ranges. */
export function drawMnist1d(random: Random): Mnist1dDraws {
  const [low, high] = mnist1dConstants.padding;
  return {
    padding: low + random.integer(high - low + 1),
    scale: random.uniform(),
    translation: random.integer(mnist1dConstants.translation),
    correlated: drawNormals(random, canvas),
    independent: drawNormals(random, canvas),
    shear: random.uniform(),
  };
}

/**
 * One example from a template: pad, dilate, scale, translate, fill with smooth noise, add noise, shear, subsample.
 *
 * @param template [12], starting and ending at zero.
 * @returns [40], before the standardisation of the whole set.
 * @see arXiv 2011.14439, `transform` of greydanus/mnist1d: equal to it for equal random numbers.
 */
export function transformMnist1d(template: Float64Array, draws: Mnist1dDraws): Float64Array {
  const constants = mnist1dConstants;
  const padded = new Float64Array(template.length + draws.padding);
  // The shift keeps the template's own zeros apart from the padding, which alone is filled with noise.
  for (let index = 0; index < template.length; index++) padded[index] = template[index]! + 1e-8;

  const dilated = resample(padded, canvas);
  const smooth = smoothen(draws.correlated);
  const amplitude = 1 + constants.scale * (draws.scale - 0.5);
  const slope = constants.shear * (draws.shear - 0.5);
  const signal = new Float64Array(canvas);
  for (let index = 0; index < canvas; index++) {
    const value = amplitude * dilated[(index - draws.translation + canvas) % canvas]!;
    const filled = value === 0 ? constants.correlatedNoise * smooth[index]! : value;
    const noise = constants.independentNoise * draws.independent[index]!;
    signal[index] = filled + noise - slope * (index / (canvas - 1) - 0.5);
  }
  return resample(signal, constants.length);
}

/** Linear interpolation of evenly spaced values to `length` evenly spaced values with the same ends. */
function resample(values: Float64Array, length: number): Float64Array {
  const result = new Float64Array(length);
  const last = values.length - 1;
  // Positions are computed as numpy does, so that a position falls on a point here exactly when it does there.
  const step = 1 / last;
  const newStep = 1 / (length - 1);
  let left = 0;
  for (let index = 0; index < length - 1; index++) {
    const position = index * newStep;
    while (left + 1 < last && (left + 1) * step <= position) left++;
    const slope = (values[left + 1]! - values[left]!) / ((left + 1) * step - left * step);
    result[index] = slope * (position - left * step) + values[left]!;
  }
  result[length - 1] = values[last]!;
  return result;
}

/** Points on either side that the filter reads. */
const reach = 8;
const kernel = gaussianKernel(2);

function gaussianKernel(sigma: number): Float64Array {
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, index) =>
    Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Gaussian filter of sigma 2, cut at 4 sigma, the signal mirrored at its ends (scipy's `gaussian_filter`). */
function smoothen(values: Float64Array): Float64Array {
  const length = values.length;
  const extended = new Float64Array(length + 2 * reach);
  extended.set(values, reach);
  for (let index = 0; index < reach; index++) {
    extended[reach - 1 - index] = values[index]!;
    extended[reach + length + index] = values[length - 1 - index]!;
  }
  const result = new Float64Array(length);
  for (let index = 0; index < length; index++) {
    let sum = 0;
    for (let tap = 0; tap < kernel.length; tap++) sum += kernel[tap]! * extended[index + tap]!;
    result[index] = sum;
  }
  return result;
}
