import {
  correctPredictions,
  differentiate,
  input,
  reduceMean,
  reduceSum,
  reshapeTo,
  type Value,
} from "../graph/index.ts";
import { type Mode, Scope } from "../nn/index.ts";
import { type Slot, slotsOf, updateDirection } from "./optimizers.ts";
import type { NetworkDefinition } from "./step-graphs.ts";

/** A population built in a mode: per-example losses and correctness, both [members, batch]. */
export type TracedPopulation = { scope: Scope; losses: Value; correct: Value };

/**
 * Builds a population. Inputs of the graph: `x` [batch, ...inputShape], the same for all members, and `y` int32
 * [members * batch], the labels once for each member.
 */
export function tracePopulation(
  definition: NetworkDefinition,
  mode: Mode,
  members: number,
  batchSize: number,
): TracedPopulation {
  const scope = new Scope(mode, members);
  const labels = input("y", [members * batchSize], "int32");
  const outputs = definition.model(scope, input("x", [batchSize, ...definition.inputShape]));
  // Losses know one leading axis: members and examples become one, and two again.
  const flat = reshapeTo(outputs, [members * batchSize, ...outputs.shape.slice(2)]);
  const perMember = (values: Value) => reshapeTo(values, [members, batchSize]);
  return {
    scope,
    losses: perMember(definition.loss(flat, labels)),
    correct: perMember(correctPredictions(flat, labels)),
  };
}

/**
 * Outputs: `losses` [members], the mean over the batch; `d.<parameter>`; `next.o.<slot>.<parameter>`, each with a leading
 * axis of members. Members are independent, so the gradient of the sum of their losses is that of each.
 */
export function populationGradientGraph(
  definition: NetworkDefinition,
  members: number,
  batchSize: number,
): Record<string, Value> {
  const { scope, losses } = tracePopulation(definition, "train", members, batchSize);
  const means = reduceMean(losses, [1]);
  const graph: Record<string, Value> = { losses: means };
  const gradients = differentiate(
    reduceSum(means),
    scope.parameters.map(({ value }) => value),
  );
  for (const [index, { name, shape, value }] of scope.parameters.entries()) {
    const gradient = gradients[index];
    if (!gradient) continue;
    const state: Partial<Record<Slot, Value>> = {};
    for (const slot of slotsOf(definition.optimizer)) state[slot] = input(`o.${slot}.${name}`, shape);
    const update = updateDirection(definition.optimizer, value, gradient, state);
    graph[`d.${name}`] = update.direction;
    for (const [slot, next] of Object.entries(update.state)) graph[`next.o.${slot}.${name}`] = next;
  }
  return graph;
}

/** Outputs: mean loss `losses` and mean correctness `correct` of each member, both [members]. */
export function populationEvaluationGraph(
  definition: NetworkDefinition,
  members: number,
  batchSize: number,
): Record<string, Value> {
  const { losses, correct } = tracePopulation(definition, "eval", members, batchSize);
  return { losses: reduceMean(losses, [1]), correct: reduceMean(correct, [1]) };
}
