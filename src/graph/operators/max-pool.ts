import { apply, type Emitter, type Operator } from "../operator.ts";
import { elements, type Shape, type Value } from "../value.ts";
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

// y = the largest x of each window;  dx = sum of the dy whose window's first largest element it is
const maxPoolOperator: Operator<PoolAttributes> = {
  name: "maxPool",
  infer: ([x], attributes) => [{ shape: pooledShape(x!, attributes), dataType: "float32" }],
  gradient: ({ inputs: [x], attributes }, [dy]) => [apply(maxPoolGradientOperator, [x!, dy!], attributes)],
  batching: byChannel,
  lowerings: {
    indices: {
      supports: hasIndices,
      emit: (emitter, { attributes }, [x]) => maxPoolIndices(emitter, attributes, x!).slice(0, 1),
    },
    onnx: {
      supports: (node, provider) => !hasIndices(node, provider),
      emit: (emitter, { attributes }, [x]) => emitter.node("MaxPool", [x!], onnxPool(attributes)),
    },
  },
};

const maxPoolGradientOperator: Operator<PoolAttributes> = {
  name: "maxPoolGradient",
  infer: ([x]) => [{ shape: x!.shape, dataType: "float32" }],
  batching: byChannel,
  lowerings: {
    scatter: {
      supports: hasIndices,
      emit: (emitter, { inputs, attributes }, [x, dy]) => {
        const { shape } = inputs[0]!;
        const flat = (name: string) => emitter.node("Reshape", [name, emitter.integers([-1])])[0]!;
        const indices = flat(maxPoolIndices(emitter, attributes, x!)[1]!);
        const [zeros] = emitter.node("Expand", [emitter.floats([0]), emitter.integers([elements(shape)])]);
        const [sum] = emitter.node("ScatterElements", [zeros!, indices, flat(dy!)], {
          axis: 0,
          reduction: "add",
        });
        return emitter.node("Reshape", [sum!, emitter.integers(shape)]);
      },
    },
    unpool: {
      // MaxUnpool writes and does not add: right where no element is in two windows.
      supports: (node, provider) =>
        hasIndices(node, provider) &&
        node.attributes.kernel.every((size, i) => size <= node.attributes.stride[i]!),
      emit: (emitter, { inputs, attributes }, [x, dy]) => {
        const indices = maxPoolIndices(emitter, attributes, x!)[1]!;
        const shape = emitter.integers(inputs[0]!.shape);
        return emitter.node("MaxUnpool", [dy!, indices, shape], onnxPool(attributes));
      },
    },
    // The elements of each window as channels, by a convolution that copies; dy at the largest; and its adjoint.
    patches: {
      supports: (node, provider) => !hasIndices(node, provider),
      emit: (emitter, { inputs, attributes }, [x, dy]) => {
        const [image, pooled] = inputs.map(({ shape }) => foldChannels(shape));
        const { kernel, stride, padding } = attributes;
        const count = elements(kernel);
        const copies = emitter.floats(
          Array.from({ length: count ** 2 }, (_, i) => (i % (count + 1) === 0 ? 1 : 0)),
          [count, 1, ...kernel],
        );
        const fold = (name: string, shape: Shape) =>
          emitter.node("Reshape", [name, emitter.integers(shape)])[0]!;
        const border = emitter.integers([0, 0, ...padding, 0, 0, ...padding]);
        const [padded] = emitter.node("Pad", [fold(x!, image!), border, emitter.floats([-3e38])]);
        const windows = onnxPool({ kernel, stride, padding: padding.map(() => 0) });
        const [patches] = emitter.node("Conv", [padded!, copies], windows);
        const [largest] = emitter.node("ArgMax", [patches!], { axis: 1, keepdims: 1 });
        const numbers = emitter.integers([...Array(count).keys()], [1, count, ...kernel.map(() => 1)]);
        const [chosen] = emitter.node("Cast", [emitter.node("Equal", [largest!, numbers])[0]!], { to: 1 });
        const [share] = emitter.node("Mul", [chosen!, fold(dy!, pooled!)]);
        const [dx] = emitter.node("ConvTranspose", [share!, copies], onnxUnpool(attributes, image!.slice(2)));
        return [fold(dx!, inputs[0]!.shape)];
      },
    },
  },
};

/** The webgpu provider's MaxPool does not tell where the largest elements are. */
function hasIndices(_node: unknown, provider: string): boolean {
  return provider !== "webgpu";
}

/** The largest elements and their flat indices; the same node for operator and gradient, so it is written once. */
function maxPoolIndices(emitter: Emitter, attributes: PoolAttributes, x: string): string[] {
  return emitter.node("MaxPool", [x], onnxPool(attributes), { outputs: 2 });
}

/** The largest element of each window: [batch, channels, ...spatial]. Of equal elements the first gets the gradient. */
export function maxPool(x: Value, options: PoolOptions): Value {
  return apply(maxPoolOperator, [x], poolAttributes("maxPool", x, options));
}
