import type { Inputs, Labels } from "../data/index.ts";
import type { Buffers } from "../engine/index.ts";
import { elements } from "../graph/internal.ts";
import { initialWeights, type Layout, layOut, type MaskSpec, type Scope } from "../nn/index.ts";
import { views } from "../nn/internal.ts";
import { type OptimizerOptions, scalarsAt, slotsOf } from "./optimizers.ts";
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
  readonly masks: readonly (MaskSpec & { readonly buffer: Float32Array })[];
  readonly scalars: Readonly<Record<string, Float32Array>>;
  readonly batch: Batch;
  /** Everything above under the names of the graphs' inputs and outputs. */
  readonly inputs: Buffers;
  readonly outputs: Buffers;
  readonly lookAheadInputs: Buffers;
};

/** Where the optimizer's state lies: for each slot one tensor a parameter, named `<slot>.<parameter>`. */
export function layOutSlots(options: OptimizerOptions, scope: Scope): Layout {
  return layOut(
    slotsOf(options).flatMap((slot) =>
      scope.parameters.map(({ name, shape }) => ({ name: `${slot}.${name}`, shape })),
    ),
  );
}

/** Memory for the dropout masks of a network as traced in training mode. */
export function allocateMasks(scope: Scope): LearnerMemory["masks"] {
  return scope.masks.map(({ name, shape, probability }) => ({
    name,
    shape,
    probability,
    buffer: new Float32Array(elements(shape)),
  }));
}

/** The masks under the names of the graphs' inputs. */
export function maskInputs(masks: LearnerMemory["masks"]): Buffers {
  return Object.fromEntries(masks.map(({ name, buffer }) => [`m.${name}`, buffer]));
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
  };
  const masks = allocateMasks(scope);
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
    ...maskInputs(masks),
    ...scalars,
  };
  const outputs = {
    ...views(layout, arrays.direction, "d."),
    ...views(slotLayout, arrays.nextOptimizer, "next.o."),
    ...views(statisticLayout, arrays.nextStatistics, "next.s."),
  };
  const lookAheadInputs = {
    ...inputs,
    ...views(layout, arrays.lookAheadWeights, "w."),
    ...views(layout, arrays.direction, "d."),
  };
  return { layout, ...arrays, masks, scalars, batch, inputs, outputs, lookAheadInputs };
}
