import type { Buffers } from "../engine/index.ts";
import { elements } from "../graph/internal.ts";
import type { MaskSpec } from "../nn/index.ts";
import { Random } from "../random.ts";

/** Dropout masks and their memory. */
export type Masks = readonly (MaskSpec & { readonly buffer: Float32Array })[];

/** Memory for the dropout masks of a network as traced in training mode. */
export function allocateMasks(specs: readonly MaskSpec[]): Masks {
  return specs.map(({ name, shape, probability }) => ({
    name,
    shape,
    probability,
    buffer: new Float32Array(elements(shape)),
  }));
}

/** The masks under the names of the graphs' inputs. */
export function maskInputs(masks: Masks): Buffers {
  return Object.fromEntries(masks.map(({ name, buffer }) => [`m.${name}`, buffer]));
}

/** Draws the masks of a step, a function of seed and step alone, so that a resumed run draws the same; a smaller one is the start of a larger. */
export function drawMasks(masks: Masks, seed: number, step: number): void {
  for (const { name, probability, buffer } of masks) {
    const random = new Random(seed, "dropout", name, step);
    const kept = 1 / (1 - probability);
    for (let i = 0; i < buffer.length; i++) buffer[i] = random.word() < probability * 0x100000000 ? 0 : kept;
  }
}
