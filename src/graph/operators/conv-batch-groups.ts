import type { Lowering, Node } from "../operator.ts";
import { elements } from "../value.ts";
import { block, convBlocks, toBlocks } from "./conv-blocked.ts";
import { exchange } from "./conv-exchange.ts";
import type { FilterGradientAttributes } from "./conv-geometry.ts";

// The filter gradient is itself a convolution, of x with dy as its kernel, stride and dilation exchanged. Here each
// image is a group with one input channel, and the channels of x are the batch: [C, N, H, W] with kernels
// [N O, 1, ...]. In the blocked layout no im2col is needed, and dy has the order that kernels have there.
function convolveWithGradient(padFirst: boolean): Lowering<FilterGradientAttributes> {
  return {
    channelBlock: block,
    supports: (node) => {
      const [batch, outputs, ...spatial] = node.inputs[0]!.shape;
      return (
        node.attributes.groups === 1 &&
        spatial.length === 2 &&
        outputs! % block === 0 &&
        batch! % block === 0 &&
        endPadding(node).every((size) => size >= 0) &&
        (!padFirst || node.attributes.padding.some((size) => size > 0))
      );
    },
    emit: (emitter, node, [dyName, xName]) => {
      const { stride, padding, dilation, kernel } = node.attributes;
      const [batch, outputs, ...spatial] = node.inputs[0]!.shape as [number, number, ...number[]];
      const channels = node.inputs[1]!.shape[1]!;
      const pads = [...padding, ...endPadding(node)];
      const margins = [0, 0, ...padding, 0, 0, ...endPadding(node)];
      const image = padFirst ? emitter.node("Pad", [xName!, emitter.integers(margins)])[0]! : xName!;
      const sizes = node.inputs[1]!.shape.slice(2);
      const padded = sizes.map((size, axis) => size + padding[axis]! + endPadding(node)[axis]!);
      const exchanged = exchange(emitter, image, [batch, channels, ...(padFirst ? padded : sizes)]);
      const kernels = emitter.integers([batch * outputs, 1, ...spatial]);
      const [asKernels] = emitter.node("Reshape", [toBlocks(emitter, dyName!), kernels]);
      const perImage = convBlocks(emitter, [exchanged, asKernels!], {
        strides: dilation,
        dilations: stride,
        pads: padFirst ? pads.map(() => 0) : pads,
        group: batch,
      });
      const taps = elements(kernel);
      const [images] = emitter.node("Reshape", [
        perImage,
        emitter.integers([channels, batch, outputs * taps]),
      ]);
      const [sum] = emitter.node("ReduceSum", [images!, emitter.integers([1])], { keepdims: 0 });
      const blocks = emitter.integers([channels, outputs / block, taps, block]);
      const [apart] = emitter.node("Reshape", [sum!, blocks]);
      const [turned] = emitter.node("Transpose", [apart!], { perm: [1, 3, 0, 2] });
      return emitter.node("Reshape", [turned!, emitter.integers([outputs, channels, ...kernel])]);
    },
  };
}

/** Zeros behind x with which the exchanged convolution has the kernel's size; negative where x has unused rows. */
function endPadding({ attributes, inputs: [dy, x] }: Node<FilterGradientAttributes>): number[] {
  const { stride, padding, dilation, kernel } = attributes;
  return kernel.map(
    (size, axis) =>
      dilation[axis]! * (size - 1) +
      stride[axis]! * (dy!.shape[axis + 2]! - 1) +
      1 -
      x!.shape[axis + 2]! -
      padding[axis]!,
  );
}

export const batchAsGroups: Lowering<FilterGradientAttributes> = convolveWithGradient(false);
/** The same with the zeros written out first: at the rim the blocked convolution takes one element at a time. */
export const batchAsGroupsPadded: Lowering<FilterGradientAttributes> = convolveWithGradient(true);
