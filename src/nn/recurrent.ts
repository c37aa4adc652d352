import {
  concat,
  constant,
  gruStep,
  type LstmState,
  linear,
  lstmStep,
  type RecurrentWeights,
  reshapeTo,
  split,
  transpose,
  type Value,
} from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import { uniform } from "./initialise.ts";
import { buildLayer, checkSize } from "./layer.ts";
import type { Scope } from "./scope.ts";

type RecurrentOptions = { bidirectional?: boolean };

/**
 * A GRU over a sequence, from zero memory, with PyTorch's parameter names, gate order and initialisation.
 *
 * @param x [batch, time, features]. @returns [batch, time, hidden], or 2 * hidden if bidirectional.
 * @see torch.nn.GRU
 */
export function gruLayer(scope: Scope, x: Value, hidden: number, options: RecurrentOptions = {}): Value {
  return recurrentLayer("gruLayer", scope, x, hidden, 3, options, (inputs, weights) => {
    let state = zeros([x.shape[0]!, hidden]);
    return inputs.map((gates) => {
      state = gruStep(gates, state, weights);
      return state;
    });
  });
}

/**
 * An LSTM over a sequence, from zero memory, with PyTorch's parameter names, gate order and initialisation.
 *
 * @param x [batch, time, features]. @returns [batch, time, hidden], or 2 * hidden if bidirectional.
 * @see torch.nn.LSTM
 */
export function lstmLayer(scope: Scope, x: Value, hidden: number, options: RecurrentOptions = {}): Value {
  return recurrentLayer("lstmLayer", scope, x, hidden, 4, options, (inputs, weights) => {
    const start = zeros([x.shape[0]!, hidden]);
    let state: LstmState = { hidden: start, cell: start };
    return inputs.map((gates) => {
      state = lstmStep(gates, state, weights);
      return state.hidden;
    });
  });
}

/** Runs a cell over time, in both directions if asked; the input's share of all gates comes from one matrix product. */
function recurrentLayer(
  kind: string,
  scope: Scope,
  x: Value,
  hidden: number,
  gateCount: number,
  options: RecurrentOptions,
  run: (inputGates: Value[], weights: RecurrentWeights) => Value[],
): Value {
  return buildLayer(kind, scope, x, { axes: "[batch, time, features]", rank: [3, 3] }, () => {
    checkOptionNames(`\`${kind}\``, options, { bidirectional: true });
    checkSize("hidden", hidden);
    scope.take(kind);
    return bothDirections(scope, x, hidden, gateCount, options.bidirectional ?? false, run);
  });
}

function bothDirections(
  scope: Scope,
  x: Value,
  hidden: number,
  gateCount: number,
  bidirectional: boolean,
  run: (inputGates: Value[], weights: RecurrentWeights) => Value[],
): Value {
  const [batch, time, features] = x.shape as [number, number, number];
  const steps = reshapeTo(transpose(x, [1, 0, 2]), [time * batch, features]);
  const direction = (suffix: string, backward: boolean): Value => {
    const draw = uniform(1 / Math.sqrt(hidden));
    const weights: RecurrentWeights = {
      inputWeight: scope.parameter(`weight_ih_l0${suffix}`, [gateCount * hidden, features], draw),
      hiddenWeight: scope.parameter(`weight_hh_l0${suffix}`, [gateCount * hidden, hidden], draw),
      inputBias: scope.parameter(`bias_ih_l0${suffix}`, [gateCount * hidden], draw),
      hiddenBias: scope.parameter(`bias_hh_l0${suffix}`, [gateCount * hidden], draw),
    };
    const all = linear(steps, weights.inputWeight, weights.inputBias);
    const gates = split(all, Array<number>(time).fill(batch), 0);
    const outputs = backward ? run(gates.toReversed(), weights).toReversed() : run(gates, weights);
    return transpose(reshapeTo(concat(outputs, 0), [time, batch, hidden]), [1, 0, 2]);
  };
  const forward = direction("", false);
  return bidirectional ? concat([forward, direction("_reverse", true)], 2) : forward;
}

function zeros(shape: readonly number[]): Value {
  return constant(new Float32Array(elements(shape)), shape);
}
