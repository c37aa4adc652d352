import { MlrSnetError } from "../../errors.ts";
import { broadcasting, elementwise } from "../batching.ts";
import { apply, type Operator, onnxNode } from "../operator.ts";
import { scalar, type Value } from "../value.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { broadcastShapes, sumTo } from "./broadcast.ts";
import { cast } from "./cast.ts";

function comparison(name: string, onnxType: string): Operator {
  return {
    name,
    infer: ([a, b]) => [{ shape: broadcastShapes(a!.shape, b!.shape), dataType: "bool" }],
    batching: broadcasting,
    lowerings: onnxNode(onnxType),
  };
}

const equalOperator = comparison("equal", "Equal");
const greaterOperator = comparison("greater", "Greater");

// y = a where condition, else b;  da = dy where condition, else 0;  db the other way round
const whereOperator: Operator = {
  name: "where",
  infer: ([condition, a, b]) => {
    if (condition!.dataType !== "bool")
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a condition of type bool, got ${condition!.dataType}.`,
      );
    const shape = broadcastShapes(condition!.shape, broadcastShapes(a!.shape, b!.shape));
    return [{ shape, dataType: a!.dataType }];
  },
  gradient: ({ inputs: [condition, a, b] }, [dy], wanted) => [
    undefined,
    wanted[1] ? sumTo(where(condition!, dy!, scalar(0)), a!.shape) : undefined,
    wanted[2] ? sumTo(where(condition!, scalar(0), dy!), b!.shape) : undefined,
  ],
  batching: broadcasting,
  lowerings: onnxNode("Where"),
};

// d max(a, b) = da where a > b, else db
const maximumOperator: Operator = {
  name: "maximum",
  infer: ([a, b]) => [{ shape: broadcastShapes(a!.shape, b!.shape), dataType: a!.dataType }],
  gradient: ({ inputs: [a, b] }, [dy], wanted) => {
    const da = multiply(dy!, cast(greater(a!, b!), "float32"));
    return [
      wanted[0] ? sumTo(da, a!.shape) : undefined,
      wanted[1] ? sumTo(subtract(dy!, da), b!.shape) : undefined,
    ];
  },
  batching: broadcasting,
  lowerings: onnxNode("Max"),
};

// y = x within [minimum, maximum], else the nearer of the two;  dx = dy where y = x, else 0
const clipOperator: Operator<{ minimum: number; maximum: number }> = {
  name: "clip",
  infer: ([x]) => [{ shape: x!.shape, dataType: x!.dataType }],
  gradient: ({ inputs: [x], outputs: [y] }, [dy]) => [multiply(dy!, cast(equal(x!, y!), "float32"))],
  batching: elementwise,
  lowerings: {
    onnx: {
      emit: (emitter, { attributes: { minimum, maximum } }, [x]) =>
        emitter.node("Clip", [x!, emitter.floats([minimum]), emitter.floats([maximum])]),
    },
  },
};

/** Whether a = b, with broadcasting; bool. */
export function equal(a: Value, b: Value): Value {
  return apply(equalOperator, [a, b], {});
}

/** Whether a > b, with broadcasting; bool. */
export function greater(a: Value, b: Value): Value {
  return apply(greaterOperator, [a, b], {});
}

/** a where the condition (bool) holds, else b, with broadcasting. */
export function where(condition: Value, a: Value, b: Value): Value {
  return apply(whereOperator, [condition, a, b], {});
}

/** The larger of a and b, with broadcasting; where they are equal the gradient goes to b. */
export function maximum(a: Value, b: Value): Value {
  return apply(maximumOperator, [a, b], {});
}

/** x limited to `minimum` to `maximum`; its gradient at the limits is 1. */
export function clip(x: Value, minimum: number, maximum: number): Value {
  return apply(clipOperator, [x], { minimum, maximum });
}
