import { type ErrorCode, MlrSnetError } from "../errors.ts";
import { didYouMean } from "./nearest-name.ts";
import type { Observed, RunContext } from "./schedule.ts";
import { show } from "./show.ts";

/** Throws the house's one sentence: what was expected, and what was given instead, with the remedy where there is one. */
export function refuse(
  expected: string,
  got: string,
  code: ErrorCode | undefined = "INVALID_ARGUMENT",
  hint = "",
): never {
  throw new MlrSnetError(code, `Expected ${expected}, got ${got}.${hint}`);
}

/** The value, if it is a finite number that passes; otherwise `INVALID_ARGUMENT`. */
export function checkNumber(
  name: string,
  value: unknown,
  expected: string,
  passes: (value: number) => boolean,
): number {
  if (Number.isFinite(value) && passes(value as number)) return value as number;
  return refuse(`\`${name}\` to be ${expected}`, show(value));
}

export function checkPositive(name: string, value: unknown): number {
  return checkNumber(name, value, "a number > 0", (number) => number > 0);
}

export function checkNotNegative(name: string, value: unknown): number {
  return checkNumber(name, value, "a number >= 0", (number) => number >= 0);
}

export function checkFraction(name: string, value: unknown): number {
  return checkNumber(name, value, "a number from 0 to 1", (number) => number >= 0 && number <= 1);
}

export function checkCount(name: string, value: unknown, least = 1): number {
  return checkNumber(
    name,
    value,
    `an integer >= ${least}`,
    (number) => Number.isInteger(number) && number >= least,
  );
}

/** Every option of a type, each once: the compiler sees that none is forgotten and none made up. */
export type OptionNames<Options> = { readonly [Name in keyof Required<Options>]: true };

/**
 * Options as a user gave them: an object with known names alone, since a misspelt one would be passed over in silence.
 *
 * @param what whose options they are, as it stands in the message: "`cosine`".
 * @throws {MlrSnetError} `INVALID_ARGUMENT` with the nearest name.
 */
export function checkOptionNames<Options extends object>(
  what: string,
  given: Options,
  known: { readonly [Name in keyof OptionNames<Options>]: unknown },
): void {
  const names = Object.keys(known);
  const expected = `the options of ${what} to be an object of ${names.join(", ")}`;
  if (typeof given !== "object" || given === null || Array.isArray(given)) refuse(expected, show(given));
  for (const name of Object.keys(given))
    if (!names.includes(name)) refuse(expected, `\`${name}\``, undefined, didYouMean(name, names));
}

/** The choice, if it is one of the names; otherwise `INVALID_ARGUMENT` with all of them. */
export function checkChoice<Name extends string>(name: string, value: Name, names: readonly Name[]): Name {
  return names.includes(value) ? value : refuse(`\`${name}\` to be one of ${names.join(", ")}`, show(value));
}

/**
 * A count of the run's context that a schedule cannot do without.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` naming the field, if it is absent or no integer >= 1.
 */
export function needed(context: RunContext, field: "totalSteps" | "stepsPerEpoch" | "epochs"): number {
  return context[field] === undefined
    ? refuse(`\`${field}\` in the run's context`, "none")
    : checkCount(field, context[field]);
}

/**
 * What was observed, if it is a number, be it NaN or infinite.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a text, an array of one number, a tensor: arithmetic would join their texts.
 */
export function checkObserved(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  const type = value?.constructor?.name ?? typeof value;
  return refuse(`\`${name}\` to be a number`, `${show(value)} (${type}): give ${name}[0] or ${name}.item()`);
}

/** The step of the run that the schedule's step is, for messages: they differ behind a warm-up. */
export function stepOfRun({ step, stepsBefore = 0 }: Observed): number {
  return step + stepsBefore;
}

/**
 * A number that the training loop observed at this step.
 *
 * @throws {MlrSnetError} `MISSING_OBSERVATION` if the loop did not give it, `NOT_FINITE` if it is NaN or infinite,
 *   `INVALID_ARGUMENT` if it is no number.
 */
export function quantity(observed: Observed, name: keyof Observed): number {
  const value = observed[name];
  if (Number.isFinite(value)) return value!;
  const expected = `\`${name}\` at step ${stepOfRun(observed)}`;
  if (value === undefined || value === null) refuse(expected, "none: see `wants`", "MISSING_OBSERVATION");
  checkObserved(name, value);
  const cure = "the run has diverged, stop it or start again from a lower rate";
  return refuse(`${expected} to be finite`, `${value}: ${cure}`, "NOT_FINITE");
}

/** The rate that a schedule answered, if it is one. @throws {MlrSnetError} `NOT_FINITE`. */
export function checkRate(rate: number, step: number): void {
  if (!(rate >= 0 && Number.isFinite(rate)))
    refuse(`the rate at step ${step} to be a finite number >= 0`, `${rate}`, "NOT_FINITE");
}
