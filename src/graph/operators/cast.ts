import { elementwise } from "../batching.ts";
import { apply, type Operator, onnxNode } from "../operator.ts";
import type { DataType, Value } from "../value.ts";

const onnxNumbers: Record<DataType, number> = { float32: 1, int32: 6, int64: 7, bool: 9 };

const castOperator: Operator<{ to: DataType }> = {
  name: "cast",
  infer: ([x], { to }) => [{ shape: x!.shape, dataType: to }],
  batching: elementwise,
  lowerings: onnxNode<{ to: DataType }>("Cast", ({ attributes: { to } }) => ({ to: onnxNumbers[to] })),
};

// y = x, dx = 0
const stopGradientOperator: Operator = {
  name: "stopGradient",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: () => [undefined],
  batching: elementwise,
  lowerings: onnxNode("Identity"),
};

/** x as another element type; not differentiable. */
export function cast(x: Value, to: DataType): Value {
  return apply(castOperator, [x], { to });
}

/** x, as a constant to `differentiate`. */
export function stopGradient(x: Value): Value {
  return apply(stopGradientOperator, [x], {});
}
