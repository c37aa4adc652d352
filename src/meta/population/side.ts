import type { Buffers } from "../../engine/index.ts";
import type { Layout } from "../../nn/index.ts";
import { views } from "../../nn/internal.ts";
import type { CellMemory } from "./cell-memory.ts";

/** Where the tensors of weights, optimizer state, statistics and carried state lie, each [members, ...]. */
export type PopulationLayouts = { w: Layout; o: Layout; s: Layout; c: Layout };

/** All that a step of a population changes, in flat arrays. */
export type Side = {
  weights: Float32Array;
  optimizer: Float32Array;
  statistics: Float32Array;
  /** Empty for a network that carries nothing. */
  carried: Float32Array;
  state: CellMemory["state"];
  /** All of them by the names of the graph's inputs. */
  tensors: Buffers;
};

export function allocateSide({ w, o, s, c }: PopulationLayouts, state: CellMemory["state"]): Side {
  const [weights, optimizer, statistics, carried] = [w, o, s, c].map(
    ({ size }) => new Float32Array(size),
  ) as [Float32Array, Float32Array, Float32Array, Float32Array];
  const tensors = {
    ...views(w, weights, "w."),
    ...views(o, optimizer, "o."),
    ...views(s, statistics, "s."),
    ...views(c, carried, "c."),
    ...state,
  };
  return { weights, optimizer, statistics, carried, state, tensors };
}

/** The arrays of a side by their names, `prefix` before each. */
export function arraysOf(
  { weights, optimizer, statistics, carried, state }: Side,
  prefix = "",
): Record<string, Float32Array> {
  const arrays = Object.entries({
    weights,
    optimizer,
    statistics,
    ...(carried.length > 0 && { carried }),
    ...state,
  });
  return Object.fromEntries(arrays.map(([name, array]) => [`${prefix}${name}`, array]));
}

/** Copies all that belongs to one of `members` members. */
export function copyMember(
  { w, o, s, c }: PopulationLayouts,
  from: Side,
  to: Side,
  member: number,
  members: number,
): void {
  const copy = (source: Float32Array, target: Float32Array, offset: number, length: number): void => {
    const [start, share] = [offset + (member * length) / members, length / members];
    target.set(source.subarray(start, start + share), start);
  };
  for (const { offset, length } of w.entries) copy(from.weights, to.weights, offset, length);
  for (const { offset, length } of o.entries) copy(from.optimizer, to.optimizer, offset, length);
  for (const { offset, length } of s.entries) copy(from.statistics, to.statistics, offset, length);
  for (const { offset, length } of c.entries) copy(from.carried, to.carried, offset, length);
  for (const [name, array] of Object.entries(from.state))
    copy(array, to.state[name as keyof Side["state"]], 0, array.length);
}
