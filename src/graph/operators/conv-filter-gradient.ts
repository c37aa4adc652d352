import { apply, type Emitter, type Lowering, type Operator } from "../operator.ts";
import { elements, type Shape, type Value } from "../value.ts";
import { batchAsGroups, batchAsGroupsPadded } from "./conv-batch-groups.ts";
import { type ConvGeometry, type FilterGradientAttributes, onnxGeometry } from "./conv-geometry.ts";

type FilterGradientLowering = Lowering<FilterGradientAttributes>;

// Per shift of the kernel: the slice of x under it, times dy, over space, then summed over the batch.
const shifts: FilterGradientLowering = {
  emit: (emitter, { attributes, inputs: [dy, x] }, [dyName, xName]) => {
    const { groups, kernel } = attributes;
    const [batch, outputs, ...spatial] = dy!.shape;
    const channels = x!.shape[1]!;
    const positions = elements(spatial);
    const matrix = (name: string, rows: number) =>
      emitter.node("Reshape", [name, emitter.integers([batch!, groups, rows / groups, positions])])[0]!;
    const left = matrix(dyName!, outputs!);
    const columns = shiftedSlices(emitter, xName!, spatial, attributes).map((slice) => {
      const product = productOverSpace(emitter, left, matrix(slice, channels));
      return emitter.node("Reshape", [product, emitter.integers([outputs!, channels / groups, 1])])[0]!;
    });
    const joined = emitter.node("Concat", columns, { axis: 2 })[0]!;
    return emitter.node("Reshape", [joined, emitter.integers([outputs!, channels / groups, ...kernel])]);
  },
};

// im2col as a depthwise convolution with kernels of a single one, then one matrix product for each image.
const patches: FilterGradientLowering = {
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
  lowerings: { batchAsGroupsPadded, batchAsGroups, patches, shifts },
};

/** The gradient of a convolution of x towards its weight of shape `shape`. */
export function convFilterGradient(dy: Value, x: Value, shape: Shape, geometry: ConvGeometry): Value {
  return apply(convFilterGradientOperator, [dy, x], { ...geometry, kernel: shape.slice(2) });
}

/** Σ_n a b^T of a [N, groups, rows, positions] and b [N, groups, columns, positions]: [groups, rows, columns]. */
function productOverSpace(emitter: Emitter, a: string, b: string): string {
  const [products] = emitter.node("FusedMatMul", [a, b], { transB: 1 }, { domain: "com.microsoft" });
  return emitter.node("ReduceSum", [products!, emitter.integers([0])], { keepdims: 0 })[0]!;
}

/** For each kernel position, in row-major order, the elements of x [N, C, ...] that it meets: [N, C, ...spatial]. */
function shiftedSlices(
  emitter: Emitter,
  x: string,
  spatial: readonly number[],
  { kernel, stride, padding, dilation }: FilterGradientAttributes,
): string[] {
  const padded = padding.some((size) => size > 0)
    ? emitter.node("Pad", [x, emitter.integers([0, 0, ...padding, 0, 0, ...padding])])[0]!
    : x;
  const axes = emitter.integers(spatial.map((_, axis) => axis + 2));
  return Array.from({ length: elements(kernel) }, (_, position) => {
    const starts: number[] = [];
    for (let axis = kernel.length - 1, rest = position; axis >= 0; axis--) {
      starts.unshift((rest % kernel[axis]!) * dilation[axis]!);
      rest = Math.floor(rest / kernel[axis]!);
    }
    const ends = starts.map((start, axis) => start + (spatial[axis]! - 1) * stride[axis]! + 1);
    return emitter.node("Slice", [
      padded,
      emitter.integers(starts),
      emitter.integers(ends),
      axes,
      emitter.integers(stride),
    ])[0]!;
  });
}
