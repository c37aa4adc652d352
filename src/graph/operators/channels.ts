import { MlrSnetError } from "../../errors.ts";
import { apply, type Operator } from "../operator.ts";
import { constant, type Shape, sameShape, type Value } from "../value.ts";
import { reduceSum } from "./broadcast.ts";

/** The shape [channels] of per-channel values of x [batch, channels, ...], which `values` must have. */
export function checkChannels(x: Value, values: readonly Value[]): Shape {
  const channels = x.shape.slice(1, 2);
  for (const { shape } of values)
    if (channels.length === 0 || !sameShape(shape, channels))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected [batch, channels, ...] and values of shape [channels], got [${x.shape}] and [${shape}].`,
      );
  return channels;
}

// y = a_c x + b_c;  dx = a_c dy,  da = sum dy x,  db = sum dy.
// One inference-mode BatchNormalization with mean 0 and variance 1 is one pass over the memory.
const channelAffineOperator: Operator = {
  name: "channelAffine",
  infer: ([x, a, b]) => {
    checkChannels(x!, [a!, b!]);
    return [{ shape: x!.shape, dataType: "float32" }];
  },
  gradient: ({ inputs: [x, a] }, [dy], wanted) => [
    wanted[0] ? channelAffine(dy!, a!) : undefined,
    wanted[1] ? channelDot(dy!, x!) : undefined,
    wanted[2] ? channelSum(dy!) : undefined,
  ],
  lowerings: {
    onnx: {
      emit: (emitter, { inputs: [, a] }, names) => {
        const [zeros, ones] = [0, 1].map((value) => emitter.floats(Array(a!.shape[0]).fill(value), a!.shape));
        return emitter.node("BatchNormalization", [...names, zeros!, ones!], { epsilon: { float: 0 } });
      },
    },
  },
};

// y_c = sum of u v;  du = v dy_c,  dv = u dy_c
const channelDotOperator: Operator = {
  name: "channelDot",
  infer: ([u, v]) => {
    if (u!.shape.length < 2 || !sameShape(u!.shape, v!.shape))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected two tensors [batch, channels, ...], got [${u!.shape}] and [${v!.shape}].`,
      );
    return [{ shape: [u!.shape[1]!], dataType: "float32" }];
  },
  gradient: ({ inputs: [u, v] }, [dy], wanted) => [
    wanted[0] ? channelAffine(v!, dy!) : undefined,
    wanted[1] ? channelAffine(u!, dy!) : undefined,
  ],
  lowerings: {
    product: {
      emit: (emitter, { inputs: [u] }, names) => {
        const axes = otherAxes(u!);
        const [product] = emitter.node("Mul", names);
        return emitter.node("ReduceSum", [product!, emitter.integers(axes)], { keepdims: 0 });
      },
    },
  },
};

/** a_c x + b_c for each channel c: x [batch, channels, ...], a and b [channels]; b is 0 unless given. */
export function channelAffine(
  x: Value,
  a: Value,
  b: Value = constant(new Float32Array(a.shape[0] ?? 0), a.shape),
): Value {
  return apply(channelAffineOperator, [x, a, b], {});
}

/** The sum of u v over all axes but the channels', which is the second: [channels]. */
export function channelDot(u: Value, v: Value): Value {
  return apply(channelDotOperator, [u, v], {});
}

/** The sum of x over all axes but the channels', which is the second: [channels]. */
export function channelSum(x: Value): Value {
  return reduceSum(x, otherAxes(x));
}

/** All axes but the channels', which is the second. */
export function otherAxes(x: Value): number[] {
  return [...x.shape.keys()].filter((axis) => axis !== 1);
}
