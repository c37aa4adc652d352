import { checkTensor, shapeOf, type Value } from "../value.ts";
import { add, multiply, subtract } from "./arithmetic.ts";
import { split } from "./layout.ts";
import { linear } from "./matmul.ts";
import { sigmoid, tanh } from "./unary.ts";

/** Weights of a recurrent cell in PyTorch's layout: the gates one after the other along the first axis. */
export type RecurrentWeights = {
  /** [gates * hidden, inputs] */
  readonly inputWeight: Value;
  /** [gates * hidden, hidden] */
  readonly hiddenWeight: Value;
  /** [gates * hidden] */
  readonly inputBias: Value;
  /** [gates * hidden] */
  readonly hiddenBias: Value;
};

/** Refuses weights that are no object of tensors; which tensors are needed is said where they are used. */
export function checkWeights(name: string, weights: object): void {
  for (const part of ["hiddenWeight", "hiddenBias"] as const)
    checkTensor(`${name}\` for its \`${part}`, (Object(weights) as Partial<RecurrentWeights>)[part]);
}

/**
 * One step of a gated recurrent unit, gates in PyTorch's order r, z, n.
 *
 *     r = σ(W_ir x + b_ir + W_hr h + b_hr)
 *     z = σ(W_iz x + b_iz + W_hz h + b_hz)
 *     n = tanh(W_in x + b_in + r (W_hn h + b_hn))
 *     h' = (1 - z) n + z h
 *
 * @param x [batch, inputs]. @param hidden h [batch, hidden]. @returns h' [batch, hidden].
 */
export function gruCell(x: Value, hidden: Value, weights: RecurrentWeights): Value {
  checkWeights("gruCell", weights);
  return gruStep(linear(x, weights.inputWeight, weights.inputBias), hidden, weights);
}

/**
 * `gruCell` from W_i x + b_i, [batch, 3 * hidden]: a sequence has these for all its steps from one matrix product.
 */
export function gruStep(
  inputGates: Value,
  hidden: Value,
  weights: Pick<RecurrentWeights, "hiddenWeight" | "hiddenBias">,
): Value {
  checkWeights("gruStep", weights);
  const size = shapeOf("gruStep", hidden)[1]!;
  const [inputRZ, inputN] = split(inputGates, [2 * size, size], 1);
  const [hiddenRZ, hiddenN] = split(
    linear(hidden, weights.hiddenWeight, weights.hiddenBias),
    [2 * size, size],
    1,
  );
  const [r, z] = split(sigmoid(add(inputRZ!, hiddenRZ!)), [size, size], 1);
  const n = tanh(add(inputN!, multiply(r!, hiddenN!)));
  return add(n, multiply(z!, subtract(hidden, n)));
}
