import { MlrSnetError } from "../errors.ts";
import { checkFraction, checkNotNegative, checkOptionNames, needed } from "./checks.ts";
import type { RunContext } from "./schedule.ts";

/**
 * A length of a run, or a point in it: in steps, in epochs (needs `stepsPerEpoch` of the run's context),
 * or as a fraction of the whole (needs `totalSteps`).
 */
export type Span = { steps: number } | { epochs: number } | { fraction: number };

/**
 * The span, checked.
 *
 * @param others names that may stand beside the unit.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` unless exactly one unit is given, in its range, and nothing unknown.
 */
export function checkSpan(name: string, span: Span, others: Readonly<Record<string, true>> = {}): Span {
  checkOptionNames<object>(`\`${name}\``, span, { steps: true, epochs: true, fraction: true, ...others });
  const units = ["steps", "epochs", "fraction"].filter((unit) => Object.hasOwn(Object(span), unit));
  if (units.length !== 1) {
    throw new MlrSnetError(
      "INVALID_ARGUMENT",
      `Expected \`${name}\` to have one of steps, epochs, fraction, got ${units.join(" and ") || "none"}.`,
    );
  }
  if ("fraction" in span) checkFraction(`${name}.fraction`, span.fraction);
  else if ("epochs" in span) checkNotNegative(`${name}.epochs`, span.epochs);
  else checkNotNegative(`${name}.steps`, span.steps);
  return span;
}

/** The span in steps, rounded to the nearest whole one. */
export function stepsOf(span: Span, context: RunContext): number {
  if ("steps" in span) return Math.round(span.steps);
  if ("epochs" in span) return Math.round(span.epochs * needed(context, "stepsPerEpoch"));
  return Math.round(span.fraction * needed(context, "totalSteps"));
}

/** An epoch's worth of steps where the context knows it, else that fraction of the budget. */
export function epochsOrFraction(epochs: number, fraction: number, context: RunContext): number {
  const span = context.stepsPerEpoch === undefined ? { fraction } : { epochs };
  return Math.max(1, stepsOf(span, context));
}
