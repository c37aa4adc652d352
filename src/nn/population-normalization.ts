import {
  add,
  batchNormalization,
  batchNormalizationInference,
  constant,
  elements,
  layerNormalization,
  multiply,
  reshapeTo,
  transpose,
  type Value,
} from "../graph/index.ts";
import { filled } from "./initialise.ts";
import { populationShift } from "./population-linear.ts";
import type { Scope } from "./scope.ts";

/**
 * `batchNormalizationLayer` for a population: each member's channels over the batch and the positions. Members and
 * channels together are the channels of the kernel that one network uses.
 *
 * @param x [members, channels, ..., batch]. @param options `momentum`: share of the newest batch in the running
 * statistics, default 0.1.
 */
export function populationBatchNormalization(
  scope: Scope,
  x: Value,
  options: { momentum?: number; epsilon?: number } = {},
): Value {
  const { momentum = 0.1, epsilon = 1e-5 } = options;
  const [members, channels, ...rest] = x.shape as [number, number, ...number[]];
  const all = members * channels;
  const count = elements(rest);
  const joined = reshapeTo(x, [1, all, count]);
  const join = (value: Value) => reshapeTo(value, [all]);
  const weight = join(scope.parameter("weight", [channels], filled(1)));
  const bias = join(scope.parameter("bias", [channels], filled(0)));
  const runningMean = scope.statistic("running_mean", [channels], 0);
  const runningVariance = scope.statistic("running_var", [channels], 1);
  if (scope.mode === "eval") {
    const statistics = { mean: join(runningMean), variance: join(runningVariance) };
    return reshapeTo(batchNormalizationInference(joined, weight, bias, statistics, { epsilon }), x.shape);
  }
  const { y, mean, variance } = batchNormalization(joined, weight, bias, { epsilon });
  const unbiased = multiply(variance, count / Math.max(1, count - 1));
  const moved = (running: Value, batch: Value) =>
    add(multiply(running, 1 - momentum), multiply(reshapeTo(batch, running.shape), momentum));
  scope.updateStatistic("running_mean", moved(runningMean, mean));
  scope.updateStatistic("running_var", moved(runningVariance, unbiased));
  return reshapeTo(y, x.shape);
}

/**
 * Layer normalisation over the features of each column, parameters `weight` and `bias` [features].
 *
 * @param x [members, features, ..., batch].
 * @see Ba et al., arXiv 1607.06450
 */
export function populationLayerNormalization(
  scope: Scope,
  x: Value,
  options: { epsilon?: number } = {},
): Value {
  const [members, features] = x.shape as [number, number];
  const columns = reshapeTo(x, [members, features, elements(x.shape.slice(2))]);
  const ones = constant(new Float32Array(features).fill(1), [features]);
  const zeros = constant(new Float32Array(features), [features]);
  // The kernel normalises along the last axis, by a weight that all members would share.
  const normalised = transpose(
    layerNormalization(transpose(columns, [0, 2, 1]), ones, zeros, options),
    [0, 2, 1],
  );
  const weight = reshapeTo(scope.parameter("weight", [features], filled(1)), [members, features, 1]);
  return reshapeTo(populationShift(scope, multiply(normalised, weight), filled(0)), x.shape);
}
