import { MlrSnetError } from "../errors.ts";
import { show } from "../schedules/internal.ts";
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
  checkShape("input", shape);
  return { shape, dataType, source: { kind: "input", name } };
}

/** A tensor whose elements are known when the graph is built, row-major. */
export function constant(
  data: readonly number[] | Float32Array,
  shape: Shape = [Object(data).length],
  dataType: DataType = "float32",
): Value {
  if (!Array.isArray(data) && !(data instanceof Float32Array))
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`constant\` to be given numbers in a list, got ${show(data)}.`,
    );
  checkShape("constant", shape);
  if (elements(shape) !== data.length)
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected ${elements(shape)} elements for shape [${shape}], got ${data.length}.`,
    );
  return { shape, dataType, source: { kind: "constant", data } };
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` for no list of numbers at all, `SHAPE_MISMATCH` unless they are integers ≥ 0. */
export function checkShape(name: string, shape: unknown): asserts shape is Shape {
  const isList = Array.isArray(shape) && shape.every((size) => typeof size === "number");
  if (isList && shape.every((size) => Number.isSafeInteger(size) && size >= 0)) return;
  throw new MlrSnetError(
    isList ? "SHAPE_MISMATCH" : "INVALID_ARGUMENT",
    `Expected \`${name}\` to be given integers ≥ 0 in a list, got ${show(shape)}.`,
  );
}

/** A float32 scalar, shape []. */
export function scalar(value: number): Value {
  return constant([value], []);
}

/** Refuses what is no tensor of a graph, with the name of the function that was given it. */
export function checkTensor(name: string, value: unknown): asserts value is Value {
  const { shape, source, dataType } = Object(value) as Partial<Value>;
  if (Array.isArray(shape) && source !== undefined && dataType !== undefined) return;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`${name}\` to be given a tensor, got ${show(value)}.`,
  );
}

/** The shape of what should be a tensor; else the error of `checkTensor`. */
export function shapeOf(name: string, value: Value): Shape {
  checkTensor(name, value);
  return value.shape;
}

/** The number of elements of a shape; 1 for a scalar. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** The same sizes in the same order. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Axes counted from the front, in their order. @throws {MlrSnetError} `INVALID_ARGUMENT` unless they are in a list. */
export function normaliseAxes(axes: readonly number[], rank: number): number[] {
  if (Array.isArray(axes)) return axes.map((axis) => normaliseAxis(axis, rank)).sort((a, b) => a - b);
  throw new MlrSnetError("INVALID_ARGUMENT", `Expected axes in a list, got ${show(axes)}.`);
}

/** An axis counted from the front: -1 is the last. Throws `SHAPE_MISMATCH` outside the rank. */
export function normaliseAxis(axis: number, rank: number): number {
  const normalised = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || normalised < 0 || normalised >= rank)
    throw new MlrSnetError("SHAPE_MISMATCH", `Expected an axis from ${-rank} to ${rank - 1}, got ${axis}.`);
  return normalised;
}
