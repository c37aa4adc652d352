import type { Shape } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { Random } from "../random.ts";
import type { ParameterSpec } from "./registry.ts";

/** Where each tensor lies in one flat array. */
export type Layout = {
  readonly size: number;
  readonly entries: readonly {
    readonly name: string;
    readonly shape: Shape;
    readonly offset: number;
    readonly length: number;
  }[];
};

/** Tensors start at multiples of 64 bytes, so that vector loads are aligned; the gaps hold zeros. */
const alignment = 16;

/** Places tensors one after the other. */
export function layOut(specs: readonly { readonly name: string; readonly shape: Shape }[]): Layout {
  let size = 0;
  const entries = specs.map(({ name, shape }) => {
    const offset = size;
    const length = elements(shape);
    size += Math.ceil(length / alignment) * alignment;
    return { name, shape, offset, length };
  });
  return { size, entries };
}

/** Views of a flat array, one a tensor, named with a prefix. */
export function views(layout: Layout, flat: Float32Array, prefix: string): Record<string, Float32Array> {
  return Object.fromEntries(
    layout.entries.map(({ name, offset, length }) => [prefix + name, flat.subarray(offset, offset + length)]),
  );
}

/** Initial weights: each parameter from a stream of its own, so that adding one changes no other. */
export function initialWeights(
  parameters: readonly ParameterSpec[],
  layout: Layout,
  seed: number,
): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const [index, { name, shape, initialise }] of parameters.entries())
    flat.set(initialise(shape, new Random(seed, "weights", name)), layout.entries[index]!.offset);
  return flat;
}
