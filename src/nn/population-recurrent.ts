import {
  add,
  broadcastTo,
  matMul,
  multiply,
  reshapeTo,
  scalar,
  sigmoid,
  split,
  subtract,
  tanh,
  type Value,
} from "../graph/index.ts";
import { uniform } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Scope } from "./scope.ts";

/**
 * A GRU over a sequence for each member, from zero memory, with PyTorch's parameter names, gate order and initialisation.
 *
 *     r, z = σ(W_i x + b_i + W_h h + b_h),  n = tanh(W_in x + b_in + r (W_hn h + b_hn)),  h' = n + z (h - n)
 *
 * @param x [members, features, time, batch], or [features, time, batch], the same for all members.
 * @returns h after each time step, each [members, hidden, batch].
 * @see torch.nn.GRU
 */
export function populationGru(scope: Scope, x: Value, hidden: number): Value[] {
  return recurrent("populationGru", scope, x, hidden, () => gruSteps(scope, x, hidden));
}

function gruSteps(scope: Scope, x: Value, hidden: number): Value[] {
  const weights = recurrentWeights(scope, x, hidden, 3);
  const [hiddenBiasRZ, hiddenBiasN] = split(weights.hiddenBias, [2 * hidden, hidden], 1);
  const [inputRZ, inputN] = split(weights.inputs, [2 * hidden, hidden], 1);
  const stepsRZ = alongTime(add(inputRZ!, hiddenBiasRZ!), x);
  const stepsN = alongTime(inputN!, x);
  let state = zeroMemory(scope, x, hidden);
  return stepsRZ.map((stepRZ, step) => {
    const [hiddenRZ, hiddenN] = split(matMul(weights.hiddenWeight, state), [2 * hidden, hidden], 1);
    const [r, z] = split(sigmoid(add(stepRZ, hiddenRZ!)), [hidden, hidden], 1);
    const n = tanh(add(stepsN[step]!, multiply(r!, add(hiddenN!, hiddenBiasN!))));
    state = add(n, multiply(z!, subtract(state, n)));
    return state;
  });
}

/**
 * An LSTM over a sequence for each member, from zero memory, with PyTorch's parameter names, gate order and initialisation.
 *
 *     i, f, g, o = σ, σ, tanh, σ (W_i x + b_i + W_h h + b_h),  c' = f c + i g,  h' = o tanh(c')
 *
 * @param x [members, features, time, batch], or [features, time, batch], the same for all members.
 * @returns h after each time step, each [members, hidden, batch].
 * @see torch.nn.LSTM
 */
export function populationLstm(scope: Scope, x: Value, hidden: number): Value[] {
  return recurrent("populationLstm", scope, x, hidden, () => lstmSteps(scope, x, hidden));
}

function lstmSteps(scope: Scope, x: Value, hidden: number): Value[] {
  const weights = recurrentWeights(scope, x, hidden, 4);
  const steps = alongTime(add(weights.inputs, weights.hiddenBias), x);
  let state = zeroMemory(scope, x, hidden);
  let cell = state;
  return steps.map((step) => {
    const gates = add(step, matMul(weights.hiddenWeight, state));
    const [inputForget, candidate, output] = split(gates, [2 * hidden, hidden, hidden], 1);
    const [i, f] = split(sigmoid(inputForget!), [hidden, hidden], 1);
    cell = add(multiply(f!, cell), multiply(i!, tanh(candidate!)));
    state = multiply(sigmoid(output!), tanh(cell));
    return state;
  });
}

function recurrent(kind: string, scope: Scope, x: Value, hidden: number, build: () => Value[]): Value[] {
  return buildLayer(kind, scope, x, { axes: "[members, features, time, batch]", rank: [3, 4] }, () => {
    checkSize("hidden", hidden);
    scope.take(kind);
    return build();
  });
}

/** Draws the weights, and multiplies all time steps by the input's in one product: [members, gates * hidden, time * batch]. */
function recurrentWeights(scope: Scope, x: Value, hidden: number, gateCount: number) {
  const [features, time, batch] = x.shape.slice(-3) as [number, number, number];
  const rows = gateCount * hidden;
  const draw = uniform(1 / Math.sqrt(hidden));
  const column = (name: string) =>
    reshapeTo(scope.parameter(name, [rows], draw), [scope.population, rows, 1]);
  const inputWeight = scope.parameter("weight_ih_l0", [rows, features], draw);
  const hiddenWeight = scope.parameter("weight_hh_l0", [rows, hidden], draw);
  const columns = reshapeTo(x, [...x.shape.slice(0, -2), time * batch]);
  const inputs = add(matMul(inputWeight, columns), column("bias_ih_l0"));
  return { inputs, hiddenWeight, hiddenBias: column("bias_hh_l0") };
}

/** [members, rows, time * batch] to one [members, rows, batch] a time step. */
function alongTime(values: Value, x: Value): Value[] {
  const [time, batch] = x.shape.slice(-2) as [number, number];
  return split(values, Array<number>(time).fill(batch), 2);
}

function zeroMemory(scope: Scope, x: Value, hidden: number): Value {
  return broadcastTo(scalar(0), [scope.population, hidden, x.shape.at(-1)!]);
}
