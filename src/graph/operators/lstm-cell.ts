import { shapeOf, type Value } from "../value.ts";
import { add, multiply } from "./arithmetic.ts";
import { checkWeights, type RecurrentWeights } from "./gru-cell.ts";
import { split } from "./layout.ts";
import { linear } from "./matmul.ts";
import { sigmoid, tanh } from "./unary.ts";

/** Memory of an LSTM: h and c, each [batch, hidden]. */
export type LstmState = { readonly hidden: Value; readonly cell: Value };

/**
 * One step of a long short-term memory, gates in PyTorch's order i, f, g, o.
 *
 *     i, f, o = σ(W_i x + b_i + W_h h + b_h),  g = tanh(W_i x + b_i + W_h h + b_h)
 *     c' = f c + i g
 *     h' = o tanh(c')
 *
 * @param x [batch, inputs]. @returns the next state.
 */
export function lstmCell(x: Value, state: LstmState, weights: RecurrentWeights): LstmState {
  checkWeights("lstmCell", weights);
  return lstmStep(linear(x, weights.inputWeight, weights.inputBias), state, weights);
}

/**
 * `lstmCell` from W_i x + b_i, [batch, 4 * hidden]: a sequence has these for all its steps from one matrix product.
 */
export function lstmStep(
  inputGates: Value,
  state: LstmState,
  weights: Pick<RecurrentWeights, "hiddenWeight" | "hiddenBias">,
): LstmState {
  checkWeights("lstmStep", weights);
  const { hidden, cell } = Object(state) as LstmState;
  const size = shapeOf("lstmStep", hidden)[1]!;
  const gates = add(inputGates, linear(hidden, weights.hiddenWeight, weights.hiddenBias));
  const [inputForget, candidate, output] = split(gates, [2 * size, size, size], 1);
  const [i, f] = split(sigmoid(inputForget!), [size, size], 1);
  const next = add(multiply(f!, cell), multiply(i!, tanh(candidate!)));
  return { hidden: multiply(sigmoid(output!), tanh(next)), cell: next };
}
