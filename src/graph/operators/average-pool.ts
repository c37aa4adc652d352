import { inserted, joined } from "../batching.ts";
import { apply, type Operator } from "../operator.ts";
import { elements, type Value } from "../value.ts";
import {
  byChannel,
  foldChannels,
  onnxPool,
  onnxUnpool,
  type PoolAttributes,
  type PoolOptions,
  poolAttributes,
  pooledShape,
} from "./pool.ts";

// y = sum of each window / k, with k elements in the kernel and padding of 0;  dx = dy / k summed over the windows x is in
const averagePoolOperator: Operator<PoolAttributes> = {
  name: "averagePool",
  infer: ([x], attributes) => [{ shape: pooledShape(x!, attributes), dataType: "float32" }],
  gradient: ({ inputs: [x], attributes }, [dy]) => [
    apply(averagePoolGradientOperator, [dy!], { ...attributes, shape: x!.shape }),
  ],
  batching: byChannel,
  lowerings: {
    onnx: {
      emit: (emitter, { attributes }, names) =>
        emitter.node("AveragePool", names, { ...onnxPool(attributes), count_include_pad: 1 }),
    },
  },
};

const averagePoolGradientOperator: Operator<PoolAttributes & { shape: readonly number[] }> = {
  name: "averagePoolGradient",
  infer: (_inputs, { shape }) => [{ shape, dataType: "float32" }],
  batching: (node, inputs, members) => {
    const shape = joined(inserted(node.attributes.shape, 1, members.count));
    return byChannel({ ...node, attributes: { ...node.attributes, shape } }, inputs, members);
  },
  lowerings: {
    // A transposed convolution of each channel with a kernel of 1 / k.
    onnx: {
      emit: (emitter, { inputs, attributes }, [dy]) => {
        const { kernel, shape } = attributes;
        const fold = emitter.integers(foldChannels(inputs[0]!.shape));
        const share = emitter.floats(Array(elements(kernel)).fill(1 / elements(kernel)), [1, 1, ...kernel]);
        const [dx] = emitter.node(
          "ConvTranspose",
          [emitter.node("Reshape", [dy!, fold])[0]!, share],
          onnxUnpool(attributes, shape.slice(2)),
        );
        return emitter.node("Reshape", [dx!, emitter.integers(shape)]);
      },
    },
  },
};

/** The mean of each window, padding counted as zeros (as in PyTorch): [batch, channels, ...spatial]. */
export function averagePool(x: Value, options: PoolOptions): Value {
  return apply(averagePoolOperator, [x], poolAttributes("averagePool", x, options));
}
