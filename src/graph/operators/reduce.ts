import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames } from "../../schedules/internal.ts";
import { reducing } from "../batching.ts";
import { apply, type Operator } from "../operator.ts";
import { elements, normaliseAxes, sameShape, shapeOf, type Value } from "../value.ts";
import { multiply, subtract } from "./arithmetic.ts";
import { broadcastTo, reshapeTo } from "./broadcast.ts";
import { square } from "./unary.ts";

type ReduceAttributes = { axes: readonly number[]; keepDimensions: boolean };

function reduction(
  name: string,
  onnxType: string,
  gradient?: NonNullable<Operator<ReduceAttributes>["gradient"]>,
): Operator<ReduceAttributes> {
  return {
    name,
    infer: ([x], { axes, keepDimensions }) => {
      const shape = x!.shape.flatMap((size, axis) =>
        axes.includes(axis) ? (keepDimensions ? [1] : []) : [size],
      );
      return [{ shape, dataType: x!.dataType }];
    },
    ...(gradient && { gradient }),
    batching: reducing,
    lowerings: {
      onnx: {
        emit: (emitter, { attributes: { axes, keepDimensions } }, names) =>
          emitter.node(onnxType, names, { axes, keepdims: keepDimensions ? 1 : 0 }),
      },
    },
  };
}

// y = sum of x over n elements / n;  dx = dy / n, repeated over them
const reduceMeanOperator = reduction(
  "reduceMean",
  "ReduceMean",
  ({ inputs: [x], outputs: [y], attributes: { axes } }, [dy]) => {
    const kept = x!.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const share = multiply(dy!, elements(y!.shape) / elements(x!.shape));
    return [broadcastTo(reshapeTo(share, kept), x!.shape)];
  },
);

const reduceMaxOperator = reduction("reduceMax", "ReduceMax");

/** Mean over axes (all of them unless given). */
export function reduceMean(
  x: Value,
  axes: readonly number[] = [...shapeOf("reduceMean", x).keys()],
  options: { keepDimensions?: boolean } = {},
): Value {
  return reduce(reduceMeanOperator, x, axes, options);
}

/** Largest element over axes (all of them unless given); not differentiable. */
export function reduceMax(
  x: Value,
  axes: readonly number[] = [...shapeOf("reduceMax", x).keys()],
  options: { keepDimensions?: boolean } = {},
): Value {
  return reduce(reduceMaxOperator, x, axes, options);
}

/** The mean of (prediction - target)^2 over all axes but the first: a loss per example, [batch]. */
export function squaredError(prediction: Value, target: Value): Value {
  if (!sameShape(shapeOf("squaredError", prediction), shapeOf("squaredError", target)))
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected a target of shape [${prediction.shape}], got [${target.shape}].`,
    );
  return reduceMean(square(subtract(prediction, target)), [...prediction.shape.keys()].slice(1));
}

function reduce(
  operator: Operator<ReduceAttributes>,
  x: Value,
  axes: readonly number[],
  options: { keepDimensions?: boolean },
): Value {
  checkOptionNames(`\`${operator.name}\``, options, { keepDimensions: true });
  const { keepDimensions = false } = options;
  const sorted = normaliseAxes(axes, shapeOf(operator.name, x).length);
  return sorted.length === 0 ? x : apply(operator, [x], { axes: sorted, keepDimensions });
}
