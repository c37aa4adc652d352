import { MlrSnetError } from "../errors.ts";
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

/**
 * `bidirectional`: reads the sequence from both ends; default false. `carry`: starts from the memory at the end of the row's
 * sequence in the step before, and hands its own on (`Scope.carried`), instead of starting from zeros; default false.
 */
export type RecurrentOptions = { bidirectional?: boolean; carry?: boolean };

/**
 * A GRU over a sequence, from zero memory unless it is carried, with PyTorch's parameter names, gate order and initialisation.
 *
 * @param x [batch, time, features]. @returns [batch, time, hidden], or 2 * hidden if bidirectional.
 * @see torch.nn.GRU
 */
export function gruLayer(scope: Scope, x: Value, hidden: number, options: RecurrentOptions = {}): Value {
  return recurrentLayer("gruLayer", scope, x, hidden, 3, options, (inputs, weights, memory) => {
    let state = memory.start("hidden");
    const outputs = inputs.map((gates) => {
      state = gruStep(gates, state, weights);
      return state;
    });
    memory.end("hidden", state);
    return outputs;
  });
}

/**
 * An LSTM over a sequence, from zero memory unless it is carried, with PyTorch's parameter names, gate order and initialisation.
 *
 * @param x [batch, time, features]. @returns [batch, time, hidden], or 2 * hidden if bidirectional.
 * @see torch.nn.LSTM
 */
export function lstmLayer(scope: Scope, x: Value, hidden: number, options: RecurrentOptions = {}): Value {
  return recurrentLayer("lstmLayer", scope, x, hidden, 4, options, (inputs, weights, memory) => {
    let state: LstmState = { hidden: memory.start("hidden"), cell: memory.start("cell") };
    const outputs = inputs.map((gates) => {
      state = lstmStep(gates, state, weights);
      return state.hidden;
    });
    memory.end("hidden", state.hidden);
    memory.end("cell", state.cell);
    return outputs;
  });
}

/** Where a cell's memory comes from, and where it goes, [batch, hidden] each. */
type Memory = { start(name: string): Value; end(name: string, value: Value): void };

type Run = (inputGates: Value[], weights: RecurrentWeights, memory: Memory) => Value[];

/** Runs a cell over time, in both directions if asked; the input's share of all gates comes from one matrix product. */
function recurrentLayer(
  kind: string,
  scope: Scope,
  x: Value,
  hidden: number,
  gateCount: number,
  options: RecurrentOptions,
  run: Run,
): Value {
  return buildLayer(kind, scope, x, { axes: "[batch, time, features]", rank: [3, 3] }, () => {
    checkOptionNames(`\`${kind}\``, options, { bidirectional: true, carry: true });
    const { bidirectional = false, carry = false } = options;
    checkSize("hidden", hidden);
    if (bidirectional && carry)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        "Expected `carry` or `bidirectional`, got both: what reads from the end has no step before it.",
      );
    scope.take(kind);
    const batch = x.shape[0]!;
    const memory = carry ? carriedMemory(scope, [batch, hidden]) : zeroMemory([batch, hidden]);
    return bothDirections(scope, x, hidden, gateCount, bidirectional, (gates, weights) =>
      run(gates, weights, memory),
    );
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

/** One constant for all that starts. */
function zeroMemory(shape: readonly number[]): Memory {
  const zeros = constant(new Float32Array(elements(shape)), shape);
  return { start: () => zeros, end: () => {} };
}

function carriedMemory(scope: Scope, shape: readonly number[]): Memory {
  return {
    start: (name) => scope.carried(name, shape),
    end: (name, value) => scope.carry(name, value),
  };
}
