import { MlrSnetError } from "../errors.ts";
import {
  add,
  batchNormalization,
  batchNormalizationInference,
  multiply,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { checkOptionNames, show } from "../schedules/internal.ts";
import { filled } from "./initialise.ts";
import { buildLayer } from "./layer.ts";
import type { Scope } from "./scope.ts";

export type BatchNormalizationOptions = {
  /** Share of the newest batch in the running statistics, 0 to 1; default 0.1. */
  momentum?: number;
  /** Added to the variance, > 0; default 1e-5. */
  epsilon?: number;
};

/** The options with their defaults. @throws {MlrSnetError} `INVALID_ARGUMENT` */
export function checkBatchNormalization(
  layer: string,
  options: BatchNormalizationOptions,
): Required<BatchNormalizationOptions> {
  checkOptionNames(`\`${layer}\``, options, { momentum: true, epsilon: true });
  const { momentum = 0.1, epsilon = 1e-5 } = options;
  if (!(typeof momentum === "number" && momentum >= 0 && momentum <= 1))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`momentum\` to be a number from 0 to 1, got ${show(momentum)}.`,
    );
  checkEpsilon(epsilon);
  return { momentum, epsilon };
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` unless it is a number > 0. */
export function checkEpsilon(epsilon: unknown): void {
  if (typeof epsilon === "number" && epsilon > 0 && epsilon < Number.POSITIVE_INFINITY) return;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`epsilon\` to be a number > 0, got ${show(epsilon)}.`,
  );
}

const input = { axes: "[batch, channels, ...]", rank: [2] } as const;

/**
 * Batch normalisation over all axes but the channels, parameters `weight` and `bias`, running statistics
 * `running_mean` and `running_var` (unbiased, as PyTorch keeps it), each [channels].
 *
 * @param x [batch, channels, ...].
 * @see Ioffe and Szegedy, arXiv 1502.03167
 */
export function batchNormalizationLayer(
  scope: Scope,
  x: Value,
  options: BatchNormalizationOptions = {},
): Value {
  return buildLayer("batchNormalizationLayer", scope, x, input, () => normalise(scope, x, options));
}

function normalise(scope: Scope, x: Value, options: BatchNormalizationOptions): Value {
  const { momentum, epsilon } = checkBatchNormalization("batchNormalizationLayer", options);
  scope.take("batchNormalizationLayer");
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
