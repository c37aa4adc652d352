import { apply, type Lowering, type Operator } from "../operator.ts";
import { elements, type Shape, type Value } from "../value.ts";
import { imagesOf } from "./channels.ts";
import { batchAsGroups, batchAsGroupsPadded } from "./conv-batch-groups.ts";
import { type ConvGeometry, type FilterGradientAttributes, onnxGeometry } from "./conv-geometry.ts";
import { eachMember, kernelsApart } from "./conv-members.ts";
import { productOverSpace, shifts, shiftsOverBatch } from "./conv-shifts.ts";

type FilterGradientLowering = Lowering<FilterGradientAttributes>;

// im2col as a depthwise convolution with kernels of a single one, then one matrix product for each image.
const patches: FilterGradientLowering = {
  // The grouped convolution of onnxruntime 1.30's webgpu provider gives other numbers.
  supports: (_node, provider) => provider === "cpu",
  emit: (emitter, { attributes, inputs: [dy, x] }, [dyName, xName]) => {
    const { groups, kernel } = attributes;
    const [batch, outputs, ...spatial] = dy!.shape;
    const [channels, taps, positions] = [x!.shape[1]!, elements(kernel), elements(spatial)];
    const identity = Array.from({ length: taps * taps }, (_, i) => (i % (taps + 1) === 0 ? 1 : 0));
    const repeats = emitter.integers([channels, 1, ...kernel.map(() => 1)]);
    const [ones] = emitter.node("Tile", [emitter.floats(identity, [taps, 1, ...kernel]), repeats]);
    const [columns] = emitter.node("Conv", [xName!, ones!], {
      ...onnxGeometry(attributes),
      group: channels,
    });
    const matrix = (name: string, rows: number) =>
      emitter.node("Reshape", [name, emitter.integers([batch!, groups, rows / groups, positions])])[0]!;
    const product = productOverSpace(emitter, matrix(columns!, channels * taps), matrix(dyName!, outputs!));
    const [turned] = emitter.node("Transpose", [product], { perm: [0, 2, 1] });
    return emitter.node("Reshape", [turned!, emitter.integers([outputs!, channels / groups, ...kernel])]);
  },
};

// dw[o,c,k] = Σ_n,p dy[n,o,p] x[n,c,s p + d k - padding]
const convFilterGradientOperator: Operator<FilterGradientAttributes> = {
  name: "convFilterGradient",
  infer: ([dy, x], { groups, kernel }) => [
    { shape: [dy!.shape[1]!, x!.shape[1]! / groups, ...kernel], dataType: "float32" },
  ],
  batching: ({ attributes }, [dy, x], members) => {
    const gradient = (inputs: readonly Value[]) => apply(convFilterGradientOperator, inputs, attributes);
    if (x!.axis !== undefined || attributes.groups !== 1) return [eachMember([dy!, x!], members, gradient)];
    return [kernelsApart(gradient([imagesOf(dy!, members), x!.value]), members)];
  },
  lowerings: { batchAsGroupsPadded, batchAsGroups, patches, shiftsOverBatch, shifts },
};

/** The gradient of a convolution of x towards its weight of shape `shape`. */
export function convFilterGradient(dy: Value, x: Value, shape: Shape, geometry: ConvGeometry): Value {
  return apply(convFilterGradientOperator, [dy, x], { ...geometry, kernel: shape.slice(2) });
}
