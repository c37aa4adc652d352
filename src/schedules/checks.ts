import { MlrSnetError } from "../errors.ts";
import { didYouMean } from "./nearest-name.ts";
import type { Observed, RunContext } from "./schedule.ts";
import { show } from "./show.ts";

/** The value, if it is a finite number that passes; otherwise `INVALID_ARGUMENT` in the house's one sentence. */
export function checkNumber(
  name: string,
  value: unknown,
  expected: string,
  passes: (value: number) => boolean,
): number {
  if (typeof value === "number" && Number.isFinite(value) && passes(value)) return value;
  throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`${name}\` to be ${expected}, got ${show(value)}.`);
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
  known: OptionNames<Options>,
): void {
  const names = Object.keys(known);
  const isObject = typeof given === "object" && given !== null && !Array.isArray(given);
  const wrong = isObject ? Object.keys(given).find((name) => !names.includes(name)) : show(given);
  if (wrong === undefined) return;
  const expected = `Expected the options of ${what} to be ${isObject ? "" : "an object of "}${names.join(", ")}`;
  const got = isObject ? `\`${wrong}\`.${didYouMean(wrong, names)}` : `${wrong}.`;
  throw new MlrSnetError("INVALID_ARGUMENT", `${expected}, got ${got}`);
}

/** The choice, if it is one of the names; otherwise `INVALID_ARGUMENT` with all of them. */
export function checkChoice<Name extends string>(name: string, value: Name, names: readonly Name[]): Name {
  if (names.includes(value)) return value;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`${name}\` to be one of ${names.join(", ")}, got ${show(value)}.`,
  );
}

/**
 * A count of the run's context that a schedule cannot do without.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` naming the field, if it is absent or no integer >= 1.
 */
export function needed(context: RunContext, field: "totalSteps" | "stepsPerEpoch" | "epochs"): number {
  if (context[field] !== undefined) return checkCount(field, context[field]);
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`${field}\` in the run's context, got none. This schedule needs it: give \`{ ${field}: ... }\`.`,
  );
}

/**
 * What was observed, if it is a number, be it NaN or infinite.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a text, an array of one number, a tensor: arithmetic would join their texts.
 */
export function checkObserved(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw new MlrSnetError(
    "INVALID_ARGUMENT",
    `Expected \`${name}\` to be a number, got ${show(value)} (${value?.constructor?.name ?? typeof value}): take the number out of it, as by ${name}[0] or ${name}.item().`,
  );
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
  if (value === undefined || value === null) {
    throw new MlrSnetError(
      "MISSING_OBSERVATION",
      `Expected \`${name}\` at step ${stepOfRun(observed)}, got none. This schedule reads it: see \`wants\`.`,
    );
  }
  if (Number.isFinite(checkObserved(name, value))) return value;
  throw new MlrSnetError(
    "NOT_FINITE",
    `Expected \`${name}\` at step ${stepOfRun(observed)} to be a finite number, got ${value}. The run has diverged: stop it or start again from a lower rate.`,
  );
}

/** The rate that a schedule answered, if it is one. @throws {MlrSnetError} `NOT_FINITE`. */
export function checkRate(rate: number, step: number): void {
  if (rate >= 0 && rate < Number.POSITIVE_INFINITY) return;
  throw new MlrSnetError(
    "NOT_FINITE",
    `Expected the rate at step ${step} to be a finite number >= 0, got ${rate}.`,
  );
}
