import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames } from "../../schedules/internal.ts";
import { placed } from "../batching.ts";
import { apply, type Operator } from "../operator.ts";
import { checkTensor, sameShape, shapeOf, type Value } from "../value.ts";
import { reduceSum } from "./broadcast.ts";
import { apart, perChannel } from "./channels.ts";
import { block, blockedConv, fitsBlocks } from "./conv-blocked.ts";
import { convFilterGradient } from "./conv-filter-gradient.ts";
import {
  type ConvGeometry,
  type ConvOptions,
  convGeometry,
  convShape,
  onnxGeometry,
} from "./conv-geometry.ts";
import { convInputGradient } from "./conv-input-gradient.ts";
import { asBatch, eachMember, kernelsOf, ofBatches } from "./conv-members.ts";

// y[n,o,p] = b[o] + Σ_c,k w[o,c,k] x[n,c,s p + d k - padding]
// dx = the transposed convolution of dy,  dw = dy correlated with x,  db = Σ_n,p dy
const convOperator: Operator<ConvGeometry> = {
  name: "conv",
  infer: ([x, weight, bias], geometry) => {
    const shape = convShape(x!.shape, weight!.shape, geometry);
    if (bias && !sameShape(bias.shape, [shape[1]!]))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a bias of shape [${shape[1]}], got [${bias.shape}].`,
      );
    return [{ shape, dataType: "float32" }];
  },
  gradient: ({ inputs, attributes }, [dy], wanted) => {
    const [x, weight] = [inputs[0]!, inputs[1]!];
    return [
      wanted[0] ? convInputGradient(dy!, weight, x.shape, attributes) : undefined,
      wanted[1] ? convFilterGradient(dy!, x, weight.shape, attributes) : undefined,
      wanted[2] ? reduceSum(dy!, [0, ...x.shape.slice(2).map((_, axis) => axis + 2)]) : undefined,
    ];
  },
  batching: ({ attributes }, [x, weight, bias], members) => {
    if (x!.axis !== undefined && [weight, bias].every((own) => own?.axis === undefined)) {
      // The same kernels for all: members and examples are one batch.
      const options = { ...attributes, ...(bias && { bias: bias.value }) };
      return [ofBatches(conv(asBatch(x!, members), weight!.value, options), members)];
    }
    if (x!.axis === undefined && attributes.groups === 1) {
      const options = { ...attributes, ...(bias && { bias: perChannel(bias, members) }) };
      return placed([apart(conv(x!.value, kernelsOf(weight!, members), options), members)], 1);
    }
    const inputs = [x!, weight!, ...(bias ? [bias] : [])];
    return [eachMember(inputs, members, (own) => apply(convOperator, own, attributes))];
  },
  lowerings: {
    blocked: {
      channelBlock: block,
      supports: ({ attributes, inputs: [x, weight] }) => fitsBlocks(x!.shape, weight!.shape, attributes),
      emit: (emitter, { attributes, inputs: [, weight] }, names) => [
        blockedConv(emitter, names, weight!.shape, attributes),
      ],
    },
    conv: {
      emit: (emitter, { attributes }, names) => emitter.node("Conv", names, onnxGeometry(attributes)),
    },
  },
};

/**
 * Convolution (cross-correlation, as networks use it) over one or more spatial axes.
 *
 * @param x [N, C, ...spatial]. @param weight [O, C/groups, ...kernel].
 * @param options `bias` [O] is added per output channel.
 * @returns [N, O, ...], each spatial size ⌊(size + 2 padding - dilation (kernel - 1) - 1) / stride⌋ + 1.
 * @throws {MlrSnetError} `SHAPE_MISMATCH`, `INVALID_ARGUMENT`.
 */
export function conv(x: Value, weight: Value, options: ConvOptions & { bias?: Value } = {}): Value {
  const known = { stride: true, padding: true, dilation: true, groups: true, bias: true } as const;
  checkOptionNames("`conv`", options, known);
  checkTensor("conv", weight);
  const inputs = options.bias ? [x, weight, options.bias] : [x, weight];
  return apply(convOperator, inputs, convGeometry(shapeOf("conv", x).length - 2, options));
}
