import { type ConvOptions, conv, elements, type Value } from "../graph/index.ts";
import { uniformFanIn } from "./initialise.ts";
import type { Initialiser, Scope } from "./scope.ts";

/**
 * A convolution over one or two spatial axes, parameters `weight` [out, in/groups, ...kernel] and `bias` [out], drawn
 * as PyTorch's `nn.Conv1d` and `nn.Conv2d` do. `bias: false` for a layer before a normalisation.
 *
 * @param x [batch, in, ...spatial]. @param kernel side of the kernel.
 */
export function convolutionLayer(
  scope: Scope,
  x: Value,
  outputs: number,
  kernel: number,
  options: ConvOptions & { bias?: boolean; initialise?: Initialiser } = {},
): Value {
  const { bias = true, initialise, ...geometry } = options;
  const sides = x.shape.slice(2).map(() => kernel);
  const shape = [outputs, x.shape[1]! / (geometry.groups ?? 1), ...sides];
  const fanIn = elements(shape) / outputs;
  const weight = scope.parameter("weight", shape, initialise ?? uniformFanIn(fanIn));
  return conv(
    x,
    weight,
    bias ? { ...geometry, bias: scope.parameter("bias", [outputs], uniformFanIn(fanIn)) } : geometry,
  );
}
