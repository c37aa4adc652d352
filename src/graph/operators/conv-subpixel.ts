import type { Emitter, Lowering, Node } from "../operator.ts";
import { block, blockWeight, convBlocks, fromBlocks, toBlocks } from "./conv-blocked.ts";
import type { InputGradientAttributes } from "./conv-geometry.ts";

/**
 * The input gradient of a convolution with stride s: its elements s i + a, for each phase a in [0, s), are a stride-1
 * convolution of dy with every s-th kernel element. The phases are interleaved in the blocked layout, where each
 * pixel is 16 numbers long.
 *
 * @see Shi et al., arXiv:1609.05158, for the idea.
 */
export const subpixelBlocked: Lowering<InputGradientAttributes> = {
  channelBlock: block,
  supports: (node) => {
    const { stride, dilation, groups } = node.attributes;
    const [outputs, channels] = node.inputs[1]!.shape as [number, number, ...number[]];
    return (
      groups === 1 &&
      stride.length === 2 &&
      stride.some((step) => step > 1) &&
      dilation.every((step) => step === 1) &&
      channels % block === 0 &&
      (outputs % block === 0 || outputs < block) &&
      [0, 1].every((axis) =>
        phasesOf(node, axis).every(({ taps, pads }) => taps > 0 && Math.min(...pads) >= 0),
      )
    );
  },
  emit: (emitter, node, [dyName, weightName]) => {
    const [rows, columns] = [phasesOf(node, 0), phasesOf(node, 1)];
    const { stride, size } = node.attributes;
    const [batch, outputs] = node.inputs[0]!.shape as [number, number, ...number[]];
    const channels = node.inputs[1]!.shape[1]!;
    const [height, width] = size.map((length, axis) => Math.ceil(length / stride[axis]!)) as [number, number];
    const dy = outputs < block ? dyName! : toBlocks(emitter, dyName!);
    const [weight] = emitter.node("Transpose", [weightName!], { perm: [1, 0, 2, 3] });
    const pixel = [(batch * channels * height) / block, width, 1, block];
    const row = [(batch * channels) / block, height, 1, width * columns.length * block];
    const rowsOfPhases = rows.map((y) => {
      const phases = columns.map((x) => {
        const kernel = everyNth(emitter, weight!, [y.last, x.last], stride);
        const blocks = blockWeight(emitter, kernel, [channels, outputs, y.taps, x.taps]);
        const pads = [y.pads[0], x.pads[0], y.pads[1], x.pads[1]];
        return convBlocks(emitter, [dy, blocks], { pads });
      });
      return interleave(emitter, phases, pixel);
    });
    const shape = emitter.integers([batch, channels, height * rows.length, width * columns.length]);
    const [joined] = emitter.node("Reshape", [interleave(emitter, rowsOfPhases, row), shape]);
    const dx = fromBlocks(emitter, joined!, channels);
    if (size.every((length, axis) => length % stride[axis]! === 0)) return [dx];
    const [start, axes] = [emitter.integers([0, 0]), emitter.integers([2, 3])];
    return emitter.node("Slice", [dx, start, emitter.integers(size), axes]);
  },
};

type Phase = {
  /** Kernel elements that meet this phase, from `last` downwards. */
  taps: number;
  last: number;
  /** Zeros around dy; negative where this way does not work. */
  pads: [number, number];
};

// The input s i + a meets the kernel element k at the output i + (a + padding - k) / s.
function phasesOf(
  { attributes, inputs: [dy, weight] }: Node<InputGradientAttributes>,
  axis: number,
): Phase[] {
  const [s, padding] = [attributes.stride[axis]!, attributes.padding[axis]!];
  const kernel = weight!.shape[axis + 2]!;
  return Array.from({ length: s }, (_, a) => {
    const first = (a + padding) % s;
    const taps = Math.ceil((kernel - first) / s);
    const last = first + s * (taps - 1);
    const before = (last - a - padding) / s;
    const after = Math.ceil(attributes.size[axis]! / s) - dy!.shape[axis + 2]! - before + taps - 1;
    return { taps, last, pads: [before, after] };
  });
}

/** Every s-th element of the kernels [C, O, ...], from `last` downwards. */
function everyNth(
  emitter: Emitter,
  weight: string,
  last: readonly number[],
  stride: readonly number[],
): string {
  const ends = emitter.integers(last.map(() => -(2 ** 31)));
  const steps = emitter.integers(stride.map((step) => -step));
  return emitter.node("Slice", [weight, emitter.integers(last), ends, emitter.integers([2, 3]), steps])[0]!;
}

/** Tensors, each of the given shape, in turn along its third axis. */
function interleave(emitter: Emitter, parts: readonly string[], shape: readonly number[]): string {
  if (parts.length === 1) return parts[0]!;
  const views = parts.map((part) => emitter.node("Reshape", [part, emitter.integers(shape)])[0]!);
  return emitter.node("Concat", views, { axis: 2 })[0]!;
}
