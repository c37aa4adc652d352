import { apply, type Emitter, type Lowering, type Operator } from "../operator.ts";
import type { Shape, Value } from "../value.ts";
import { elements } from "../value.ts";
import type { ConvGeometry } from "./conv-geometry.ts";

export type FilterGradientAttributes = ConvGeometry & {
  /** Spatial sizes of the kernel. */
  readonly kernel: readonly number[];
};

// Per shift of the kernel: the slice of x under it, times dy, over space, then summed over the batch.
const shifts: Lowering<FilterGradientAttributes> = {
  emit: (emitter, { attributes, inputs: [dy, x] }, [dyName, xName]) => {
    const { groups, kernel } = attributes;
    const [batch, outputs, ...spatial] = dy!.shape;
    const channels = x!.shape[1]!;
    const positions = elements(spatial);
    const matrix = (name: string, rows: number) =>
      emitter.node("Reshape", [name, emitter.integers([batch!, groups, rows / groups, positions])])[0]!;
    const left = matrix(dyName!, outputs!);
    const products = shiftedSlices(emitter, xName!, spatial, attributes).map((slice) => {
      const product = emitter.node(
        "FusedMatMul",
        [left, matrix(slice, channels)],
        { transB: 1 },
        { domain: "com.microsoft" },
      );
      return emitter.node("ReduceSum", [...product, emitter.integers([0])], { keepdims: 0 })[0]!;
    });
    const columns = products.map(
      (name) => emitter.node("Reshape", [name, emitter.integers([outputs!, channels / groups, 1])])[0]!,
    );
    const joined = emitter.node("Concat", columns, { axis: 2 })[0]!;
    return emitter.node("Reshape", [joined, emitter.integers([outputs!, channels / groups, ...kernel])]);
  },
};

// dw[o,c,k] = Σ_n,p dy[n,o,p] x[n,c,s p + d k - padding]
const convFilterGradientOperator: Operator<FilterGradientAttributes> = {
  name: "convFilterGradient",
  infer: ([dy, x], { groups, kernel }) => [
    { shape: [dy!.shape[1]!, x!.shape[1]! / groups, ...kernel], dataType: "float32" },
  ],
  lowerings: { shifts },
};

/** The gradient of a convolution of x towards its weight of shape `shape`. */
export function convFilterGradient(dy: Value, x: Value, shape: Shape, geometry: ConvGeometry): Value {
  return apply(convFilterGradientOperator, [dy, x], { ...geometry, kernel: shape.slice(2) });
}

/** For each kernel position, in row-major order, the elements of x [N, C, ...] that it meets: [N, C, ...spatial]. */
export function shiftedSlices(
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
