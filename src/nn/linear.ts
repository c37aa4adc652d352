import { add, linear, matMul, reshapeTo, type Value } from "../graph/index.ts";
import { uniformFanIn } from "./initialise.ts";
import type { Initialiser, Scope } from "./scope.ts";

/**
 * y = x W^T + b, parameters `weight` [out, in] and `bias` [out], drawn as PyTorch's `nn.Linear` does.
 *
 * In a population each member has its own W and b, in one batched product.
 *
 * @param x [batch, in], in a population also [members, batch, in]. @returns [batch, out] or [members, batch, out]
 */
export function linearLayer(
  scope: Scope,
  x: Value,
  outputs: number,
  options: { initialise?: Initialiser } = {},
): Value {
  const features = x.shape.at(-1)!;
  const weight = scope.parameter("weight", [outputs, features], options.initialise ?? uniformFanIn(features));
  const bias = scope.parameter("bias", [outputs], uniformFanIn(features));
  if (scope.members === undefined) return linear(x, weight, bias);
  return add(matMul(x, weight, { transposeB: true }), reshapeTo(bias, [scope.members, 1, outputs]));
}
