import { refuse } from "../checks.ts";
import { show } from "../show.ts";

const deepest = 64;

/**
 * JSON.parse for files from strangers: a key given twice, or nesting deeper than 64, is an error too.
 *
 * @throws {SyntaxError} whatever is wrong.
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // The text is valid here, so every string literal before a colon is a key; JSON.parse keeps equal keys only once.
  let written = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (colon !== undefined) written++;
  if (countKeys(value, 0) !== written) throw new SyntaxError("a key is given twice");
  return value;
}

function countKeys(value: unknown, depth: number): number {
  if (depth > deepest) throw new SyntaxError("nested too deep");
  if (typeof value !== "object" || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((count, child) => count + countKeys(child, depth + 1), own);
}

/**
 * An object of a file from strangers.
 *
 * @param what it is, for the error: "header".
 * @throws {MlrSnetError} `FILE_CORRUPT`.
 */
export function parseRecord(text: string, what: string): Record<string, unknown> {
  try {
    return asRecord(parseStrictJson(text), what);
  } catch (cause) {
    return corrupt(`its ${what} to be a JSON object`, show((cause as Error).message));
  }
}

/** @throws {MlrSnetError} `FILE_CORRUPT` for what is no object. */
export function asRecord(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  return corrupt(`its ${what} to be an object`, show(value));
}

/** For a schedule file that is damaged. */
export function corrupt(expected: string, got: string): never {
  return refuse(expected, got, "FILE_CORRUPT", " The schedule file is damaged.");
}
