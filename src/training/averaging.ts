import { MlrSnetError } from "../errors.ts";
import { add, input, multiply, subtract, type Value } from "../graph/index.ts";
import { checkOptionNames } from "../schedules/internal.ts";
import type { OptimizerOptions, Slot } from "./optimizers.ts";

/** The graph's input that holds q_n. */
export const shareName = "averaging.share";

/**
 * Share of the newest weights in the mean of w_0 to w_n, each weighing `decay` times the next:
 *
 *     q_n = (1 - decay) / (1 - decay^(n + 1)),   with decay 1: 1 / (n + 1)
 *
 * @param updates n, made so far.
 */
export function shareOfNewest(decay: number, updates: number): number {
  return decay === 1 ? 1 / (updates + 1) : (1 - decay) / (1 - decay ** (updates + 1));
}

/**
 * The running mean of the weights, without bias to where it began, as Adam's moments are without:
 *
 *     w̄_n = w̄_{n-1} + q_n (w_n - w̄_{n-1})
 *
 * With a decay below 1 exponential, of the last 1 / (1 - decay) updates about; with 1 the mean of all (Polyak's).
 *
 * @see Polyak and Juditsky, SIAM J. Control Optim. 30(4), 1992
 */
export function averageStep(weight: Value, average: Value): Value {
  return add(average, multiply(subtract(weight, average), input(shareName, [])));
}

/**
 * From a weight and what the optimizer keeps of it to the weight at which evaluation happens, each of one parameter.
 */
export type EvaluationRule = (weight: Value, state: Readonly<Partial<Record<Slot, Value>>>) => Value;

/**
 * Where an optimizer is evaluated at other weights than it trains; undefined where these are the same.
 *
 * Its state holds w̄_{n-1}, since the update to w_n is made outside of the graph.
 */
export function evaluationRule({ averaging }: OptimizerOptions): EvaluationRule | undefined {
  return averaging && ((weight, state) => averageStep(weight, state.average!));
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` */
export function checkAveraging(averaging: unknown): void {
  if (averaging === undefined) return;
  checkOptionNames("`optimizer.averaging`", averaging as { decay: number }, { decay: true });
  const { decay } = averaging as { decay: unknown };
  if (typeof decay === "number" && decay >= 0 && decay <= 1) return;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`optimizer.averaging.decay\` to be a number from 0 to 1, got ${decay}.`,
  );
}
