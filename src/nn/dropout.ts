import { MlrSnetError } from "../errors.ts";
import { multiply, type Value } from "../graph/index.ts";
import { show } from "../schedules/internal.ts";
import { buildLayer } from "./layer.ts";
import type { Scope } from "./scope.ts";

/**
 * Dropout: each element is zero with the given probability, the others are scaled by 1 / (1 - probability).
 * The mask is an input, drawn by the learner from seed and step, since random operators of a runtime hide their state.
 *
 * Two dropouts on one scope have masks of their own.
 *
 * @param probability 0 to below 1.
 * @see Srivastava et al., JMLR 15 (2014)
 */
export function dropoutLayer(scope: Scope, x: Value, probability: number): Value {
  return buildLayer("dropoutLayer", scope, x, { axes: "[batch, ...]", rank: [1] }, () => {
    if (!(typeof probability === "number" && probability >= 0 && probability < 1))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`probability\` to be a number from 0 to below 1, got ${show(probability)}.`,
      );
    if (scope.mode === "eval" || probability === 0) return x;
    return multiply(x, scope.mask("mask", x.shape, probability));
  });
}
