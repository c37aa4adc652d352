import type { Emitter, Lowering, Node } from "../operator.ts";
import { elements, type Shape } from "../value.ts";
import { exchange } from "./conv-exchange.ts";
import type { FilterGradientAttributes } from "./conv-geometry.ts";

type FilterGradientLowering = Lowering<FilterGradientAttributes>;

/** Per shift of the kernel: the slice of x under it, times dy, over space, then summed over the batch. */
export const shifts: FilterGradientLowering = {
  emit: (emitter, node, [dyName, xName]) => {
    const { groups } = node.attributes;
    const [batch, outputs, ...spatial] = node.inputs[0]!.shape as [number, number, ...number[]];
    const channels = node.inputs[1]!.shape[1]!;
    const matrix = (name: string, rows: number) =>
      emitter.node("Reshape", [
        name,
        emitter.integers([batch, groups, rows / groups, elements(spatial)]),
      ])[0]!;
    const left = matrix(dyName!, outputs);
    const slices = shiftedSlices(emitter, padded(emitter, xName!, node.attributes), spatial, node.attributes);
    const products = slices.map((slice) => productOverSpace(emitter, left, matrix(slice, channels)));
    return joinShifts(emitter, products, node);
  },
};

/** The same with batch and space as one axis: fewer, larger matrix products, for small images with many channels. */
export const shiftsOverBatch: FilterGradientLowering = {
  supports: ({ attributes: { groups } }) => groups === 1,
  emit: (emitter, node, [dyName, xName]) => {
    const [batch, outputs, ...spatial] = node.inputs[0]!.shape as [number, number, ...number[]];
    const [, channels, ...sizes] = node.inputs[1]!.shape as [number, number, ...number[]];
    const { padding } = node.attributes;
    const matrix = (name: string, rows: number) =>
      emitter.node("Reshape", [name, emitter.integers([rows, batch * elements(spatial)])])[0]!;
    const left = matrix(exchange(emitter, dyName!, [batch, outputs, ...spatial]), outputs);
    const paddedSizes = sizes.map((size, axis) => size + 2 * padding[axis]!);
    const image = exchange(emitter, padded(emitter, xName!, node.attributes), [
      batch,
      channels,
      ...paddedSizes,
    ]);
    const products = shiftedSlices(emitter, image, spatial, node.attributes).map(
      (slice) => emitter.node("Gemm", [left, matrix(slice, channels)], { transB: 1 })[0]!,
    );
    return joinShifts(emitter, products, node);
  },
};

/** Σ_n a b^T of a [N, groups, rows, positions] and b [N, groups, columns, positions]: [groups, rows, columns]. */
export function productOverSpace(emitter: Emitter, a: string, b: string): string {
  const [products] = emitter.node("FusedMatMul", [a, b], { transB: 1 }, { domain: "com.microsoft" });
  return emitter.node("ReduceSum", [products!, emitter.integers([0])], { keepdims: 0 })[0]!;
}

/** Products for each kernel position, each of [O, C/groups] elements, as the weight [O, C/groups, ...kernel]. */
function joinShifts(
  emitter: Emitter,
  products: readonly string[],
  node: Node<FilterGradientAttributes>,
): string[] {
  const [outputs, channels, ...kernel] = node.outputs[0]!.shape as [number, number, ...number[]];
  const columns = products.map(
    (product) => emitter.node("Reshape", [product, emitter.integers([outputs, channels, 1])])[0]!,
  );
  const [joined] = emitter.node("Concat", columns, { axis: 2 });
  return emitter.node("Reshape", [joined!, emitter.integers([outputs, channels, ...kernel])]);
}

function padded(emitter: Emitter, x: string, { padding }: FilterGradientAttributes): string {
  if (padding.every((size) => size === 0)) return x;
  return emitter.node("Pad", [x, emitter.integers([0, 0, ...padding, 0, 0, ...padding])])[0]!;
}

/** For each kernel position, in row-major order, the elements of the padded x that it meets: [.., .., ...spatial]. */
function shiftedSlices(
  emitter: Emitter,
  x: string,
  spatial: Shape,
  { kernel, stride, dilation }: FilterGradientAttributes,
): string[] {
  const axes = emitter.integers(spatial.map((_, axis) => axis + 2));
  return Array.from({ length: elements(kernel) }, (_, position) => {
    const starts: number[] = [];
    for (let axis = kernel.length - 1, rest = position; axis >= 0; axis--) {
      starts.unshift((rest % kernel[axis]!) * dilation[axis]!);
      rest = Math.floor(rest / kernel[axis]!);
    }
    const ends = starts.map((start, axis) => start + (spatial[axis]! - 1) * stride[axis]! + 1);
    return emitter.node("Slice", [
      x,
      emitter.integers(starts),
      emitter.integers(ends),
      axes,
      emitter.integers(stride),
    ])[0]!;
  });
}
