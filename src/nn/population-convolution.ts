import { concat, elements, pad, reshapeTo, slice, split, type Value } from "../graph/index.ts";
import { uniformFanIn } from "./initialise.ts";
import { populationLinear } from "./population-linear.ts";
import type { Initialiser, Scope } from "./scope.ts";

/**
 * A convolution over one or two spatial axes with each member's own kernels: the windows are laid out as columns once
 * (im2col), then all members are one batched product. Parameters `weight` [out, kernel positions * in], the channels
 * running fastest, and `bias` [out], drawn as `convolutionLayer` does.
 *
 * @param x [members, in, ...spatial, batch], or [in, ...spatial, batch], the same for all members.
 * @param kernel sides of the kernel, one a spatial axis. @param options `stride` ≥ 1, `padding` ≥ 0 on every side.
 * @returns [members, out, ...spatial, batch].
 */
export function populationConvolution(
  scope: Scope,
  x: Value,
  outputs: number,
  kernel: readonly number[],
  options: { stride?: number; padding?: number; bias?: boolean; initialise?: Initialiser } = {},
): Value {
  const { stride = 1, padding = 0, ...rest } = options;
  const channelAxis = x.shape.length - kernel.length - 2;
  let windows = x;
  for (const [index, side] of [...kernel.entries()].reverse())
    windows = unfold(windows, channelAxis, channelAxis + 1 + index, { side, stride, padding });
  const spatial = windows.shape.slice(channelAxis + 1);
  const columns = reshapeTo(windows, [...windows.shape.slice(0, channelAxis + 1), elements(spatial)]);
  const product = populationLinear(scope, columns, outputs, {
    initialise: uniformFanIn(columns.shape[channelAxis]!),
    ...rest,
  });
  return reshapeTo(product, [scope.population, outputs, ...spatial]);
}

type Window = { side: number; stride: number; padding: number };

/**
 * Replaces an axis by the places of a window on it, and each channel by the window's positions:
 * channel j * channels + c at place t is channel c at t * stride + j.
 */
function unfold(x: Value, channelAxis: number, axis: number, { side, stride, padding }: Window): Value {
  const size = x.shape[axis]!;
  const places = Math.floor((size + 2 * padding - side) / stride) + 1;
  // Blocks of `stride` positions: position t * stride + j is element j % stride of block t + floor(j / stride).
  const blocks = places + Math.floor((side - 1) / stride);
  const missing = blocks * stride - size - padding;
  const border = (width: number) => x.shape.map((_, i) => (i === axis ? width : 0));
  const padded = pad(
    missing < 0 ? slice(x, axis, 0, size + missing) : x,
    border(padding),
    border(Math.max(0, missing)),
  );
  const blocked = reshapeTo(padded, [...x.shape.slice(0, axis), blocks, stride, ...x.shape.slice(axis + 1)]);
  const phases = stride === 1 ? [padded] : split(blocked, Array<number>(stride).fill(1), axis + 1);
  const flat = phases.map((phase) => reshapeTo(phase, x.shape.with(axis, blocks)));
  const positions = Array.from({ length: side }, (_, j) => {
    const start = Math.floor(j / stride);
    return slice(flat[j % stride]!, axis, start, start + places);
  });
  return concat(positions, channelAxis);
}
