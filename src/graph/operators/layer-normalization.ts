import { MlrSnetError } from "../../errors.ts";
import { checkOptionNames } from "../../schedules/internal.ts";
import { placed } from "../batching.ts";
import { applyAll, type Batched, type Operator } from "../operator.ts";
import { sameShape, scalar, type Value } from "../value.ts";
import { add, multiply, subtract } from "./arithmetic.ts";
import { broadcastTo, sumTo } from "./broadcast.ts";
import { reduceMean } from "./reduce.ts";

// With s = 1 / sqrt(variance + epsilon) and x̂ = (x - mean) s over the last axes:  y = scale x̂ + bias.
// dbias = sum dy,  dscale = sum dy x̂,  dx = s (g - mean(g) - x̂ mean(g x̂)) with g = dy scale.
const layerNormalizationOperator: Operator<{ epsilon: number }> = {
  name: "layerNormalization",
  infer: ([x, scale, bias]) => {
    const { shape } = x!;
    const normalised = scale!.shape.length;
    if (
      !sameShape(scale!.shape, bias!.shape) ||
      !sameShape(scale!.shape, shape.slice(shape.length - normalised))
    )
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected scale and bias of the last axes of [${shape}], got [${scale!.shape}] and [${bias!.shape}].`,
      );
    const kept = shape.map((size, axis) => (axis < shape.length - normalised ? size : 1));
    const statistics = { shape: kept, dataType: "float32" } as const;
    return [{ shape, dataType: "float32" }, statistics, statistics];
  },
  gradient: ({ inputs: [x, scale, bias], outputs: [, mean, s] }, [dy], wanted) => {
    const normalised = multiply(subtract(x!, mean!), s!);
    const average = (value: Value) =>
      reduceMean(
        value,
        scale!.shape.map((_, axis) => -1 - axis),
        { keepDimensions: true },
      );
    const dx = () => {
      const g = multiply(dy!, scale!);
      const rest = subtract(subtract(g, average(g)), multiply(normalised, average(multiply(g, normalised))));
      return multiply(rest, s!);
    };
    return [
      wanted[0] ? dx() : undefined,
      wanted[1] ? sumTo(multiply(dy!, normalised), scale!.shape) : undefined,
      wanted[2] ? sumTo(dy!, bias!.shape) : undefined,
    ];
  },
  batching: ({ inputs, attributes }, [x, scale, bias], { along, aligned }) => {
    const [value, axis] = x!.axis === undefined ? [x!.value, undefined] : [along(x!, 0), 0];
    const normalise = (weights: Value, shift: Value) =>
      applyAll(layerNormalizationOperator, [value, weights, shift], attributes);
    if (scale!.axis === undefined && bias!.axis === undefined)
      return placed(normalise(scale!.value, bias!.value), axis);
    // The kernel has one scale for all rows.
    const filled = (element: number): Value => broadcastTo(scalar(element), inputs[1]!.shape);
    const [y, ...statistics] = normalise(filled(1), filled(0));
    const own = (of: Batched): Value => aligned(of, inputs[0]!.shape.length, 0);
    return [...placed([add(multiply(y!, own(scale!)), own(bias!))], 0), ...placed(statistics, axis)];
  },
  lowerings: {
    onnx: {
      emit: (emitter, { inputs: [, scale], attributes: { epsilon } }, names) =>
        emitter.node(
          "LayerNormalization",
          names,
          { axis: -scale!.shape.length, epsilon: { float: epsilon } },
          { outputs: 3 },
        ),
    },
  },
};

/**
 * Normalises over the last axes, those of `scale` and `bias`, then scales and shifts each element.
 *
 *     y = scale (x - mean) / sqrt(variance + epsilon) + bias
 */
export function layerNormalization(
  x: Value,
  scale: Value,
  bias: Value,
  options: { epsilon?: number } = {},
): Value {
  checkOptionNames("`layerNormalization`", options, { epsilon: true });
  return applyAll(layerNormalizationOperator, [x, scale, bias], { epsilon: options.epsilon ?? 1e-5 })[0]!;
}
