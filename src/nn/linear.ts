import { linear, matMul, reshapeTo, type Value } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { uniformFanIn } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Initialiser } from "./registry.ts";
import type { Scope } from "./scope.ts";

/**
 * y = x W^T + b along the last axis, parameters `weight` [out, in] and `bias` [out], drawn as PyTorch's `nn.Linear` does.
 * `bias: false` for a layer before a normalisation.
 *
 * @param x [batch, ..., in]. @returns x's shape with `out` in the place of `in`.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `SHAPE_MISMATCH`, with the layer's name and place.
 */
export function linearLayer(
  scope: Scope,
  x: Value,
  outputs: number,
  options: { bias?: boolean; initialise?: Initialiser } = {},
): Value {
  return buildLayer("linearLayer", scope, x, { axes: "[batch, ..., features]", rank: [2] }, () => {
    checkOptionNames("`linearLayer`", options, { bias: true, initialise: true });
    checkSize("outputs", outputs);
    scope.take("linearLayer");
    const { bias = true, initialise } = options;
    const features = x.shape.at(-1)!;
    const draw = uniformFanIn(features);
    const weight = scope.parameter("weight", [outputs, features], initialise ?? draw);
    const rows = reshapeTo(x, [elements(x.shape.slice(0, -1)), features]);
    const y = bias
      ? linear(rows, weight, scope.parameter("bias", [outputs], draw))
      : matMul(rows, weight, { transposeB: true });
    return reshapeTo(y, x.shape.with(-1, outputs));
  });
}
