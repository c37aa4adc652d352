import { MlrSnetError } from "../../errors.ts";
import { show } from "../../schedules/internal.ts";
import { alongOneAxis, inserted, placed, shifted } from "../batching.ts";
import { apply, applyAll, type Operator, onnxNode } from "../operator.ts";
import {
  checkShape,
  checkTensor,
  normaliseAxis,
  type Shape,
  sameShape,
  scalar,
  shapeOf,
  type Value,
} from "../value.ts";
import { broadcastTo } from "./broadcast.ts";

// y[i_p(0), i_p(1), ...] = x[i_0, i_1, ...];  dx = dy under the inverse permutation
const transposeOperator: Operator<{ permutation: readonly number[] }> = {
  name: "transpose",
  infer: ([x], { permutation }) => {
    const rank = x!.shape.length;
    if (
      !Array.isArray(permutation) ||
      !sameShape(
        [...permutation].sort((a, b) => a - b),
        [...x!.shape.keys()],
      )
    )
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a permutation of the ${rank} axes of [${x!.shape}], got [${permutation}].`,
      );
    return [{ shape: permutation.map((axis) => x!.shape[axis]!), dataType: x!.dataType }];
  },
  gradient: ({ attributes: { permutation } }, [dy]) => [
    transpose(
      dy!,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  batching: ({ attributes: { permutation } }, [x]) => {
    const order = permutation.map((axis) => shifted(axis, x!.axis!));
    return placed([transpose(x!.value, [x!.axis!, ...order])], 0);
  },
  lowerings: onnxNode<{ permutation: readonly number[] }>("Transpose", ({ attributes: { permutation } }) => ({
    perm: permutation,
  })),
};

// y = the tensors one after the other;  each dx = its part of dy
const concatOperator: Operator<{ axis: number }> = {
  name: "concat",
  infer: (inputs, { axis }) => {
    const first = inputs[0]!;
    for (const { shape } of inputs)
      if (!sameShape(shape.with(axis, 0), first.shape.with(axis, 0)))
        throw new MlrSnetError(
          "SHAPE_MISMATCH",
          `Expected shapes that differ along axis ${axis} alone, got [${first.shape}] and [${shape}].`,
        );
    const size = inputs.reduce((sum, { shape }) => sum + shape[axis]!, 0);
    return [{ shape: first.shape.with(axis, size), dataType: first.dataType }];
  },
  gradient: ({ inputs, attributes: { axis } }, [dy]) =>
    split(
      dy!,
      inputs.map(({ shape }) => shape[axis]!),
      axis,
    ),
  batching: ({ attributes: { axis } }, inputs, { along }) => {
    const members = inputs.find((x) => x.axis !== undefined)!.axis!;
    const parts = inputs.map((x) => along(x, members));
    return placed([concat(parts, shifted(axis, members))], members);
  },
  lowerings: onnxNode<{ axis: number }>("Concat", ({ attributes: { axis } }) => ({ axis })),
};

// the adjoint of concat:  dx = the dy one after the other
const splitOperator: Operator<{ axis: number; sizes: readonly number[] }> = {
  name: "split",
  infer: ([x], { axis, sizes }) => {
    const { shape, dataType } = x!;
    if (sizes.reduce((sum, size) => sum + size, 0) !== shape[axis])
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected sizes that add up to ${shape[axis]} for axis ${axis} of [${shape}], got [${sizes}].`,
      );
    return sizes.map((size) => ({ shape: shape.with(axis, size), dataType }));
  },
  gradient: ({ outputs, attributes: { axis } }, gradients) => [
    concat(
      outputs.map(({ shape }, index) => gradients[index] ?? broadcastTo(scalar(0), shape)),
      axis,
    ),
  ],
  batching: alongOneAxis,
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { axis, sizes } }, [x]) =>
        emitter.node("Split", [x!, emitter.integers(sizes)], { axis }, { outputs: sizes.length }),
    },
  },
};

