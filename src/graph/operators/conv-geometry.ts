import { MlrSnetError } from "../../errors.ts";
import { show } from "../../schedules/internal.ts";
import type { OnnxAttributes } from "../operator.ts";
import type { Shape } from "../value.ts";

/** How a kernel moves over the spatial axes; one number per axis. */
export type ConvGeometry = {
  readonly stride: readonly number[];
  /** Zeros added on both sides. */
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
};

export type FilterGradientAttributes = ConvGeometry & {
  /** Spatial sizes of the kernel. */
  readonly kernel: readonly number[];
};

export type InputGradientAttributes = ConvGeometry & {
  /** Spatial sizes of the convolution's input. */
  readonly size: readonly number[];
};

/** Options of a convolution; one number stands for all spatial axes. */
export type ConvOptions = {
  /** Default 1. */
  stride?: number | readonly number[];
  /** Zeros added on both sides; default 0. */
  padding?: number | readonly number[];
  /** Default 1. */
  dilation?: number | readonly number[];
  /** Default 1; equal to the channels for a depthwise convolution. */
  groups?: number;
};

/** The options for `rank` spatial axes, checked. */
export function convGeometry(rank: number, options: ConvOptions): ConvGeometry {
  if (rank < 1)
    throw new MlrSnetError("SHAPE_MISMATCH", `Expected x [N, C, ...spatial], got ${rank + 2} axes.`);
  const perAxis = (name: "stride" | "padding" | "dilation", least: number, fallback: number) => {
    const given = options[name] ?? fallback;
    const list = typeof given === "number" ? Array<number>(rank).fill(given) : given;
    const isSizes = Array.isArray(list) && list.every((size) => Number.isInteger(size) && size >= least);
    if (isSizes && list.length === rank) return list;
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`${name}\` to be an integer ≥ ${least}, or ${rank} of them, got ${show(given)}.`,
    );
  };
  const { groups = 1 } = options;
  if (!Number.isInteger(groups) || groups < 1)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`groups\` to be an integer ≥ 1, got ${show(groups)}.`,
    );
  return {
    stride: perAxis("stride", 1, 1),
    padding: perAxis("padding", 0, 0),
    dilation: perAxis("dilation", 1, 1),
    groups,
  };
}

/** The shape [N, O, ...] of the convolution of x [N, C, ...] with a weight [O, C/groups, ...kernel]. */
export function convShape(
  x: Shape,
  weight: Shape,
  { stride, padding, dilation, groups }: ConvGeometry,
): Shape {
  const [batch, channels, ...sizes] = x;
  const [outputs, groupChannels, ...kernel] = weight;
  const spatial = sizes.map((size, axis) =>
    Math.floor((size + 2 * padding[axis]! - dilation[axis]! * (kernel[axis]! - 1) - 1) / stride[axis]! + 1),
  );
  if (
    x.length < 3 ||
    x.length !== weight.length ||
    channels !== groupChannels! * groups ||
    outputs! % groups !== 0 ||
    spatial.some((size) => size < 1)
  )
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected x [N, C, ...] and weight [O, C/${groups}, ...kernel] with ${groups} dividing O and a kernel inside x, got [${x}] and [${weight}].`,
    );
  return [batch!, outputs!, ...spatial];
}

/** The attributes that ONNX's Conv and ConvTranspose share. */
export function onnxGeometry({ stride, padding, dilation, groups }: ConvGeometry): OnnxAttributes {
  return { strides: stride, pads: [...padding, ...padding], dilations: dilation, group: groups };
}
