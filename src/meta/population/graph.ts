import {
  add,
  correctPredictions,
  differentiate,
  divide,
  input,
  maximum,
  multiply,
  reduceMean,
  reduceSum,
  reshapeTo,
  softmaxCrossEntropy,
  split,
  sqrt,
  square,
  subtract,
  type Value,
} from "../../graph/index.ts";
import { elements } from "../../graph/internal.ts";
import { type Mode, type Model, Scope } from "../../nn/index.ts";
import type { CellConfig } from "../../schedules/index.ts";
import type { OptimizerOptions, Slot } from "../../training/index.ts";
import { slotsOf, updateDirection } from "../../training/internal.ts";
import { cellStep } from "./cell-graph.ts";

/** How the members' gradients become directions. `adam` has the decoupled decay of AdamW, which may be 0. */
export type PopulationOptimizer = "sgd" | "momentum" | "adam";

/** A kind of network, many of which advance together: all that is compiled in. */
export type PopulationDefinition = {
  /** In a scope with members, from x [batch, ...inputShape] to [members, batch, ...]. */
  model: Model;
  inputShape: readonly number[];
  inputType: "float32" | "int32";
  /** `cross-entropy` of logits [members, batch, classes]; `half-square`: half the sum of squares of the outputs. */
  loss: "cross-entropy" | "half-square";
  optimizer: PopulationOptimizer;
  /** Whether gradients are scaled down to a norm that the run gives; default false. */
  clips?: boolean;
  batchSize: number;
};

/** The elements of the graph's tensor `o.scalars`, the same for all members. */
export const optimizerScalars = ["momentum", "decay", "clipNorm"] as const;

/** A population's optimizer as a single run would name it; its numbers are given at run time. */
const optimizers = {
  sgd: { kind: "sgd" },
  momentum: { kind: "sgd", momentum: 0.9 },
  adam: { kind: "adamw" },
} as const satisfies Record<PopulationOptimizer, OptimizerOptions>;

/** Names of an optimizer's tensors, one of each kind for every parameter. */
export function populationSlots(optimizer: PopulationOptimizer): readonly Slot[] {
  return slotsOf(optimizers[optimizer]);
}

export type TracedPopulation = {
  scope: Scope;
  /** [members, batch] */
  losses: Value;
  /** [members, batch]: 1 where the prediction is right; zeros where nothing is predicted. */
  correct: Value;
};

/** Builds the networks. Inputs: `x` [batch, ...inputShape], for cross-entropy `y` int32 [members * batch], the labels once a member. */
export function tracePopulation(
  { model, inputShape, inputType, loss }: PopulationDefinition,
  mode: Mode,
  members: number,
  batchSize: number,
): TracedPopulation {
  const scope = new Scope(mode, members);
  const outputs = model(scope, input("x", [batchSize, ...inputShape], inputType));
  // Losses know one leading axis: members and examples become one, and two again.
  const flat = reshapeTo(outputs, [members * batchSize, ...outputs.shape.slice(2)]);
  const perMember = (values: Value) => reshapeTo(values, [members, batchSize]);
  if (loss === "half-square") {
    const losses = perMember(multiply(reduceSum(square(flat), [1]), 0.5));
    return { scope, losses, correct: multiply(losses, 0) };
  }
  const labels = input("y", [members * batchSize], "int32");
  return {
    scope,
    losses: perMember(softmaxCrossEntropy(flat, labels)),
    correct: perMember(correctPredictions(flat, labels)),
  };
}

/**
 * One whole step of all members in one graph: losses and gradients, each member's own cell, the update.
 *
 * Inputs: those of the networks, `o.scalars`, `o.corrections` [members, 2] of Adam, `o.<slot>.<parameter>`, and those of
 * `cellStep`. Outputs: `losses` and
 * `rates` [members]; `next.<name>` for each weight, slot, statistic and memory tensor.
 */
export function populationStepGraph(
  definition: PopulationDefinition,
  cell: CellConfig,
  members: number,
): Record<string, Value> {
  const { scope, losses } = tracePopulation(definition, "train", members, definition.batchSize);
  const means = reduceMean(losses, [1]);
  const { rates, next } = cellStep(cell, means);
  const graph: Record<string, Value> = { losses: means, rates: reshapeTo(rates, [members]) };
  for (const [name, value] of Object.entries(next)) graph[`next.${name}`] = value;
  // Members are independent, so the gradient of the sum of their losses is that of each.
  const parameters = scope.parameters.map(({ value }) => value);
  const [momentum, weightDecay, clipNorm] = split(
    input("o.scalars", [optimizerScalars.length]),
    optimizerScalars.map(() => 1),
    0,
  ) as [Value, Value, Value];
  const isAdam = definition.optimizer === "adam";
  const corrections = isAdam ? split(input("o.corrections", [members, 2]), [1, 1], 1) : [];
  const raw = differentiate(reduceSum(means), parameters);
  const gradients = definition.clips ? clipEach(raw, clipNorm, members) : raw;
  for (const [index, { name, shape, value }] of scope.parameters.entries()) {
    const gradient = gradients[index] ?? multiply(value, 0);
    const each = (perMember: Value): Value => reshapeTo(perMember, [members, ...shape.slice(1).map(() => 1)]);
    const slots = populationSlots(definition.optimizer);
    const rule = {
      ...optimizers[definition.optimizer],
      ...(definition.optimizer === "momentum" && { momentum }),
      ...(isAdam && { corrections: [each(corrections[0]!), each(corrections[1]!)] as const }),
      weightDecay,
    };
    const before = Object.fromEntries(slots.map((slot) => [slot, input(`o.${slot}.${name}`, shape)]));
    const { direction, state } = updateDirection(rule, value, gradient, before);
    for (const [slot, after] of Object.entries(state)) graph[`next.o.${slot}.${name}`] = after;
    const own = each(rates);
    graph[`next.w.${name}`] = subtract(value, multiply(direction, own));
  }
  for (const { name, next: moved } of scope.statistics) graph[`next.s.${name}`] = moved;
  return graph;
}

/** Each member's gradients [members, ...], their joint norm at most `clipNorm`: as `clipGradients` of a run of its own. */
function clipEach(gradients: readonly (Value | undefined)[], clipNorm: Value, members: number) {
  const squares = gradients.flatMap((gradient) =>
    gradient
      ? [reduceSum(square(reshapeTo(gradient, [members, elements(gradient.shape) / members])), [1])]
      : [],
  );
  const norm = add(sqrt(squares.reduce((a, b) => add(a, b))), 1e-6);
  const scale = divide(clipNorm, maximum(norm, clipNorm));
  return gradients.map(
    (gradient) =>
      gradient && multiply(gradient, reshapeTo(scale, [members, ...gradient.shape.slice(1).map(() => 1)])),
  );
}

/** Outputs: mean loss `losses` and share of right predictions `correct` of each member, both [members]; evaluation mode. */
export function populationEvaluationGraph(
  definition: PopulationDefinition,
  members: number,
  batchSize: number,
): Record<string, Value> {
  const { losses, correct } = tracePopulation(definition, "eval", members, batchSize);
  return { losses: reduceMean(losses, [1]), correct: reduceMean(correct, [1]) };
}
