import { MlrSnetError } from "../../errors.ts";
import { apply, applyAll, type OnnxAttributes, type Operator } from "../operator.ts";
import { elements, type Shape, type Value } from "../value.ts";

/** One number per spatial axis, or one number for all. */
export type PoolOptions = {
  kernel: number | readonly number[];
  /** Default: the kernel. */
  stride?: number | readonly number[];
  /** On both sides; default 0, at most half the kernel. */
  padding?: number | readonly number[];
};

type PoolAttributes = { kernel: readonly number[]; stride: readonly number[]; padding: readonly number[] };

function pooledShape({ shape }: Value, { kernel, stride, padding }: PoolAttributes): Shape {
  const spatial = shape.length - 2;
  const fits = shape
    .slice(2)
    .every(
      (size, i) =>
        kernel[i]! >= 1 &&
        stride[i]! >= 1 &&
        padding[i]! >= 0 &&
        2 * padding[i]! <= kernel[i]! &&
        size + 2 * padding[i]! >= kernel[i]!,
    );
  if (spatial < 1 || [kernel, stride, padding].some(({ length }) => length !== spatial) || !fits)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected [batch, channels, ...] with axes not smaller than the kernel [${kernel}], stride [${stride}] and padding [${padding}] (at most half the kernel), got [${shape}].`,
    );
  const pooled = (size: number, i: number) =>
    Math.floor((size + 2 * padding[i]! - kernel[i]!) / stride[i]!) + 1;
  return [...shape.slice(0, 2), ...shape.slice(2).map(pooled)];
}

const onnxAttributes = ({ kernel, stride, padding }: PoolAttributes): OnnxAttributes => ({
  kernel_shape: kernel,
  strides: stride,
  pads: [...padding, ...padding],
});

// y = the largest x of each window, at x's flat index i;  dx[i] = sum of the dy whose window chose i
const maxPoolOperator: Operator<PoolAttributes> = {
  name: "maxPool",
  infer: ([x], attributes) => {
    const shape = pooledShape(x!, attributes);
    return [
      { shape, dataType: "float32" },
      { shape, dataType: "int64" },
    ];
  },
  gradient: ({ inputs: [x], outputs: [, indices], attributes }, [dy]) => [
    apply(maxPoolGradientOperator, [dy!, indices!], { ...attributes, shape: x!.shape }),
  ],
  lowerings: {
    onnx: {
      emit: (emitter, { attributes }, names) =>
        emitter.node("MaxPool", names, onnxAttributes(attributes), { outputs: 2 }),
    },
  },
};

const maxPoolGradientOperator: Operator<PoolAttributes & { shape: readonly number[] }> = {
  name: "maxPoolGradient",
  infer: (_inputs, { shape }) => [{ shape, dataType: "float32" }],
  lowerings: {
    scatter: {
      emit: (emitter, { attributes: { shape } }, [dy, indices]) => {
        const flat = (name: string) => emitter.node("Reshape", [name, emitter.integers([-1])])[0]!;
        const [zeros] = emitter.node("Expand", [emitter.floats([0]), emitter.integers([elements(shape)])]);
        const [sum] = emitter.node("ScatterElements", [zeros!, flat(indices!), flat(dy!)], {
          axis: 0,
          reduction: "add",
        });
        return emitter.node("Reshape", [sum!, emitter.integers(shape)]);
      },
    },
    unpool: {
      // MaxUnpool writes and does not add: right where no element is in two windows.
      supports: ({ attributes: { kernel, stride } }) => kernel.every((size, i) => size <= stride[i]!),
      emit: (emitter, { attributes }, [dy, indices]) => {
        const { shape, ...pool } = attributes;
        return emitter.node("MaxUnpool", [dy!, indices!, emitter.integers(shape)], onnxAttributes(pool));
      },
    },
  },
};

// y = sum of each window / k, padding counted as 0, k the elements of the kernel;  dx = dy / k summed over the windows that x is in
const averagePoolOperator: Operator<PoolAttributes> = {
  name: "averagePool",
  infer: ([x], attributes) => [{ shape: pooledShape(x!, attributes), dataType: "float32" }],
  gradient: ({ inputs: [x], attributes }, [dy]) => [
    apply(averagePoolGradientOperator, [dy!], { ...attributes, shape: x!.shape }),
  ],
  lowerings: {
    onnx: {
      emit: (emitter, { attributes }, names) =>
        emitter.node("AveragePool", names, { ...onnxAttributes(attributes), count_include_pad: 1 }),
    },
  },
};

const averagePoolGradientOperator: Operator<PoolAttributes & { shape: readonly number[] }> = {
  name: "averagePoolGradient",
  infer: (_inputs, { shape }) => [{ shape, dataType: "float32" }],
  lowerings: {
    // A transposed convolution of each channel with a kernel of 1 / k.
    transposedConvolution: {
      emit: (emitter, { inputs, attributes: { kernel, stride, padding, shape } }, [dy]) => {
        const { shape: pooled } = inputs[0]!;
        const [batch, channels, ...sizes] = shape as [number, number, ...number[]];
        const folded = emitter.node("Reshape", [
          dy!,
          emitter.integers([batch * channels, 1, ...pooled.slice(2)]),
        ]);
        const weight = emitter.floats(Array(elements(kernel)).fill(1 / elements(kernel)), [1, 1, ...kernel]);
        const [dx] = emitter.node("ConvTranspose", [folded[0]!, weight], {
          ...onnxAttributes({ kernel, stride, padding }),
          output_padding: sizes.map((size, i) => (size + 2 * padding[i]! - kernel[i]!) % stride[i]!),
        });
        return emitter.node("Reshape", [dx!, emitter.integers(shape)]);
      },
    },
  },
};

/** The largest element of each window: [batch, channels, ...spatial]. Of equal elements the first gets the gradient. */
export function maxPool(x: Value, options: PoolOptions): Value {
  return applyAll(maxPoolOperator, [x], poolAttributes(x, options))[0]!;
}

/** The mean of each window, padding counted as zeros (as in PyTorch): [batch, channels, ...spatial]. */
export function averagePool(x: Value, options: PoolOptions): Value {
  return apply(averagePoolOperator, [x], poolAttributes(x, options));
}

function poolAttributes(x: Value, { kernel, stride = kernel, padding = 0 }: PoolOptions): PoolAttributes {
  const perAxis = (value: number | readonly number[]) =>
    typeof value === "number" ? x.shape.slice(2).map(() => value) : value;
  return { kernel: perAxis(kernel), stride: perAxis(stride), padding: perAxis(padding) };
}
