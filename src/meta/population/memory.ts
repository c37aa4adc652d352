import { allocateInputs } from "../../data/internal.ts";
import type { Buffers } from "../../engine/index.ts";
import { elements } from "../../graph/internal.ts";
import { layOut } from "../../nn/index.ts";
import type { CellConfig } from "../../schedules/index.ts";
import type { Batch, Masks } from "../../training/index.ts";
import { allocateMasks, maskInputs, slotsOf } from "../../training/internal.ts";
import { allocateCell, type CellMemory } from "./cell-memory.ts";
import { optimizerScalars } from "./graph.ts";
import { allocateSide, type PopulationLayouts, type Side } from "./side.ts";
import type { PopulationDefinition, TracedPopulation } from "./trace.ts";

/** The memory of a population. */
export type PopulationMemory = {
  readonly layouts: PopulationLayouts;
  /** Two copies of all that changes: a step reads one and writes the other. */
  readonly sides: readonly [Side, Side];
  readonly cell: CellMemory;
  readonly scalars: Float32Array;
  /** Bias corrections of each member, [members, 2]. */
  readonly corrections: Float32Array;
  /** The same for all members. */
  readonly batch: Batch;
  readonly masks: Masks;
  /** L_t and α_t, both [members]. */
  readonly losses: Float32Array;
  readonly rates: Float32Array;
};

export function allocatePopulation(
  definition: PopulationDefinition,
  { parameters, statistics, masks, carried }: TracedPopulation,
  cell: CellConfig,
  members: number,
): PopulationMemory {
  const slots = slotsOf(definition.optimizer).flatMap((slot) =>
    parameters.map(({ name, shape }) => ({ name: `${slot}.${name}`, shape })),
  );
  const layouts = { w: layOut(parameters), o: layOut(slots), s: layOut(statistics), c: layOut(carried) };
  const cellMemory = allocateCell(cell, members);
  const other = allocateCell(cell, members).state;
  return {
    layouts,
    sides: [allocateSide(layouts, cellMemory.state), allocateSide(layouts, other)],
    cell: cellMemory,
    scalars: new Float32Array(optimizerScalars.length),
    corrections: new Float32Array(2 * members),
    batch: allocateBatch(definition, definition.batchSize),
    masks: allocateMasks(masks),
    losses: new Float32Array(members),
    rates: new Float32Array(members),
  };
}

/** Inputs [batchSize, ...inputShape] and labels, zeroed. */
export function allocateBatch(
  { inputShape, inputType = "float32", labelType = "int32", labelsPerExample = 1 }: PopulationDefinition,
  batchSize: number,
): Batch {
  return {
    inputs: allocateInputs(inputType, batchSize * elements(inputShape)),
    labels: allocateInputs(labelType, batchSize * labelsPerExample),
  };
}

/** What a step reads beside one of the sides, by the names of the graph's inputs. */
export function stepInputs({ optimizer }: PopulationDefinition, memory: PopulationMemory): Buffers {
  const { batch, scalars, corrections, cell, masks } = memory;
  return {
    x: batch.inputs,
    y: batch.labels,
    "o.scalars": scalars,
    ...(optimizer.kind !== "sgd" && { "o.corrections": corrections }),
    "k.time": cell.time,
    "k.own": cell.own,
    ...cell.theta,
    ...maskInputs(masks),
  };
}
