import type { Dataset } from "../../data/index.ts";
import { constant, multiply, reduceSum, square, subtract } from "../../graph/index.ts";
import { type Model, normal } from "../../nn/index.ts";
import { Random } from "../../random.ts";
import type { Loss } from "../../training/index.ts";

/**
 * A noisy quadratic as a network, the cheapest of all tasks:
 *
 *     loss = 1/2 Σ_i h_i (w_i - x_i)²,   h_i from 1 down to 1 / condition in equal ratios
 *
 * to be trained with the loss `halfSquare`. The examples x lie around the optimum; their spread is the noise.
 */
export function quadraticNetwork(dimensions: number, condition: number): Model {
  const roots = Float32Array.from(
    { length: dimensions },
    (_, i) => condition ** (-i / Math.max(1, dimensions - 1) / 2),
  );
  return (scope, x) => {
    const w = scope.parameter("w", [dimensions], normal(1));
    return multiply(subtract(w, x), constant(roots, [dimensions]));
  };
}

/** Half the sum of squares of an example's outputs; the labels say nothing. */
export const halfSquare: Loss = (outputs) => multiply(reduceSum(square(outputs), [1]), 0.5);

/**
 * Examples around an optimum drawn from N(0, 9); the labels are zeros.
 *
 * @param noise deviation of the examples, ≥ 0.
 */
export function quadraticData(
  dimensions: number,
  examples: number,
  noise: number,
  seed: number,
): { train: Dataset; validation: Dataset } {
  const random = new Random(seed, "quadratic");
  const optimum = Float64Array.from({ length: dimensions }, () => 3 * random.normal());
  const part = (count: number): Dataset => ({
    name: "quadratic",
    inputs: Float32Array.from(
      { length: count * dimensions },
      (_, index) => optimum[index % dimensions]! + noise * random.normal(),
    ),
    inputShape: [dimensions],
    labels: new Int32Array(count),
    classes: 2,
  });
  return { train: part(examples), validation: part(500) };
}
