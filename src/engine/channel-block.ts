import { apply, input, type Operator } from "../graph/index.ts";
import { encodeModel } from "../graph/internal.ts";
import type { Runtime } from "./runtime.ts";

const shape = [1, 64, 1, 2];
const reorder: Operator = {
  name: "reorderInput",
  infer: () => [{ shape, dataType: "float32" }],
  lowerings: {
    onnx: {
      emit: (emitter, _node, names) =>
        emitter.node("ReorderInput", names, {}, { domain: "com.microsoft.nchwc" }),
    },
  },
};

/**
 * Channels in a block of the runtime's blocked convolution layout [N, C/block, H, W, block]: 16 with AVX-512, 8 with
 * AVX2, 0 where there is no such layout. It cannot be asked for, so two columns of pixels are put into blocks.
 */
export async function channelBlock(runtime: Runtime): Promise<number> {
  const { model } = encodeModel({ y: apply(reorder, [input("x", shape)], {}) });
  try {
    const session = await runtime.InferenceSession.create(model, { logSeverityLevel: 3 });
    try {
      const pixels = Float32Array.from({ length: 128 }, (_, i) => i);
      const { y } = await session.run({ x: new runtime.Tensor("float32", pixels, shape) });
      // The first channel's second pixel stands behind the first block.
      return (y!.data as Float32Array).indexOf(1);
    } finally {
      await session.release();
    }
  } catch {
    return 0;
  }
}
