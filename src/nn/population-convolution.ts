import { MlrSnetError } from "../errors.ts";
import { concat, pad, reshapeTo, slice, split, type Value } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { checkOptionNames, type OptionNames, show } from "../schedules/internal.ts";
import { uniformFanIn } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import { memberProduct } from "./population-linear.ts";
import type { Initialiser } from "./registry.ts";
import type { Scope } from "./scope.ts";

type ConvolutionOptions = { stride?: number; padding?: number; bias?: boolean; initialise?: Initialiser };

const optionNames: OptionNames<ConvolutionOptions> = {
  stride: true,
  padding: true,
  bias: true,
  initialise: true,
};

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
  options: ConvolutionOptions = {},
): Value {
  const input = { axes: "[members, channels, ...spatial, batch]", rank: [3, 5] } as const;
  return buildLayer("populationConvolution", scope, x, input, () => {
    checkOptionNames("`populationConvolution`", options, optionNames);
    checkSize("outputs", outputs);
    const { stride = 1, padding = 0 } = options;
    checkSize("stride", stride);
    if (!Number.isInteger(padding) || padding < 0)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`padding\` to be an integer ≥ 0, got ${show(padding)}.`,
      );
    if (!Array.isArray(kernel) || kernel.length < 1 || kernel.length > 2)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`kernel\` to be a list of one or two sides, got ${show(kernel)}.`,
      );
    for (const side of kernel) checkSize("kernel", side);
    scope.take("populationConvolution");
    return convolve(scope, x, outputs, kernel, options);
  });
}

function convolve(
  scope: Scope,
  x: Value,
  outputs: number,
  kernel: readonly number[],
  options: ConvolutionOptions,
): Value {
  const { stride = 1, padding = 0, ...rest } = options;
  const channelAxis = x.shape.length - kernel.length - 2;
  let windows = x;
  for (const [index, side] of [...kernel.entries()].reverse())
    windows = unfold(windows, channelAxis, channelAxis + 1 + index, { side, stride, padding });
  const spatial = windows.shape.slice(channelAxis + 1);
  const columns = reshapeTo(windows, [...windows.shape.slice(0, channelAxis + 1), elements(spatial)]);
  const product = memberProduct(scope, columns, outputs, {
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
  if (channelAxis < 0 || channelAxis > 1 || places < 1)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected x [members, in, ...spatial, batch] that a kernel of ${side} with padding ${padding} fits into, got [${x.shape}].`,
    );
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
