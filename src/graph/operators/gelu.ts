import { apply, type OnnxAttributes, type Operator } from "../operator.ts";
import type { Value } from "../value.ts";
import { add, multiply, subtract } from "./arithmetic.ts";
import { erf, exp, sigmoid, square, tanh, unary } from "./unary.ts";

function microsoftNode(type: string, attributes: OnnxAttributes = {}): Operator["lowerings"] {
  return {
    onnx: {
      emit: (emitter, _node, names) => emitter.node(type, names, attributes, { domain: "com.microsoft" }),
    },
  };
}

// y = x Φ(x), Φ(x) = (1 + erf(x / sqrt 2)) / 2;  dx = (Φ(x) + x exp(-x^2 / 2) / sqrt(2 pi)) dy
const geluOperator = unary("gelu", microsoftNode("Gelu"), (x, _y, dy) => {
  const cumulative = add(multiply(erf(multiply(x, Math.SQRT1_2)), 0.5), 0.5);
  const density = multiply(exp(multiply(square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return multiply(dy, add(cumulative, multiply(x, density)));
});

// y = x (1 + t) / 2, t = tanh(u), u = c (x + k x^3);  dx = ((1 + t) + x (1 - t^2) u') / 2 dy, u' = c (1 + 3 k x^2)
const c = Math.sqrt(2 / Math.PI);
const k = 0.044715;
const geluTanhOperator = unary("geluTanh", microsoftNode("FastGelu"), (x, _y, dy) => {
  const x2 = square(x);
  const t = tanh(multiply(x, add(multiply(x2, c * k), c)));
  const slope = multiply(x, add(multiply(x2, 1.5 * c * k), 0.5 * c));
  return multiply(dy, add(add(multiply(t, 0.5), 0.5), subtract(slope, multiply(slope, square(t)))));
});

// y = x s, s = sigmoid(x);  dx = (s + y (1 - s)) dy
const siluOperator = unary("silu", microsoftNode("QuickGelu", { alpha: { float: 1 } }), (x, y, dy) => {
  const s = sigmoid(x);
  return multiply(dy, add(s, subtract(y, multiply(y, s))));
});

/** x Φ(x), Φ the normal distribution function. */
export function gelu(x: Value): Value {
  return apply(geluOperator, [x], {});
}

/** The approximation of `gelu` by tanh, as in GPT-2. */
export function geluTanh(x: Value): Value {
  return apply(geluTanhOperator, [x], {});
}

/** x sigmoid(x), also called swish. */
export function silu(x: Value): Value {
  return apply(siluOperator, [x], {});
}
