import {
  add,
  batchNormalization,
  batchNormalizationInference,
  elements,
  multiply,
  type Value,
} from "../graph/index.ts";
import { filled } from "./initialise.ts";
import type { Scope } from "./scope.ts";

/**
 * Batch normalisation over all axes but the channels, parameters `weight` and `bias`, running statistics
 * `running_mean` and `running_var` (unbiased, as PyTorch keeps it), each [channels].
 *
 * @param x [batch, channels, ...]. @param options `momentum`: share of the newest batch in the running statistics, default 0.1.
 * @see Ioffe and Szegedy, arXiv 1502.03167
 */
export function batchNormalizationLayer(
  scope: Scope,
  x: Value,
  options: { momentum?: number; epsilon?: number } = {},
): Value {
  const { momentum = 0.1, epsilon = 1e-5 } = options;
  const channels = x.shape[1]!;
  const weight = scope.parameter("weight", [channels], filled(1));
  const bias = scope.parameter("bias", [channels], filled(0));
  const runningMean = scope.statistic("running_mean", [channels], 0);
  const runningVariance = scope.statistic("running_var", [channels], 1);
  if (scope.mode === "eval") {
    const statistics = { mean: runningMean, variance: runningVariance };
    return batchNormalizationInference(x, weight, bias, statistics, { epsilon });
  }
  const { y, mean, variance } = batchNormalization(x, weight, bias, { epsilon });
  const count = elements(x.shape) / channels;
  const unbiased = multiply(variance, count / Math.max(1, count - 1));
  const moved = (running: Value, batch: Value) =>
    add(multiply(running, 1 - momentum), multiply(batch, momentum));
  scope.updateStatistic("running_mean", moved(runningMean, mean));
  scope.updateStatistic("running_var", moved(runningVariance, unbiased));
  return y;
}
