import { linear, type Value } from "../graph/index.ts";
import { uniformFanIn } from "./initialise.ts";
import type { Initialiser, Scope } from "./scope.ts";

/**
 * y = x W^T + b, parameters `weight` [out, in] and `bias` [out], drawn as PyTorch's `nn.Linear` does.
 *
 * @param x [batch, in]. @returns [batch, out]
 */
export function linearLayer(
  scope: Scope,
  x: Value,
  outputs: number,
  options: { initialise?: Initialiser } = {},
): Value {
  const features = x.shape[1]!;
  const weight = scope.parameter("weight", [outputs, features], options.initialise ?? uniformFanIn(features));
  return linear(x, weight, scope.parameter("bias", [outputs], uniformFanIn(features)));
}
