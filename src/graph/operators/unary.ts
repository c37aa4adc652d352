import { elementwise } from "../batching.ts";
import { apply, type Operator, onnxNode } from "../operator.ts";
import type { Value } from "../value.ts";
import { add, divide, multiply, negate, subtract } from "./arithmetic.ts";

/** A function of each element of x alone; `gradient` takes x, y and dy to dx. */
export function unary(
  name: string,
  lowerings: Operator["lowerings"],
  gradient: (x: Value, y: Value, dy: Value) => Value,
): Operator {
  return {
    name,
    infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
    gradient: ({ inputs: [x], outputs: [y] }, [dy]) => [gradient(x!, y!, dy!)],
    batching: elementwise,
    lowerings,
  };
}

// d exp(x) = y dx
const expOperator = unary("exp", onnxNode("Exp"), (_x, y, dy) => multiply(dy, y));

// d log(x) = dx / x
const logOperator = unary("log", onnxNode("Log"), (x, _y, dy) => divide(dy, x));

// d sqrt(x) = dx / (2 y)
const sqrtOperator = unary("sqrt", onnxNode("Sqrt"), (_x, y, dy) => divide(multiply(dy, 0.5), y));

// d |x| = sign(x) dx, 0 at 0
const absOperator = unary("abs", onnxNode("Abs"), (x, _y, dy) => multiply(dy, sign(x)));

// d sign(x) = 0 wherever it exists
const signOperator: Operator = {
  name: "sign",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: () => [undefined],
  batching: elementwise,
  lowerings: onnxNode("Sign"),
};

// d erf(x) = 2 / sqrt(pi) exp(-x^2) dx
const erfOperator = unary("erf", onnxNode("Erf"), (x, _y, dy) =>
  multiply(multiply(dy, 2 / Math.sqrt(Math.PI)), exp(negate(multiply(x, x)))),
);

// d tanh(x) = (1 - y^2) dx
const tanhOperator = unary("tanh", onnxNode("Tanh"), (_x, y, dy) => subtract(dy, multiply(dy, square(y))));

// d sigmoid(x) = y (1 - y) dx
const sigmoidOperator = unary("sigmoid", onnxNode("Sigmoid"), (_x, y, dy) =>
  multiply(dy, subtract(y, square(y))),
);

// d softplus(x) = sigmoid(x) dx
const softplusOperator = unary("softplus", onnxNode("Softplus"), (x, _y, dy) => multiply(dy, sigmoid(x)));

// d x^p = p x^(p-1) dx
const powerOperator: Operator<{ exponent: number }> = {
  name: "power",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: ({ inputs: [x], attributes: { exponent } }, [dy]) => [
    multiply(multiply(dy!, exponent), power(x!, exponent - 1)),
  ],
  batching: elementwise,
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { exponent } }, [x]) =>
        emitter.node("Pow", [x!, emitter.floats([exponent])]),
    },
  },
};

/** e^x */
export function exp(x: Value): Value {
  return apply(expOperator, [x], {});
}

/** Natural logarithm. */
export function log(x: Value): Value {
  return apply(logOperator, [x], {});
}

/** Square root; its gradient at 0 is infinite. */
export function sqrt(x: Value): Value {
  return apply(sqrtOperator, [x], {});
}

/** |x|; its gradient at 0 is 0. */
export function abs(x: Value): Value {
  return apply(absOperator, [x], {});
}

/** -1, 0 or 1; its gradient is 0. */
export function sign(x: Value): Value {
  return apply(signOperator, [x], {});
}

/** 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x. */
export function erf(x: Value): Value {
  return apply(erfOperator, [x], {});
}

/** Hyperbolic tangent. */
export function tanh(x: Value): Value {
  return apply(tanhOperator, [x], {});
}

/** 1 / (1 + e^-x) */
export function sigmoid(x: Value): Value {
  return apply(sigmoidOperator, [x], {});
}

/** log(1 + e^x) */
export function softplus(x: Value): Value {
  return apply(softplusOperator, [x], {});
}

/** x * x */
export function square(x: Value): Value {
  return multiply(x, x);
}

/** x to a constant power; a power that is no integer needs x ≥ 0. */
export function power(x: Value, exponent: number): Value {
  if (exponent === 0) return add(multiply(x, 0), 1);
  if (exponent === 1) return x;
  return exponent === 2 ? square(x) : apply(powerOperator, [x], { exponent });
}
