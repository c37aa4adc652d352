import { MlrSnetError } from "../errors.ts";
import {
  add,
  batchNormalization,
  batchNormalizationInference,
  constant,
  layerNormalization,
  multiply,
  reshapeTo,
  transpose,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { type BatchNormalizationOptions, checkBatchNormalization } from "./batch-normalization.ts";
import { filled } from "./initialise.ts";
import { buildLayer } from "./layer.ts";
import { checkLayerNormalization, type LayerNormalizationOptions } from "./layer-normalization.ts";
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
  options: BatchNormalizationOptions = {},
): Value {
  const input = { axes: "[members, channels, ..., batch]", rank: [3] } as const;
  return buildLayer("populationBatchNormalization", scope, x, input, () => normalise(scope, x, options));
}

function normalise(scope: Scope, x: Value, options: BatchNormalizationOptions): Value {
  const { momentum, epsilon } = checkBatchNormalization("populationBatchNormalization", options);
  checkMembers(scope, x);
  scope.take("populationBatchNormalization");
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
 * @param x [members, features, ..., batch], or features last. @param options `axis`: of the features, 1 (default) or -1.
 * @see Ba et al., arXiv 1607.06450
 */
export function populationLayerNormalization(
  scope: Scope,
  x: Value,
  options: LayerNormalizationOptions = {},
): Value {
  const input = { axes: "[members, features, ..., batch]", rank: [3] } as const;
  return buildLayer("populationLayerNormalization", scope, x, input, () => {
    const { epsilon, axis } = checkLayerNormalization("populationLayerNormalization", options, 1);
    checkMembers(scope, x);
    scope.take("populationLayerNormalization");
    return normaliseFeatures(scope, x, epsilon, axis);
  });
}

function checkMembers(scope: Scope, { shape }: Value): void {
  if (shape[0] === scope.population) return;
  throw new MlrSnetError(
    "SHAPE_MISMATCH",
    `Expected x with ${scope.population} members in front, got [${shape}].`,
  );
}

function normaliseFeatures(scope: Scope, x: Value, epsilon: number, axis: 1 | -1): Value {
  const features = x.shape.at(axis)!;
  const ones = constant(new Float32Array(features).fill(1), [features]);
  const zeros = constant(new Float32Array(features), [features]);
  // The kernel normalises along the last axis, by a weight that all members would share.
  const normalise = (rows: Value) => layerNormalization(rows, ones, zeros, { epsilon });
  const weight = scope.parameter("weight", [features], filled(1));
  const bias = scope.parameter("bias", [features], filled(0));
  const members = scope.population;
  const count = elements(x.shape) / (members * features);
  const shape = axis === 1 ? [members, features, count] : [members, count, features];
  const flat = reshapeTo(x, shape);
  const normalised = axis === 1 ? swapped(normalise(swapped(flat))) : normalise(flat);
  const own = (value: Value) =>
    reshapeTo(value, axis === 1 ? [members, features, 1] : [members, 1, features]);
  return reshapeTo(add(multiply(normalised, own(weight)), own(bias)), x.shape);
}

function swapped(x: Value): Value {
  return transpose(x, [0, 2, 1]);
}
