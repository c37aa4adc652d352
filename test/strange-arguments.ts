import { expect } from "vitest";
import { MlrSnetError } from "../src/errors.ts";
import { input } from "../src/graph/index.ts";

/** One of each kind that may stand in the place of an argument by mistake. */
export const strangeArguments: readonly unknown[] = [
  undefined,
  null,
  3,
  -1,
  Number.NaN,
  "text",
  true,
  [],
  [1, 2],
  {},
  { stride: 2 },
  () => 1,
  new Float32Array(2),
  input("x", [2, 3]),
  input("t", [2, 3], "int32"),
  input("s", []),
  input("image", [2, 3, 4, 4]),
];

/** Whatever a function is given, what it throws is one line of ours. */
export function expectOurs(name: string, call: (...args: unknown[]) => unknown, args: unknown[]): void {
  try {
    call(...args);
  } catch (error) {
    // Tens of thousands of calls: the words are made where they are needed.
    if (error instanceof MlrSnetError && !error.message.includes("\n")) return;
    const given = args.map((argument) => (Array.isArray(argument) ? "list" : typeof argument)).join(", ");
    expect.fail(`${name}(${given}) throws ${error}`);
  }
}
