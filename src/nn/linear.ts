import { add, linear, matMul, reshapeTo, type Value } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { uniformFanIn } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Initialiser } from "./registry.ts";
import type { Scope } from "./scope.ts";

/**
 * y = x W^T + b along the last axis, parameters `weight` [out, in] and `bias` [out], drawn as PyTorch's `nn.Linear` does.
 *
 * In a population each member has its own W and b, in one batched product.
 *
 * @param x [batch, ..., in]; in a population [members, batch, ..., in], or [batch, in], the same for all members.
 * @returns x's shape with `out` in the place of `in`; in a population with the members in front.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `SHAPE_MISMATCH`, with the layer's name and place.
 */
export function linearLayer(
  scope: Scope,
  x: Value,
  outputs: number,
  options: { initialise?: Initialiser } = {},
): Value {
  return buildLayer("linearLayer", scope, x, { axes: "[batch, ..., features]", rank: [2] }, () => {
    checkOptionNames("`linearLayer`", options, { initialise: true });
    checkSize("outputs", outputs);
    scope.take("linearLayer");
    const features = x.shape.at(-1)!;
    const weight = scope.parameter(
      "weight",
      [outputs, features],
      options.initialise ?? uniformFanIn(features),
    );
    const bias = scope.parameter("bias", [outputs], uniformFanIn(features));
    const { members } = scope;
    if (members === undefined) {
      const rows = reshapeTo(x, [elements(x.shape.slice(0, -1)), features]);
      return reshapeTo(linear(rows, weight, bias), x.shape.with(-1, outputs));
    }
    const rows = x.shape.length > 3 ? reshapeTo(x, [members, elements(x.shape.slice(1, -1)), features]) : x;
    const y = add(matMul(rows, weight, { transposeB: true }), reshapeTo(bias, [members, 1, outputs]));
    return x.shape.length > 3 ? reshapeTo(y, x.shape.with(-1, outputs)) : y;
  });
}
