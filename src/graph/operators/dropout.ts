import { MlrSnetError } from "../../errors.ts";
import { sameShape, shapeOf, type Value } from "../value.ts";
import { multiply } from "./arithmetic.ts";

/**
 * x with some elements dropped and the rest scaled up.
 *
 * @param mask of x's shape: 0 with the drop probability p, else 1 / (1 - p). Given from outside, drawn by the
 * project's own generator, because random operators of the runtime keep hidden state.
 */
export function dropout(x: Value, mask: Value): Value {
  if (!sameShape(shapeOf("dropout", x), shapeOf("dropout", mask)))
    throw new MlrSnetError("SHAPE_MISMATCH", `Expected a mask of shape [${x.shape}], got [${mask.shape}].`);
  return multiply(x, mask);
}
