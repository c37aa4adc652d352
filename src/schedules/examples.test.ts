import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as schedules from "./index.ts";

const folder = new URL("./", import.meta.url);

/** The `@example` blocks of a source file, without the stars. */
function examplesOf(source: string): string[] {
  return [...source.matchAll(/@example\n((?: +\*(?! @|\/).*\n)+)/g)].map(([, block]) =>
    block!.replaceAll(/^ +\* ?/gm, ""),
  );
}

/** `expression; // 1 + 1 = 2, a remark` becomes a check that the expression is 2. */
function withChecks(example: string): string {
  return example.replaceAll(
    /^(?!const|let)(\S.*); \/\/ (?:.* = )?(true|[\d.]+)(?=,|$).*$/gm,
    (_, expression, value) => `check(${expression}, ${value});`,
  );
}

/** The `ts` blocks of a page, without imports. */
function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block]) =>
    block!.replaceAll(/^import .*$/gm, ""),
  );
}

const page = readFileSync(new URL("../../docs/schedules.md", folder), "utf8");
const inDocs = blocksOf(page).map((block, index) => ({
  title: `docs/schedules.md, number ${index + 1}`,
  code: withChecks(block),
}));

const inSources = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .flatMap((file) => {
    const found = examplesOf(readFileSync(new URL(file, folder), "utf8"));
    return found.map((example, index) => ({
      title: `${file}, number ${index + 1}`,
      code: withChecks(example),
    }));
  });

describe("the examples in the docstrings and in docs/schedules.md", () => {
  it("are found, one a schedule and one a section at least.", () => {
    expect(inSources.length).toBeGreaterThan(18);
    expect(inDocs.length).toBeGreaterThan(4);
  });

  it.each([...inSources, ...inDocs])("give the values that they state: $title.", ({ code }) => {
    let checks = 0;
    const check = (actual: unknown, expected: unknown): void => {
      checks++;
      if (typeof expected === "number") expect(actual).toBeCloseTo(expected, 9);
      else expect(actual).toBe(expected);
    };
    new Function("check", ...Object.keys(schedules), code)(check, ...Object.values(schedules));
    expect(checks).toBeGreaterThan(0);
  });
});
