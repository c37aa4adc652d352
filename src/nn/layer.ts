import { MlrSnetError } from "../errors.ts";
import type { DataType, Value } from "../graph/index.ts";
import { checkTensor } from "../graph/internal.ts";
import { show } from "../schedules/internal.ts";
import type { Scope } from "./scope.ts";

/** What a layer takes as its x. */
export type LayerInput = {
  /** The axes in words, as in `[batch, ..., features]`. */
  readonly axes: string;
  /** Least and greatest number of axes; default of the greatest: none. */
  readonly rank: readonly [least: number, greatest?: number];
  /** Default float32. */
  readonly dataType?: DataType;
};

/**
 * Builds a layer, its arguments checked, so that whatever is wrong is said with the layer and where it stands.
 *
 * @param kind the layer's function. @param build the layer itself; what it throws is told with the layer's name.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for arguments of the wrong kind; `SHAPE_MISMATCH` for an x of other axes.
 */
export function buildLayer<Output>(
  kind: string,
  scope: Scope,
  x: Value,
  { axes, rank: [least, greatest = Number.POSITIVE_INFINITY], dataType = "float32" }: LayerInput,
  build: () => Output,
): Output {
  if (typeof (scope as Partial<Scope> | undefined)?.parameter !== "function")
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`${kind}\` to be given the model's scope first, as in ${kind}(scope, x, ...), got ${show(scope)}.`,
    );
  checkTensor(kind, x);
  return scope.within(`${kind} at ${scope.place}`, () => {
    const rank = x.shape.length;
    if (rank < least || rank > greatest || x.dataType !== dataType)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected x as ${dataType} ${axes}, got ${x.dataType} [${x.shape}].${cureOf(x.dataType, dataType)}`,
      );
    return build();
  });
}

function cureOf(got: DataType, wanted: DataType): string {
  if (got === wanted) return "";
  return wanted === "int32" ? " Give tokens as an Int32Array." : " Tokens go through `embeddingLayer` first.";
}

/** The number, if it is an integer ≥ 1; otherwise `INVALID_ARGUMENT`. */
export function checkSize(name: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`${name}\` to be an integer ≥ 1, got ${show(value)}.`,
  );
}
