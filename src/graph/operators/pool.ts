import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames, show } from "../../schedules/internal.ts";
import { inserted, joined, placed } from "../batching.ts";
import { type Attributes, apply, type Batched, type BatchingRule, type OnnxAttributes } from "../operator.ts";
import { type Shape, shapeOf, type Value } from "../value.ts";
import { reshapeTo } from "./broadcast.ts";

/** Windows of a pooling: one number per spatial axis, or one number for all. */
export type PoolOptions = {
  kernel: number | readonly number[];
  /** Default: the kernel. */
  stride?: number | readonly number[];
  /** On both sides; default 0, at most half the kernel. */
  padding?: number | readonly number[];
};

/** The options with one number per spatial axis. */
export type PoolAttributes = {
  kernel: readonly number[];
  stride: readonly number[];
  padding: readonly number[];
};

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for what is no such window. */
export function poolAttributes(name: string, x: Value, options: PoolOptions): PoolAttributes {
  const sizes = shapeOf(name, x).slice(2);
  checkOptionNames(`\`${name}\``, options, { kernel: true, stride: true, padding: true });
  const { kernel, stride = kernel, padding = 0 } = options;
  const perAxis = (option: string, value: number | readonly number[]) => {
    const list = typeof value === "number" ? sizes.map(() => value) : value;
    if (Array.isArray(list) && list.every((size) => Number.isInteger(size))) return list;
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`${option}\` of \`${name}\` to be an integer, or one for each spatial axis, got ${show(value)}.`,
    );
  };
  return {
    kernel: perAxis("kernel", kernel),
    stride: perAxis("stride", stride),
    padding: perAxis("padding", padding),
  };
}

/** The shape rule of poolings: [batch, channels, ...spatial], the windows that lie within x and its padding. */
export function pooledShape({ shape }: Value, { kernel, stride, padding }: PoolAttributes): Shape {
  const sizes = shape.slice(2);
  const fits = (size: number, i: number) =>
    kernel[i]! >= 1 &&
    stride[i]! >= 1 &&
    padding[i]! >= 0 &&
    2 * padding[i]! <= kernel[i]! &&
    size + 2 * padding[i]! >= kernel[i]!;
  const lengths = [kernel, stride, padding].map(({ length }) => length);
  if (sizes.length === 0 || lengths.some((length) => length !== sizes.length) || !sizes.every(fits))
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected [batch, channels, ...] that windows of [${kernel}], stride [${stride}] and padding [${padding}] (at most half of them) fit into, got [${shape}].`,
    );
  const count = (size: number, i: number) =>
    Math.floor((size + 2 * padding[i]! - kernel[i]!) / stride[i]!) + 1;
  return [...shape.slice(0, 2), ...sizes.map(count)];
}

export function onnxPool({ kernel, stride, padding }: PoolAttributes): OnnxAttributes {
  return { kernel_shape: kernel, strides: stride, pads: [...padding, ...padding] };
}

/** Attributes of the ConvTranspose that goes back from windows to an image of the given spatial sizes. */
export function onnxUnpool(attributes: PoolAttributes, sizes: Shape): OnnxAttributes {
  const { kernel, stride, padding } = attributes;
  const unused = sizes.map((size, i) => (size + 2 * padding[i]! - kernel[i]!) % stride[i]!);
  return { ...onnxPool(attributes), output_padding: unused };
}

/** [batch, channels, ...] as [batch * channels, 1, ...]: each channel an image of its own. */
export function foldChannels([batch, channels, ...sizes]: Shape): Shape {
  return [batch! * channels!, 1, ...sizes];
}

/** The batching rule of functions of each channel by itself: members and channels together are their channels. */
export function byChannel<A extends Attributes>(
  ...[{ operator, attributes, outputs }, inputs, { along, count }]: Parameters<BatchingRule<A>>
): Batched[] {
  const images = inputs.map((x) => along(x, 1)).map((value) => reshapeTo(value, joined(value.shape)));
  return placed([reshapeTo(apply(operator, images, attributes), inserted(outputs[0]!.shape, 1, count))], 1);
}
