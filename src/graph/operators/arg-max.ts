import { shifted } from "../batching.ts";
import { apply, type Operator } from "../operator.ts";
import { normaliseAxis, shapeOf, type Value } from "../value.ts";

const argMaxOperator: Operator<{ axis: number }> = {
  name: "argMax",
  infer: ([x], { axis }) => [{ shape: x!.shape.toSpliced(axis, 1), dataType: "int64" }],
  batching: ({ attributes: { axis } }, [x]) => [
    {
      value: apply(argMaxOperator, [x!.value], { axis: shifted(axis, x!.axis!) }),
      axis: axis < x!.axis! ? x!.axis! - 1 : x!.axis,
    },
  ],
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { axis } }, names) =>
        emitter.node("ArgMax", names, { axis, keepdims: 0 }),
    },
  },
};

/** Index of the largest element along an axis (the first of equals), which is dropped; int64, not differentiable. */
export function argMax(x: Value, axis = -1): Value {
  return apply(argMaxOperator, [x], { axis: normaliseAxis(axis, shapeOf("argMax", x).length) });
}
