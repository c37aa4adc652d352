import { broadcasting, elementwise } from "../batching.ts";
import { type Attributes, apply, type Operator, onnxNode } from "../operator.ts";
import { scalar, type Value } from "../value.ts";
import { broadcastShapes, sumTo } from "./broadcast.ts";

type Binary = Operator<Attributes>;

function binary(name: string, onnxType: string, gradient: NonNullable<Binary["gradient"]>): Binary {
  return {
    name,
    infer: ([a, b]) => [{ shape: broadcastShapes(a!.shape, b!.shape), dataType: a!.dataType }],
    gradient,
    batching: broadcasting,
    lowerings: onnxNode(onnxType),
  };
}

// d(a + b) = da + db
const addOperator = binary("add", "Add", ({ inputs: [a, b] }, [dy]) => [
  sumTo(dy!, a!.shape),
  sumTo(dy!, b!.shape),
]);

// d(a - b) = da - db
const subtractOperator = binary("subtract", "Sub", ({ inputs: [a, b] }, [dy], wanted) => [
  sumTo(dy!, a!.shape),
  wanted[1] ? negate(sumTo(dy!, b!.shape)) : undefined,
]);

// d(a * b) = b da + a db
const multiplyOperator = binary("multiply", "Mul", ({ inputs: [a, b] }, [dy], wanted) => [
  wanted[0] ? sumTo(multiply(dy!, b!), a!.shape) : undefined,
  wanted[1] ? sumTo(multiply(dy!, a!), b!.shape) : undefined,
]);

// d(a / b) = da / b - (a / b) / b db
const divideOperator = binary("divide", "Div", ({ inputs: [a, b], outputs: [y] }, [dy], wanted) => [
  wanted[0] ? sumTo(divide(dy!, b!), a!.shape) : undefined,
  wanted[1] ? negate(sumTo(divide(multiply(dy!, y!), b!), b!.shape)) : undefined,
]);

const negateOperator: Operator = {
  name: "negate",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: (_node, [dy]) => [negate(dy!)],
  batching: elementwise,
  lowerings: onnxNode("Neg"),
};

/** a + b, with broadcasting. */
export function add(a: Value, b: Value | number): Value {
  return apply(addOperator, [a, toValue(b)], {});
}

/** a - b, with broadcasting. */
export function subtract(a: Value, b: Value | number): Value {
  return apply(subtractOperator, [a, toValue(b)], {});
}

/** a * b element by element, with broadcasting. */
export function multiply(a: Value, b: Value | number): Value {
  return apply(multiplyOperator, [a, toValue(b)], {});
}

/** a / b element by element, with broadcasting. */
export function divide(a: Value, b: Value | number): Value {
  return apply(divideOperator, [a, toValue(b)], {});
}

/** -x */
export function negate(x: Value): Value {
  return apply(negateOperator, [x], {});
}

function toValue(value: Value | number): Value {
  return typeof value === "number" ? scalar(value) : value;
}
