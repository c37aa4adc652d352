import { checkFraction, checkNotNegative, checkOptionNames, needed, refuse } from "./checks.ts";
import type { AnyHorizon } from "./extend.ts";
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
    refuse(`\`${name}\` to have one of steps, epochs, fraction`, units.join(" and ") || "none");
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

/** Options by the order of their names, for an identity. */
export function inOrder(options: object): object {
  return Object.fromEntries(Object.entries(options).sort());
}

/** What of the run's context the spans are counted in. */
export function needsOf(...spans: readonly Span[]): (keyof RunContext)[] {
  const has = (unit: string): boolean => spans.some((span) => unit in span);
  return [
    ...(has("epochs") ? ["stepsPerEpoch" as const] : []),
    ...(has("fraction") ? ["totalSteps" as const] : []),
  ];
}

/** T, for a state, where one of the spans is a part of the run: such parts are moved with its end. */
export function horizonOf(spans: readonly Span[], context: RunContext): AnyHorizon {
  return spans.some((span) => "fraction" in span) ? { totalSteps: needed(context, "totalSteps") } : {};
}

/** The same for a length as `epochsOrFraction` gives it. */
export function horizonWithoutEpochs(context: RunContext): AnyHorizon {
  return context.stepsPerEpoch === undefined ? { totalSteps: needed(context, "totalSteps") } : {};
}

/** An epoch's worth of steps where the context knows it, else that fraction of the budget. */
export function epochsOrFraction(epochs: number, fraction: number, context: RunContext): number {
  const span = context.stepsPerEpoch === undefined ? { fraction } : { epochs };
  return Math.max(1, stepsOf(span, context));
}
