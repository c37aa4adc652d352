import { MlrSnetError } from "../errors.ts";

/** Reads the text of a flag. */
export type Parse<Value> = (text: string) => Value;

/** An integer ≥ `least`, and ≤ `most` where more makes no sense. */
export function integer(flag: string, least: number, most: number = Number.MAX_SAFE_INTEGER): Parse<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    throw wrong(flag, `an integer ${range}`, text);
  };
}

/** A finite number > 0, or ≥ 0. */
export function number(flag: string, range: "> 0" | "≥ 0"): Parse<number> {
  return (text) => {
    const value = readNumber(text);
    if (value > 0 || (range === "≥ 0" && value === 0)) return value;
    throw wrong(flag, `a number ${range}`, text);
  };
}

/** Finite numbers, separated by commas. */
export function numbers(flag: string): Parse<number[]> {
  return (text) => {
    const values = text.split(",").map(readNumber);
    const bad = values.findIndex(Number.isNaN);
    if (bad < 0) return values;
    throw wrong(flag, "finite numbers separated by commas", text.split(",")[bad]!);
  };
}

/** Names, separated by commas. */
export function names(flag: string): Parse<string[]> {
  return (text) => {
    const values = text.split(",").map((name) => name.trim());
    if (!values.includes("")) return values;
    throw wrong(flag, "names separated by commas", text);
  };
}

/** One of a few words. */
export function choice<Choice extends string>(flag: string, choices: readonly Choice[]): Parse<Choice> {
  return (text) => {
    const found = choices.find((choice) => choice === text);
    if (found !== undefined) return found;
    throw wrong(flag, `one of ${choices.join(", ")}`, text);
  };
}

/** How long a search may take: seconds of work, or a number of generations. */
export type Budget = { seconds: number } | { generations: number };

const secondsOf: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600 };

/** `90s`, `30m`, `1.5h`, or `500gen`. */
export function budget(flag: string): Parse<Budget> {
  return (text) => {
    const [, figure = "", unit = ""] = /^([0-9.]+)\s*(s|m|h|gen)$/.exec(text.trim()) ?? [];
    const value = readNumber(figure);
    if (unit === "gen" && Number.isSafeInteger(value) && value >= 1) return { generations: value };
    const seconds = value * (secondsOf[unit] ?? Number.NaN);
    if (seconds > 0 && Number.isFinite(seconds)) return { seconds };
    throw wrong(flag, "a time such as 90s, 30m or 2h, or a number of generations such as 500gen", text);
  };
}

/** The finite number that a text is, or NaN. */
function readNumber(text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : Number.NaN;
}

function wrong(flag: string, expected: string, got: string): MlrSnetError {
  return new MlrSnetError("USAGE", `Expected \`${flag}\` to be ${expected}, got ${JSON.stringify(got)}.`);
}
