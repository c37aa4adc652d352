import { MlrSnetError } from "../errors.ts";
import { type ConvOptions, conv, type Value } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { uniformFanIn } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Initialiser } from "./registry.ts";
import type { Scope } from "./scope.ts";

type ConvolutionOptions = ConvOptions & { bias?: boolean; initialise?: Initialiser };

const optionNames: OptionNames<ConvolutionOptions> = {
  stride: true,
  padding: true,
  dilation: true,
  groups: true,
  bias: true,
  initialise: true,
};

/**
 * A convolution over one or two spatial axes, parameters `weight` [out, in/groups, ...kernel] and `bias` [out], drawn
 * as PyTorch's `nn.Conv1d` and `nn.Conv2d` do. `bias: false` for a layer before a normalisation.
 *
 * @param x [batch, in, ...spatial]. @param kernel side of the kernel.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `SHAPE_MISMATCH`, with the layer's name and place.
 */
export function convolutionLayer(
  scope: Scope,
  x: Value,
  outputs: number,
  kernel: number,
  options: ConvolutionOptions = {},
): Value {
  const input = { axes: "[batch, channels, ...spatial]", rank: [3, 4] } as const;
  return buildLayer("convolutionLayer", scope, x, input, () => {
    checkOptionNames("`convolutionLayer`", options, optionNames);
    checkSize("outputs", outputs);
    checkSize("kernel", kernel);
    const { bias = true, initialise, ...geometry } = options;
    const groups = checkSize("groups", geometry.groups ?? 1);
    const channels = x.shape[1]!;
    if (channels % groups !== 0)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected channels that \`groups\` ${groups} divides, got ${channels} in [${x.shape}].`,
      );
    scope.take("convolutionLayer");
    const shape = [outputs, channels / groups, ...x.shape.slice(2).map(() => kernel)];
    const fanIn = elements(shape) / outputs;
    const weight = scope.parameter("weight", shape, initialise ?? uniformFanIn(fanIn));
    if (!bias) return conv(x, weight, geometry);
    return conv(x, weight, { ...geometry, bias: scope.parameter("bias", [outputs], uniformFanIn(fanIn)) });
  });
}
