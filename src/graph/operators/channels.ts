import { MlrSnetError } from "../../errors.ts";
import { joined, placed } from "../batching.ts";
import { apply, type Batched, type Emitter, type Members, type Operator } from "../operator.ts";
import { constant, elements, type Shape, sameShape, shapeOf, type Value } from "../value.ts";
import { broadcastTo, reshapeTo } from "./broadcast.ts";

/** The shape [channels] of per-channel values of x [batch, channels, ...], which `values` must have. */
export function checkChannels(x: Value, values: readonly Value[]): Shape {
  const channels = x.shape.slice(1, 2);
  if (channels.length === 0)
    throw new MlrSnetError("SHAPE_MISMATCH", `Expected [batch, channels, ...], got [${x.shape}].`);
  for (const { shape } of values)
    if (!sameShape(shape, channels))
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
  batching: (_node, [x, a, b], members) => {
    const images = imagesOf(x!, members);
    const y = channelAffine(images, perChannel(a!, members), perChannel(b!, members));
    return placed([apart(y, members)], 1);
  },
  lowerings: {
    onnx: {
      emit: (emitter, { inputs: [, a] }, names) => {
        const [zeros, ones] = [0, 1].map((value) => emitter.floats(Array(a!.shape[0]).fill(value), a!.shape));
        return emitter.node("BatchNormalization", [...names, zeros!, ones!], { epsilon: { float: 0 } });
      },
    },
  },
};

// y_c = sum of x;  dx = dy_c
const channelSumOperator: Operator = {
  name: "channelSum",
  infer: ([x]) => [{ shape: checkChannels(x!, []), dataType: "float32" }],
  gradient: ({ inputs: [x] }, [dy]) => {
    const kept = x!.shape.map((size, axis) => (axis === 1 ? size : 1));
    return [broadcastTo(reshapeTo(dy!, kept), x!.shape)];
  },
  batching: (_node, [x], members) => [ofMembers(channelSum(imagesOf(x!, members)), members)],
  lowerings: { onnx: { emit: (emitter, { inputs }, [x]) => sumOf(emitter, x!, inputs[0]!.shape) } },
};

// y_c = sum of u v;  du = v dy_c,  dv = u dy_c
const channelDotOperator: Operator = {
  name: "channelDot",
  infer: ([u, v]) => {
    if (!sameShape(u!.shape, v!.shape))
      throw new MlrSnetError("SHAPE_MISMATCH", `Expected equal shapes, got [${u!.shape}] and [${v!.shape}].`);
    return [{ shape: checkChannels(u!, []), dataType: "float32" }];
  },
  gradient: ({ inputs: [u, v] }, [dy], wanted) => [
    wanted[0] ? channelAffine(v!, dy!) : undefined,
    wanted[1] ? channelAffine(u!, dy!) : undefined,
  ],
  batching: (_node, [u, v], members) => [
    ofMembers(channelDot(imagesOf(u!, members), imagesOf(v!, members)), members),
  ],
  lowerings: {
    onnx: {
      emit: (emitter, { inputs }, names) => sumOf(emitter, emitter.node("Mul", names)[0]!, inputs[0]!.shape),
    },
  },
};

/** a_c x + b_c for each channel c: x [batch, channels, ...], a and b [channels]; b is 0 unless given. */
export function channelAffine(
  x: Value,
  a: Value,
  b: Value = constant(new Float32Array(shapeOf("channelAffine", a)[0] ?? 0), a.shape),
): Value {
  return apply(channelAffineOperator, [x, a, b], {});
}

/** The sum of u v over all axes but the channels', which is the second: [channels]. */
export function channelDot(u: Value, v: Value): Value {
  return apply(channelDotOperator, [u, v], {});
}

/** The sum of x over all axes but the channels', which is the second: [channels]. */
export function channelSum(x: Value): Value {
  return apply(channelSumOperator, [x], {});
}

/** x [batch, channels, ...] of all members as images [batch, members * channels, ...]. */
export function imagesOf(x: Batched, { along }: Members): Value {
  const images = along(x, 1);
  return reshapeTo(images, joined(images.shape));
}

/** Values [channels] of all members as those of their images. */
export function perChannel(x: Batched, { along }: Members): Value {
  const values = along(x, 0);
  return reshapeTo(values, [elements(values.shape)]);
}

/** The adjoint of `imagesOf`: [batch, members, channels, ...]. */
export function apart(images: Value, { count }: Members): Value {
  const [batch, channels, ...sizes] = images.shape;
  return reshapeTo(images, [batch!, count, channels! / count, ...sizes]);
}

/** Values of the channels of all members' images, [members, channels]. */
export function ofMembers(values: Value, { count }: Members): Batched {
  return { value: reshapeTo(values, [count, values.shape[0]! / count]), axis: 0 };
}

/** All axes but the channels'. */
export function otherAxes({ shape }: Value): number[] {
  return [...shape.keys()].filter((axis) => axis !== 1);
}

/** Large images are summed along the memory first: half the time of one ReduceSum over all the axes. */
function sumOf(emitter: Emitter, x: string, [batch, channels, ...sizes]: Shape): string[] {
  const sum = (of: string, axes: number[]) =>
    emitter.node("ReduceSum", [of, emitter.integers(axes)], { keepdims: 0 });
  if (elements(sizes) < 64) return sum(x, [0, ...sizes.map((_, i) => i + 2)]);
  const [rows] = emitter.node("Reshape", [x, emitter.integers([batch!, channels!, elements(sizes)])]);
  return sum(sum(rows!, [2])[0]!, [0]);
}
