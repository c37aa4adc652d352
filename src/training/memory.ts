import type { Inputs, Labels } from "../data/index.ts";
import { allocateInputs } from "../data/internal.ts";
import type { Buffers } from "../engine/index.ts";
import { elements } from "../graph/internal.ts";
import { initialWeights, type Layout, layOut, type Scope } from "../nn/index.ts";
import { views } from "../nn/internal.ts";
import { allocateMasks, type Masks, maskInputs } from "./masks.ts";
import { type OptimizerOptions, scalarsAt, slotsOf } from "./optimizers.ts";
import type { NetworkDefinition } from "./step-graphs.ts";
import { allocateVectors, type WeightVectors } from "./update.ts";

/** A batch in memory: inputs [batch, ...inputShape], labels [batch] or [batch, labelsPerExample]. */
export type Batch = { inputs: Inputs; labels: Labels };

/**
 * The memory of a network in training. Each kind of number is one flat array, on which the engine's tensors are views:
 * a copy, a norm, an update or a checkpoint of all weights is one pass.
 */
export type LearnerMemory = WeightVectors & {
  readonly layout: Layout;
  readonly previousDirection: Float32Array;
  /** The optimizer's state, and what it will be when the step is applied. */
  readonly optimizer: Float32Array;
  readonly nextOptimizer: Float32Array;
  readonly statistics: Float32Array;
  readonly nextStatistics: Float32Array;
  /** What the last step handed on for each row of the batch, and what the next will be given. */
  readonly carried: Float32Array;
  readonly nextCarried: Float32Array;
  readonly masks: Masks;
  readonly scalars: Readonly<Record<string, Float32Array>>;
  readonly batch: Batch;
  /** Everything above under the names of the graphs' inputs and outputs. */
  readonly inputs: Buffers;
  readonly outputs: Buffers;
  readonly lookAheadInputs: Buffers;
};

/** Zeroed memory for a batch of a network. */
export function allocateBatch(definition: NetworkDefinition, batchSize: number): Batch {
  const { inputShape, inputType = "float32", labelType = "int32", labelsPerExample = 1 } = definition;
  return {
    inputs: allocateInputs(inputType, batchSize * elements(inputShape)),
    labels: allocateInputs(labelType, batchSize * labelsPerExample),
  };
}

/** Where the optimizer's state lies: for each slot one tensor a parameter, named `<slot>.<parameter>`. */
export function layOutSlots(options: OptimizerOptions, scope: Scope): Layout {
  return layOut(
    slotsOf(options).flatMap((slot) =>
      scope.parameters.map(({ name, shape }) => ({ name: `${slot}.${name}`, shape })),
    ),
  );
}

/** Allocates and initialises the memory of a network as traced in training mode. */
export function allocateMemory(
  scope: Scope,
  optimizerOptions: OptimizerOptions,
  batch: Batch,
  seed: number,
): LearnerMemory {
  const layout = layOut(scope.parameters);
  const slotLayout = layOutSlots(optimizerOptions, scope);
  const statisticLayout = layOut(scope.statistics);
  const carriedLayout = layOut(scope.carriedTensors);
  const flat = ({ size }: Layout) => new Float32Array(size);
  const statistics = flat(statisticLayout);
  for (const [index, { initial }] of scope.statistics.entries()) {
    const { offset, length } = statisticLayout.entries[index]!;
    statistics.fill(initial, offset, offset + length);
  }
  const vectors = allocateVectors(layout.size);
  vectors.weights.set(initialWeights(scope.parameters, layout, seed));
  const arrays = {
    ...vectors,
    previousDirection: flat(layout),
    optimizer: flat(slotLayout),
    nextOptimizer: flat(slotLayout),
    statistics,
    nextStatistics: statistics.slice(),
    carried: flat(carriedLayout),
    nextCarried: flat(carriedLayout),
  };
  const masks = allocateMasks(scope.masks);
  const scalars = Object.fromEntries(
    Object.keys(scalarsAt(optimizerOptions, 0)).map((name) => [name, new Float32Array(1)]),
  );
  const inputs = {
    x: batch.inputs,
    y: batch.labels,
    ...views(layout, arrays.weights, "w."),
    ...views(layout, arrays.previousDirection, "p."),
    ...views(slotLayout, arrays.optimizer, "o."),
    ...views(statisticLayout, arrays.statistics, "s."),
    ...views(carriedLayout, arrays.carried, "c."),
    ...maskInputs(masks),
    ...scalars,
  };
  const outputs = {
    ...views(layout, arrays.direction, "d."),
    ...views(slotLayout, arrays.nextOptimizer, "next.o."),
    ...views(statisticLayout, arrays.nextStatistics, "next.s."),
    ...views(carriedLayout, arrays.nextCarried, "next.c."),
  };
  const lookAheadInputs = {
    ...inputs,
    ...views(layout, arrays.lookAheadWeights, "w."),
    ...views(layout, arrays.direction, "d."),
  };
  return { layout, ...arrays, masks, scalars, batch, inputs, outputs, lookAheadInputs };
}