// y = x[starts:ends];  dx = dy padded with zeros to where it was
const sliceOperator: Operator<{ starts: readonly number[]; ends: readonly number[] }> = {
  name: "slice",
  infer: ([x], { starts, ends }) => {
    for (const [axis, size] of x!.shape.entries())
      if (!(0 <= starts[axis]! && starts[axis]! < ends[axis]! && ends[axis]! <= size))
        throw new MlrSnetError(
          "SHAPE_MISMATCH",
          `Expected a range within 0 to ${size} on axis ${axis}, got ${starts[axis]} to ${ends[axis]}.`,
        );
    return [{ shape: x!.shape.map((_, axis) => ends[axis]! - starts[axis]!), dataType: x!.dataType }];
  },
  gradient: ({ inputs: [x], attributes: { starts, ends } }, [dy]) => [
    pad(
      dy!,
      starts,
      x!.shape.map((size, axis) => size - ends[axis]!),
    ),
  ],
  batching: ({ attributes: { starts, ends } }, [x], { count }) => {
    const [from, to] = [inserted(starts, x!.axis!, 0), inserted(ends, x!.axis!, count)];
    return placed([sliceOf(x!.value, from, to)], x!.axis);
  },
  lowerings: {
    onnx: {
      emit: (emitter, { inputs, attributes: { starts, ends } }, [x]) => {
        const axes = [...inputs[0]!.shape.entries()].flatMap(([axis, size]) =>
          starts[axis] === 0 && ends[axis] === size ? [] : [axis],
        );
        const of = (values: readonly number[]) => emitter.integers(axes.map((axis) => values[axis]!));
        return emitter.node("Slice", [x!, of(starts), of(ends), emitter.integers(axes)]);
      },
    },
  },
};

// the adjoint of slice:  dx = dy without the border
const padOperator: Operator<{ before: readonly number[]; after: readonly number[] }> = {
  name: "pad",
  infer: ([x], { before, after }) => {
    const { shape, dataType } = x!;
    if (
      before.length !== shape.length ||
      after.length !== shape.length ||
      [...before, ...after].some((n) => !(n >= 0))
    )
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected ${shape.length} paddings ≥ 0 before and after, got [${before}] and [${after}].`,
      );
    return [{ shape: shape.map((size, axis) => before[axis]! + size + after[axis]!), dataType }];
  },
  gradient: ({ inputs: [x], attributes: { before } }, [dy]) => [
    sliceOf(
      dy!,
      before,
      x!.shape.map((size, axis) => before[axis]! + size),
    ),
  ],
  batching: ({ attributes: { before, after } }, [x]) =>
    placed([pad(x!.value, inserted(before, x!.axis!, 0), inserted(after, x!.axis!, 0))], x!.axis),
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { before, after } }, [x]) =>
        emitter.node("Pad", [x!, emitter.integers([...before, ...after])]),
    },
  },
};

/** x with its axes in another order (reversed unless given): axis i of the result is axis `permutation[i]` of x. */
export function transpose(
  x: Value,
  permutation: readonly number[] = [...shapeOf("transpose", x).keys()].reverse(),
): Value {
  return apply(transposeOperator, [x], { permutation });
}

/** Tensors of one rank, one after the other along an axis. */
export function concat(values: readonly Value[], axis: number): Value {
  if (!Array.isArray(values))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`concat\` to be given a list of tensors, got ${show(values)}.`,
    );
  if (values.length === 0)
    throw new MlrSnetError("SHAPE_MISMATCH", "Expected `concat` to be given a tensor at least, got none.");
  const first = values[0] as Value;
  const rank = shapeOf("concat", first).length;
  return values.length === 1 ? first : apply(concatOperator, values, { axis: normaliseAxis(axis, rank) });
}

/** Cuts x along an axis into parts of the given sizes. */
export function split(x: Value, sizes: readonly number[], axis: number): Value[] {
  checkShape("split", sizes);
  return applyAll(splitOperator, [x], { axis: normaliseAxis(axis, shapeOf("split", x).length), sizes });
}

/** The part from `start` to before `end` of one axis. */
export function slice(x: Value, axis: number, start: number, end: number): Value {
  const at = normaliseAxis(axis, shapeOf("slice", x).length);
  return sliceOf(
    x,
    x.shape.map((_, i) => (i === at ? start : 0)),
    x.shape.with(at, end),
  );
}

/** x within a border of zeros, of `before[i]` and `after[i]` elements along axis i. */
export function pad(x: Value, before: readonly number[], after: readonly number[]): Value {
  checkShape("pad", before);
  checkShape("pad", after);
  checkTensor("pad", x);
  return [...before, ...after].every((size) => size === 0) ? x : apply(padOperator, [x], { before, after });
}

function sliceOf(x: Value, starts: Shape, ends: Shape): Value {
  return sameShape(ends, x.shape) && starts.every((start) => start === 0)
    ? x
    : apply(sliceOperator, [x], { starts, ends });
}
