import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames } from "../../schedules/internal.ts";
import { inserted, placed, reducing } from "../batching.ts";
import { apply, type Operator } from "../operator.ts";
import { checkShape, normaliseAxes, type Shape, sameShape, shapeOf, type Value } from "../value.ts";

/**
 * The shape of an element-wise function of two tensors: aligned at the last axis, sizes equal or 1.
 *
 * @throws {MlrSnetError} `SHAPE_MISMATCH`
 */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1)
      throw new MlrSnetError("SHAPE_MISMATCH", `Expected shapes that broadcast, got [${a}] and [${b}].`);
    return sizeA === 1 ? sizeB : sizeA;
  });
}

type ReduceAttributes = { axes: readonly number[]; keepDimensions: boolean };

// y = sum of x over axes; dx = dy, repeated along them
const reduceSumOperator: Operator<ReduceAttributes> = {
  name: "reduceSum",
  infer: ([x], { axes, keepDimensions }) => {
    const shape = x!.shape.flatMap((size, axis) =>
      axes.includes(axis) ? (keepDimensions ? [1] : []) : [size],
    );
    return [{ shape, dataType: x!.dataType }];
  },
  gradient: ({ inputs: [x], attributes: { axes } }, [dy]) => {
    const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    return [broadcastTo(reshapeTo(dy!, kept), x!.shape)];
  },
  batching: reducing,
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { axes, keepDimensions } }, [x]) =>
        emitter.node("ReduceSum", [x!, emitter.integers(axes)], { keepdims: keepDimensions ? 1 : 0 }),
    },
  },
};

// y = x repeated along axes of size 1; dx = sum of dy over them
const broadcastOperator: Operator<{ shape: readonly number[] }> = {
  name: "broadcastTo",
  infer: ([x], { shape }) => {
    if (!sameShape(broadcastShapes(x!.shape, shape), shape))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a shape that broadcasts to [${shape}], got [${x!.shape}].`,
      );
    return [{ shape, dataType: x!.dataType }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [sumTo(dy!, x!.shape)],
  batching: ({ attributes: { shape } }, [x], { count, aligned }) => {
    const axis = x!.axis! + shape.length + 1 - x!.value.shape.length;
    return placed([broadcastTo(aligned(x!, shape.length, axis), inserted(shape, axis, count))], axis);
  },
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { shape } }, [x]) =>
        emitter.node("Expand", [x!, emitter.integers(shape)]),
    },
  },
};

// y = the same elements in row-major order under another shape; dx = dy under the old shape
const reshapeOperator: Operator<{ shape: readonly number[] }> = {
  name: "reshape",
  infer: ([x], { shape }) => {
    const count = (sizes: Shape) => sizes.reduce((product, size) => product * size, 1);
    if (count(x!.shape) !== count(shape))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a shape of ${count(x!.shape)} elements, got [${shape}].`,
      );
    return [{ shape, dataType: x!.dataType }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [reshapeTo(dy!, x!.shape)],
  // Axes in front of the members that keep their sizes keep their places.
  batching: ({ inputs, attributes: { shape } }, [x], { count, along }) => {
    const isKept = sameShape(inputs[0]!.shape.slice(0, x!.axis), shape.slice(0, x!.axis));
    const axis = isKept ? x!.axis! : 0;
    return placed([reshapeTo(along(x!, axis), inserted(shape, axis, count))], axis);
  },
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { shape } }, [x]) =>
        emitter.node("Reshape", [x!, emitter.integers(shape)]),
    },
  },
};

/** Sum over axes (all of them unless given). */
export function reduceSum(
  x: Value,
  axes: readonly number[] = [...shapeOf("reduceSum", x).keys()],
  options: { keepDimensions?: boolean } = {},
): Value {
  checkOptionNames("`reduceSum`", options, { keepDimensions: true });
  const sorted = normaliseAxes(axes, shapeOf("reduceSum", x).length);
  if (sorted.length === 0) return x;
  return apply(reduceSumOperator, [x], { axes: sorted, keepDimensions: options.keepDimensions ?? false });
}

/** x repeated along axes of size 1 and new leading axes. */
export function broadcastTo(x: Value, shape: Shape): Value {
  checkShape("broadcastTo", shape);
  return sameShape(shapeOf("broadcastTo", x), shape) ? x : apply(broadcastOperator, [x], { shape });
}

/** The same elements in row-major order under another shape. */
export function reshapeTo(x: Value, shape: Shape): Value {
  checkShape("reshapeTo", shape);
  return sameShape(shapeOf("reshapeTo", x), shape) ? x : apply(reshapeOperator, [x], { shape });
}

/** The adjoint of broadcasting: x summed down to `shape`. */
export function sumTo(x: Value, shape: Shape): Value {
  checkShape("sumTo", shape);
  if (sameShape(shapeOf("sumTo", x), shape)) return x;
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < added || (shape[axis - added] === 1 && size !== 1) ? [axis] : [],
  );
  return reshapeTo(reduceSum(x, axes), shape);
}
