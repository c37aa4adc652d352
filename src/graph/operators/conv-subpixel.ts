import type { Emitter, Lowering } from "../operator.ts";
import { block, blockWeight, convBlocks, fromBlocks, toBlocks } from "./conv-blocked.ts";
import type { InputGradientAttributes } from "./conv-geometry.ts";

/**
 * The input gradient of a convolution with stride s: its elements s i + a, for each phase a in [0, s), are a stride-1
 * convolution of dy with every s-th kernel element. One convolution computes all phases as channels of their own;
 * these are then interleaved, 16 channels at a time.
 *
 * @see Shi et al., arXiv:1609.05158, for the idea.
 */
export const subpixelBlocked: Lowering<InputGradientAttributes> = {
  channelBlock: block,
  supports: ({ attributes, inputs: [dy, weight] }) => {
    const [outputs, channels, ...kernel] = weight!.shape as [number, number, ...number[]];
    return (
      attributes.groups === 1 &&
      dy!.shape.length === 4 &&
      attributes.stride.some((step) => step > 1) &&
      attributes.dilation.every((step) => step === 1) &&
      channels % block === 0 &&
      (outputs % block === 0 || outputs < block) &&
      phasesOf(attributes, dy!.shape.slice(2), kernel).every(({ pads }) => pads.every((pad) => pad >= 0))
    );
  },
  emit: (
    emitter,
    { attributes: { stride, size, ...geometry }, inputs: [dy, weight] },
    [dyName, weightName],
  ) => {
    const [batch, , ...spatial] = dy!.shape;
    const [outputs, channels, ...kernel] = weight!.shape as [number, number, ...number[]];
    const [y, x] = phasesOf({ stride, size, ...geometry }, spatial, kernel) as [Phases, Phases];
    const [sy, sx] = stride as [number, number];
    const margins = [0, 0, y.margins[0], x.margins[0], 0, 0, y.margins[1], x.margins[1]];
    const [padded] = emitter.node("Pad", [weightName!, emitter.integers(margins)]);
    const parts = emitter.integers([outputs, channels, y.taps, sy, x.taps, sx]);
    const [split] = emitter.node("Reshape", [padded!, parts]);
    const [perPhase] = emitter.node("Transpose", [split!], { perm: [3, 5, 1, 0, 2, 4] });
    const shape = [sy * sx * channels, outputs, y.taps, x.taps];
    const [kernels] = emitter.node("Reshape", [reverse(emitter, perPhase!, [4, 5]), emitter.integers(shape)]);
    const phases = convBlocks(
      emitter,
      [outputs < block ? dyName! : toBlocks(emitter, dyName!), blockWeight(emitter, kernels!, shape)],
      { pads: [y.pads[0], x.pads[0], y.pads[1], x.pads[1]] },
    );
    const apart = emitter.integers([batch!, sy, sx, channels / block, y.count, x.count, block]);
    const [blocks] = emitter.node("Reshape", [phases, apart]);
    const [interleaved] = emitter.node("Transpose", [blocks!], { perm: [0, 3, 4, 1, 5, 2, 6] });
    const joined = emitter.integers([batch!, channels, y.count * sy, x.count * sx]);
    const dx = fromBlocks(emitter, emitter.node("Reshape", [interleaved!, joined])[0]!, channels);
    if (y.count * sy === size[0] && x.count * sx === size[1]) return [dx];
    const [start, axes] = [emitter.integers([0, 0]), emitter.integers([2, 3])];
    return emitter.node("Slice", [dx, start, emitter.integers(size), axes]);
  },
};

/** How one axis falls apart into phases. */
type Phases = {
  /** Elements of each phase. */
  count: number;
  /** Kernel elements of each phase, some of them zeros put around the kernel: `margins`, before and behind. */
  taps: number;
  margins: readonly [number, number];
  /** Zeros around dy for the stride-1 convolution; negative where this way does not work. */
  pads: readonly [number, number];
};

// The input s i + a meets the kernel element k at the output i + t, t = (a + padding - k) / s.
function phasesOf(
  { stride, padding, size }: InputGradientAttributes,
  spatial: readonly number[],
  kernel: readonly number[],
): Phases[] {
  return stride.map((s, axis) => {
    const [p, k] = [padding[axis]!, kernel[axis]!];
    const first = Math.ceil((p - k + 1) / s);
    const last = Math.floor((s - 1 + p) / s);
    const taps = last - first + 1;
    const front = s * last - p;
    const count = Math.ceil(size[axis]! / s);
    return {
      count,
      taps,
      margins: [front, s * taps - k - front],
      pads: [-first, count - spatial[axis]! + last],
    };
  });
}

/** A tensor with the order of elements turned round along the given axes. */
export function reverse(emitter: Emitter, x: string, axes: readonly number[]): string {
  const each = (value: number) => emitter.integers(axes.map(() => value));
  return emitter.node("Slice", [x, each(-1), each(-(2 ** 31)), emitter.integers(axes), each(-1)])[0]!;
}
