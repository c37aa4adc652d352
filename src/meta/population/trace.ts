import { MlrSnetError } from "../../errors.ts";
import { input, type Value, vmap } from "../../graph/index.ts";
import {
  type MaskSpec,
  type Mode,
  type Model,
  type ParameterSpec,
  Scope,
  type StatisticSpec,
} from "../../nn/index.ts";
import { repeated } from "../../nn/internal.ts";
import type { NetworkDefinition } from "../../training/index.ts";
import { fractionCorrect, traceNetwork } from "../../training/internal.ts";

/**
 * A kind of network, many of which advance together: all that is compiled in. The numbers of the optimizer are those of a
 * run; `momentum` above 0 and a `clipNorm` say here that it has them.
 */
export type PopulationDefinition = NetworkDefinition & {
  batchSize: number;
  /**
   * A faster form of the model, made by hand, in the place of the one that the batching rules give: in a scope with members,
   * from x [batch, ...inputShape] to the outputs [members, batch, ...]. Its parameters have the model's names.
   */
  together?: Model | undefined;
};

type Carried = { name: string; shape: readonly number[]; value: Value; next: Value };

/** The networks of a population. Shapes of parameters and statistics are [members, ...]; masks are the same for all. */
export type TracedPopulation = {
  parameters: readonly (ParameterSpec & { value: Value })[];
  statistics: readonly (StatisticSpec & { value: Value; next: Value })[];
  masks: readonly MaskSpec[];
  /** What members carry from step to step, each its own. */
  carried: readonly Carried[];
  /** [members, batch] */
  losses: Value;
  /** [members, batch]: the fraction of an example's classes that are predicted; absent where the targets are real numbers. */
  correct: Value | undefined;
};

/** Builds the networks. Inputs of the graph: `x` [batch, ...inputShape] and `y`, the labels, both the same for all members. */
export function tracePopulation(
  definition: PopulationDefinition,
  mode: Mode,
  members: number,
  batchSize: number,
): TracedPopulation {
  return definition.together
    ? traceTogether(definition, definition.together, mode, members, batchSize)
    : traceOne(definition, mode, members, batchSize);
}

/** One network as users write it, and the batching rules of its operators. */
function traceOne(
  definition: NetworkDefinition,
  mode: Mode,
  members: number,
  batchSize: number,
): TracedPopulation {
  const { scope, losses, outputs, labels } = traceNetwork(definition, mode, batchSize);
  if (definition.optimizer.averaging)
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      "Expected an optimizer without `averaging` for a population, whose members are evaluated at the weights that they train, got one that has it.",
    );
  const own = new Map<Value, Value>();
  const ofAll = <Spec extends { shape: readonly number[]; value: Value }>(spec: Spec, name: string): Spec => {
    const shape = [members, ...spec.shape];
    const value = input(name, shape);
    own.set(spec.value, value);
    return { ...spec, shape, value };
  };
  const parameters = scope.parameters.map((spec) => ({
    ...ofAll(spec, `w.${spec.name}`),
    initialise: repeated(spec.initialise, members, spec.shape),
  }));
  const statistics = scope.statistics.map((spec) => ofAll(spec, `s.${spec.name}`));
  const carried = scope.carriedTensors.map((spec) => ofAll(spec, `c.${spec.name}`));
  const next = Object.fromEntries([
    ...scope.statistics.map((spec) => [`s.${spec.name}`, spec.next]),
    ...scope.carriedTensors.map((spec) => [`c.${spec.name}`, spec.next]),
  ]);
  const judged = judge(definition, outputs, labels, losses);
  const all = vmap<string>({ ...next, ...judged }, own, members);
  return {
    parameters,
    statistics: statistics.map((spec) => ({ ...spec, next: all[`s.${spec.name}`]! })),
    masks: scope.masks,
    carried: carried.map((spec) => ({ ...spec, next: all[`c.${spec.name}`]! })),
    losses: all.losses!,
    correct: all.correct,
  };
}

/** The form made by hand; its outputs are judged by the batching rules of the loss. */
function traceTogether(
  definition: NetworkDefinition,
  together: Model,
  mode: Mode,
  members: number,
  batchSize: number,
): TracedPopulation {
  const { inputShape, inputType, labelType = "int32", labelsPerExample = 1 } = definition;
  const scope = new Scope(mode, members);
  const outputs = together(scope, input("x", [batchSize, ...inputShape], inputType));
  const one = input("outputs", outputs.shape.slice(1));
  const labels = input("y", labelsPerExample === 1 ? [batchSize] : [batchSize, labelsPerExample], labelType);
  const judged = judge(definition, one, labels, definition.loss(one, labels));
  const all = vmap<string>(judged, new Map([[one, outputs]]), members);
  const { parameters, statistics, masks } = scope;
  return { parameters, statistics, masks, carried: [], losses: all.losses!, correct: all.correct };
}

function judge(
  { labelType = "int32" }: NetworkDefinition,
  outputs: Value,
  labels: Value,
  losses: Value,
): Record<string, Value> {
  return labelType === "int32" ? { losses, correct: fractionCorrect(outputs, labels) } : { losses };
}
