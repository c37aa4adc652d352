import {
  add,
  differentiate,
  divide,
  input,
  maximum,
  multiply,
  reduceMean,
  reduceSum,
  reshapeTo,
  split,
  sqrt,
  square,
  subtract,
  type Value,
} from "../../graph/index.ts";
import { elements } from "../../graph/internal.ts";
import type { CellConfig } from "../../schedules/index.ts";
import { slotsOf, updateDirection } from "../../training/internal.ts";
import { cellStep } from "./cell-graph.ts";
import { type PopulationDefinition, type TracedPopulation, tracePopulation } from "./trace.ts";

/** The elements of the graph's tensor `o.scalars`, the same for all members: numbers of the optimizer that a run gives. */
export const optimizerScalars = ["momentum", "decay", "clipNorm"] as const;

/**
 * One whole step of all members in one graph: losses and gradients, each member's own cell, the update.
 *
 * Inputs: those of the networks, `o.scalars`, `o.corrections` [members, 2] of Adam, `o.<slot>.<parameter>`, and those of
 * `cellStep`. Outputs: `losses` and
 * `rates` [members]; `next.<name>` for each weight, slot, statistic, carried and memory tensor.
 */
export function populationStepGraph(
  definition: PopulationDefinition,
  cell: CellConfig,
  members: number,
): Record<string, Value> {
  const { optimizer, batchSize } = definition;
  const { losses, parameters, statistics, carried } = tracePopulation(
    definition,
    "train",
    members,
    batchSize,
  );
  const means = reduceMean(losses, [1]);
  const { rates, next } = cellStep(cell, means);
  const graph: Record<string, Value> = { losses: means, rates: reshapeTo(rates, [members]) };
  for (const [name, value] of Object.entries(next)) graph[`next.${name}`] = value;
  // Members are independent, so the gradient of the sum of their losses is that of each.
  const weights = parameters.map(({ value }) => value);
  const [momentum, weightDecay, clipNorm] = split(
    input("o.scalars", [optimizerScalars.length]),
    optimizerScalars.map(() => 1),
    0,
  ) as [Value, Value, Value];
  const isAdam = optimizer.kind !== "sgd";
  const corrections = isAdam ? split(input("o.corrections", [members, 2]), [1, 1], 1) : [];
  const raw = differentiate(reduceSum(means), weights);
  const gradients = optimizer.clipNorm === undefined ? raw : clipEach(raw, clipNorm, members);
  for (const [index, { name, shape, value }] of parameters.entries()) {
    const gradient = gradients[index] ?? multiply(value, 0);
    const each = (perMember: Value): Value => reshapeTo(perMember, [members, ...shape.slice(1).map(() => 1)]);
    const { momentum: _, clipNorm: __, ...options } = optimizer;
    const rule = {
      ...options,
      ...(optimizer.momentum && { momentum }),
      ...(isAdam && { corrections: [each(corrections[0]!), each(corrections[1]!)] as const }),
      weightDecay,
    };
    const before = Object.fromEntries(
      slotsOf(optimizer).map((slot) => [slot, input(`o.${slot}.${name}`, shape)]),
    );
    const { direction, state } = updateDirection(rule, value, gradient, before);
    for (const [slot, after] of Object.entries(state)) graph[`next.o.${slot}.${name}`] = after;
    const own = each(rates);
    graph[`next.w.${name}`] = subtract(value, multiply(direction, own));
  }
  for (const { name, next: moved } of statistics) graph[`next.s.${name}`] = moved;
  for (const { name, next: moved } of carried) graph[`next.c.${name}`] = moved;
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

/**
 * Of a population traced in evaluation mode: outputs `losses` and, where the labels are classes, the fractions of them
 * predicted, `correct`, both [members, batch]; and `next.c.<carried>`.
 */
export function populationEvaluationGraph({
  losses,
  correct,
  carried,
}: TracedPopulation): Record<string, Value> {
  const next = Object.fromEntries(carried.map((spec) => [`next.c.${spec.name}`, spec.next]));
  return { losses, ...(correct && { correct }), ...next };
}
