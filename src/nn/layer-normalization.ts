import { MlrSnetError } from "../errors.ts";
import { layerNormalization, transpose, type Value } from "../graph/index.ts";
import { checkOptionNames, show } from "../schedules/internal.ts";
import { checkEpsilon } from "./batch-normalization.ts";
import { filled } from "./initialise.ts";
import { buildLayer } from "./layer.ts";
import type { Scope } from "./scope.ts";

export type LayerNormalizationOptions = {
  /** Added to the variance, > 0; default 1e-5. */
  epsilon?: number;
  /** The features' axis: -1 (default) the last, 1 the channels of [batch, channels, ...]. */
  axis?: 1 | -1;
};

/**
 * Layer normalisation over the features of each position, parameters `weight` and `bias` [features].
 *
 * @param x [batch, ..., features], or [batch, channels, ...] with `axis` 1. @returns the same shape.
 * @see Ba et al., arXiv 1607.06450
 */
export function layerNormalizationLayer(
  scope: Scope,
  x: Value,
  options: LayerNormalizationOptions = {},
): Value {
  const input = { axes: "[batch, ..., features]", rank: [2] } as const;
  return buildLayer("layerNormalizationLayer", scope, x, input, () => {
    const { epsilon, axis } = checkLayerNormalization("layerNormalizationLayer", options);
    scope.take("layerNormalizationLayer");
    const features = x.shape.at(axis)!;
    const weight = scope.parameter("weight", [features], filled(1));
    const bias = scope.parameter("bias", [features], filled(0));
    const axes = [...x.shape.keys()];
    if (axis === -1 || axes.length === 2) return layerNormalization(x, weight, bias, { epsilon });
    const last = transpose(x, [0, ...axes.slice(2), 1]);
    const normalised = layerNormalization(last, weight, bias, { epsilon });
    return transpose(normalised, [0, axes.length - 1, ...axes.slice(1, -1)]);
  });
}

/** The options with their defaults. @throws {MlrSnetError} `INVALID_ARGUMENT` */
export function checkLayerNormalization(
  layer: string,
  options: LayerNormalizationOptions,
  usual: 1 | -1 = -1,
): Required<LayerNormalizationOptions> {
  checkOptionNames(`\`${layer}\``, options, { epsilon: true, axis: true });
  const { epsilon = 1e-5, axis = usual } = options;
  checkEpsilon(epsilon);
  if (axis !== 1 && axis !== -1)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`axis\` to be 1 or -1, got ${show(axis)}.`);
  return { epsilon, axis };
}
