import type { Emitter, OnnxAttributes } from "../operator.ts";
import type { Shape } from "../value.ts";
import { type ConvGeometry, onnxGeometry } from "./conv-geometry.ts";

// ONNX Runtime's blocked layout [N, C/16, H, W, 16]: a convolution without im2col, 16 channels at a time. The
// operators are those that its own layout optimiser inserts, but take weights that change from step to step.

/** Channels in a block where the processor has AVX-512; a lowering that says so is left out elsewhere. */
export const block = 16;
const blocked = { domain: "com.microsoft.nchwc" };

/** Whether the blocked convolution takes these shapes: images, and channels that fill their blocks. */
export function fitsBlocks(x: Shape, weight: Shape, { groups }: ConvGeometry): boolean {
  const [outputs, channels] = [weight[0]!, weight[1]!];
  const depthwise = channels === 1 && outputs === groups;
  return (
    x.length === 4 &&
    outputs % block === 0 &&
    (depthwise ||
      (groups === 1 && channels < block) ||
      (channels % block === 0 && (outputs / groups) % block === 0))
  );
}

export function toBlocks(emitter: Emitter, x: string): string {
  return emitter.node("ReorderInput", [x], {}, blocked)[0]!;
}

export function fromBlocks(emitter: Emitter, x: string, channels: number): string {
  return emitter.node("ReorderOutput", [x], { channels }, blocked)[0]!;
}

/** A convolution in the blocked layout; the weight has its blocks already. Fewer than 16 channels come unblocked. */
export function convBlocks(emitter: Emitter, names: readonly string[], attributes: OnnxAttributes): string {
  return emitter.node("Conv", names, attributes, blocked)[0]!;
}

/** A weight [O, I, H, W] with 16 outputs innermost, around them 16 inputs where there are so many. */
export function blockWeight(emitter: Emitter, weight: string, [outputs, inputs, ...kernel]: Shape): string {
  const [o, i] = [outputs!, inputs!];
  const [split, order] =
    i % block === 0
      ? [
          [o / block, block, i / block, block, ...kernel],
          [0, 2, 4, 5, 3, 1],
        ]
      : [
          [o / block, block, i, ...kernel],
          [0, 2, 3, 4, 1],
        ];
  const [parts] = emitter.node("Reshape", [weight, emitter.integers(split)]);
  const [turned] = emitter.node("Transpose", [parts!], { perm: order });
  return emitter.node("Reshape", [turned!, emitter.integers([o, i, ...kernel])])[0]!;
}

/** A convolution of names [x, weight, bias?] by way of the blocked layout. */
export function blockedConv(
  emitter: Emitter,
  [x, weight, ...bias]: readonly string[],
  weightShape: Shape,
  geometry: ConvGeometry,
): string {
  const few = geometry.groups === 1 && weightShape[1]! < block;
  const input = few ? x! : toBlocks(emitter, x!);
  const names = [input, blockWeight(emitter, weight!, weightShape), ...bias];
  return fromBlocks(emitter, convBlocks(emitter, names, onnxGeometry(geometry)), weightShape[0]!);
}
