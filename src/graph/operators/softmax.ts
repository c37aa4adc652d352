import { alongOneAxis } from "../batching.ts";
import { apply, type Operator, onnxNode } from "../operator.ts";
import { normaliseAxis, shapeOf, type Value } from "../value.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { reduceSum } from "./broadcast.ts";
import { exp } from "./unary.ts";

type SoftmaxAttributes = { axis: number };

// y = exp(x) / sum exp(x);  dx = y (dy - sum y dy)
const softmaxOperator: Operator<SoftmaxAttributes> = {
  name: "softmax",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: ({ outputs: [y], attributes: { axis } }, [dy]) => {
    const ydy = multiply(y!, dy!);
    return [subtract(ydy, multiply(y!, reduceSum(ydy, [axis], { keepDimensions: true })))];
  },
  batching: alongOneAxis,
  lowerings: onnxNode<SoftmaxAttributes>("Softmax", ({ attributes: { axis } }) => ({ axis })),
};

// y = x - log sum exp(x);  dx = dy - exp(y) sum dy
const logSoftmaxOperator: Operator<SoftmaxAttributes> = {
  name: "logSoftmax",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: ({ outputs: [y], attributes: { axis } }, [dy]) => [
    subtract(dy!, multiply(exp(y!), reduceSum(dy!, [axis], { keepDimensions: true }))),
  ],
  batching: alongOneAxis,
  lowerings: onnxNode<SoftmaxAttributes>("LogSoftmax", ({ attributes: { axis } }) => ({ axis })),
};

/** exp(x) / sum of exp(x) along an axis, without overflow. */
export function softmax(x: Value, axis = -1): Value {
  return apply(softmaxOperator, [x], { axis: normaliseAxis(axis, shapeOf("softmax", x).length) });
}

/** The logarithm of softmax, without overflow. */
export function logSoftmax(x: Value, axis = -1): Value {
  return apply(logSoftmaxOperator, [x], { axis: normaliseAxis(axis, shapeOf("logSoftmax", x).length) });
}
