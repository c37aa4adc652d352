import { apply, type Emitter, type Lowering, type Operator } from "../operator.ts";
import type { Shape, Value } from "../value.ts";
import { block, blockedConv, fitsBlocks } from "./conv-blocked.ts";
import { type ConvGeometry, type InputGradientAttributes, onnxGeometry } from "./conv-geometry.ts";
import { asBatch, eachMember, ofBatches } from "./conv-members.ts";
import { subpixelBlocked } from "./conv-subpixel.ts";

type InputGradientLowering = Lowering<InputGradientAttributes>;

const convTranspose: InputGradientLowering = {
  emit: (emitter, { attributes, inputs: [, weight] }, names) => {
    const { stride, padding, dilation, size } = attributes;
    // The rows that the last kernel position did not reach.
    const rest = size.map(
      (length, axis) =>
        (length + 2 * padding[axis]! - dilation[axis]! * (weight!.shape[axis + 2]! - 1) - 1) % stride[axis]!,
    );
    return emitter.node("ConvTranspose", names, { ...onnxGeometry(attributes), output_padding: rest });
  },
};

// With stride 1 the gradient is a convolution too: of dy with the kernel turned round, its inputs and outputs exchanged.
const flipped: InputGradientLowering = {
  supports: ({ attributes, inputs: [, weight] }) => isFlippable(attributes, weight!.shape),
  emit: (emitter, { attributes, inputs: [, weight] }, [dy, weightName]) => {
    const kernel = flip(emitter, weightName!, weight!.shape, attributes.groups);
    return emitter.node("Conv", [dy!, kernel], onnxGeometry(flippedGeometry(attributes, weight!.shape)));
  },
};

const flippedBlocked: InputGradientLowering = {
  channelBlock: block,
  supports: ({ attributes, inputs: [dy, weight] }) =>
    isFlippable(attributes, weight!.shape) &&
    fitsBlocks(dy!.shape, flippedShape(weight!.shape, attributes.groups), attributes),
  emit: (emitter, { attributes, inputs: [, weight] }, [dy, weightName]) => {
    const kernel = flip(emitter, weightName!, weight!.shape, attributes.groups);
    const shape = flippedShape(weight!.shape, attributes.groups);
    return [blockedConv(emitter, [dy!, kernel], shape, flippedGeometry(attributes, weight!.shape))];
  },
};

// dx[n,c,q] = Σ_o,k w[o,c,k] dy[n,o,p] over s p + d k - padding = q
const convInputGradientOperator: Operator<InputGradientAttributes> = {
  name: "convInputGradient",
  infer: ([dy, weight], { groups, size }) => [
    { shape: [dy!.shape[0]!, weight!.shape[1]! * groups, ...size], dataType: "float32" },
  ],
  batching: ({ attributes }, [dy, weight], members) => {
    const gradient = (inputs: readonly Value[]) => apply(convInputGradientOperator, inputs, attributes);
    if (weight!.axis !== undefined) return [eachMember([dy!, weight!], members, gradient)];
    return [ofBatches(gradient([asBatch(dy!, members), weight!.value]), members)];
  },
  lowerings: { flippedBlocked, subpixelBlocked, flipped, convTranspose },
};

/** The gradient of a convolution towards its input of shape `shape`. */
export function convInputGradient(dy: Value, weight: Value, shape: Shape, geometry: ConvGeometry): Value {
  return apply(convInputGradientOperator, [dy, weight], { ...geometry, size: shape.slice(2) });
}

function flippedGeometry({ stride, padding, dilation, groups }: ConvGeometry, weight: Shape): ConvGeometry {
  const covered = padding.map((size, axis) => dilation[axis]! * (weight[axis + 2]! - 1) - size);
  return { stride, padding: covered, dilation, groups };
}

function isFlippable(geometry: ConvGeometry, weight: Shape): boolean {
  return (
    geometry.stride.every((step) => step === 1) &&
    flippedGeometry(geometry, weight).padding.every((size) => size >= 0)
  );
}

function flippedShape([outputs, channels, ...kernel]: Shape, groups: number): Shape {
  return [channels! * groups, outputs! / groups, ...kernel];
}

/** The weight [O, C/groups, ...] as [C, O/groups, ...], each kernel turned round. */
function flip(emitter: Emitter, weight: string, shape: Shape, groups: number): string {
  const [outputs, channels, ...kernel] = shape;
  const axes = kernel.map((_, axis) => axis + 3);
  const [grouped] = emitter.node("Reshape", [
    weight,
    emitter.integers([groups, outputs! / groups, channels!, ...kernel]),
  ]);
  const [exchanged] = emitter.node("Transpose", [grouped!], { perm: [0, 2, 1, ...axes] });
  const each = (value: number) => emitter.integers(axes.map(() => value));
  const [turned] = emitter.node("Slice", [
    exchanged!,
    each(-1),
    each(-(2 ** 31)),
    emitter.integers(axes),
    each(-1),
  ]);
  return emitter.node("Reshape", [turned!, emitter.integers(flippedShape(shape, groups))])[0]!;
}
