import { MlrSnetError } from "../errors.ts";
import type { Shape } from "../graph/index.ts";
import { sameShape } from "../graph/internal.ts";
import { show } from "../schedules/internal.ts";

/** What is known by a path, if it is asked for in the same shape again. */
export function sameOrThrow<T extends { shape: Shape }>(path: string, known: T, shape: Shape): T {
  if (!sameShape(known.shape, shape))
    throw new MlrSnetError(
      "SHAPE_MISMATCH",
      `Expected \`${path}\` to keep shape [${known.shape}], got [${shape}]: give each layer a \`scope.child("name")\` of its own.`,
    );
  return known;
}

/** Refuses what is no name, and what is no shape. */
export function checkAsked(name: unknown, shape: unknown): void {
  const isShape = Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 1);
  if (typeof name === "string" && name !== "" && isShape) return;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected a name and a shape of integers ≥ 1 for what a scope is asked for, got ${show(name)} and ${show(shape)}.`,
  );
}
