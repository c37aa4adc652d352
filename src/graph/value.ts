import { MlrSnetError } from "../errors.ts";
import type { Node } from "./operator.ts";

/** Element types of ONNX that the engine feeds and fetches. */
export type DataType = "float32" | "int32" | "int64" | "bool";

/** Sizes of the axes; all static. A scalar has shape []. */
export type Shape = readonly number[];

export type TensorType = { readonly shape: Shape; readonly dataType: DataType };

/** What a value is computed from. */
export type Source =
  | { readonly kind: "input"; readonly name: string }
  | { readonly kind: "constant"; readonly data: readonly number[] | Float32Array }
  | { readonly kind: "node"; readonly node: Node; readonly index: number };

/** A tensor in a graph: its type and where it comes from. Immutable; identity is the object itself. */
export type Value = TensorType & { readonly source: Source };

/** A tensor that is given at each run, by name. */
export function input(name: string, shape: Shape, dataType: DataType = "float32"): Value {
  return { shape, dataType, source: { kind: "input", name } };
}

/** A tensor whose elements are known when the graph is built, row-major. */
export function constant(
  data: readonly number[] | Float32Array,
  shape: Shape = [data.length],
  dataType: DataType = "float32",
): Value {
  if (elements(shape) !== data.length)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected ${elements(shape)} elements for shape [${shape}], got ${data.length}.`,
    );
  return { shape, dataType, source: { kind: "constant", data } };
}

/** A float32 scalar, shape []. */
export function scalar(value: number): Value {
  return constant([value], []);
}

/** The number of elements of a shape; 1 for a scalar. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The same sizes in the same order. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** An axis counted from the front: -1 is the last. Throws `SHAPE_MISMATCH` outside the rank. */
export function normaliseAxis(axis: number, rank: number): number {
  const normalised = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalised < 0 || normalised >= rank)
    throw new MlrSnetError("SHAPE_MISMATCH", `Expected an axis from ${-rank} to ${rank - 1}, got ${axis}.`);
  return normalised;
}
