import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { transformWithOxc } from "vite";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as schedules from "../src/schedules/index.ts";
import { encodeSchedule, initialiseParameters } from "../src/schedules/internal.ts";

type Example = { title: string; code: string };

const root = fileURLToPath(new URL("../", import.meta.url));

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

/** `import { a, type B } from "c";` becomes `const { a } = await load("c");`: a block is run as a function. */
function withoutImports(block: string): string {
  return block.replaceAll(/^import (type )?\{([^}]*)\} from ("[^"]+");$/gm, (_, type, names, from) => {
    const values = names.split(",").filter((name: string) => !name.trim().startsWith("type "));
    return type ? "" : `const {${values.join().replaceAll(" as ", ": ")}} = await load(${from});`;
  });
}

const inSources: Example[] = readdirSync(join(root, "src/schedules"))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .flatMap((file) =>
    examplesOf(readFileSync(join(root, "src/schedules", file), "utf8")).map((code, index) => ({
      title: `src/schedules/${file}, number ${index + 1}`,
      code: withChecks(code),
    })),
  );

const pages = ["README.md", ...readdirSync(join(root, "docs")).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith(".md") && existsSync(join(root, file)))
  .map((file) => ({ file, text: readFileSync(join(root, file), "utf8") }));

const inPages: Example[] = pages.flatMap(({ file, text }) =>
  [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block], index) => ({
    title: `${file}, number ${index + 1}`,
    code: withoutImports(withChecks(block!)),
  })),
);

/** What the pages leave to their reader: someone's own training. */
const reader = {
  weights: [0.5, -0.5],
  batches: [0.3, 0.2, 0.1],
  gradients: (weights: number[], batch: number, statistics?: object) => ({
    loss: batch + Math.hypot(...weights),
    gradient: weights,
    direction: weights,
    moved: statistics,
  }),
  // What a page prints is for people.
  console: { log: () => {} },
};

/** Runs an example; returns how many of its values were checked. */
async function run(code: string, names: Readonly<Record<string, unknown>>): Promise<number> {
  let checks = 0;
  const check = (actual: unknown, expected: unknown): void => {
    checks++;
    if (typeof expected === "number") expect(actual).toBeCloseTo(expected, 9);
    else expect(actual).toBe(expected);
  };
  const scope: Readonly<Record<string, unknown>> = { check, load: (name: string) => import(name), ...names };
  const body = `export async function run(${Object.keys(scope)}) {\n${code}\n}`;
  const plain = (await transformWithOxc(body, "example.ts")).code.replace("export ", "return ");
  await new Function(plain)()(...Object.values(scope));
  return checks;
}

describe("the examples in the docstrings of the schedules", () => {
  it("are found, one a schedule at least", () => {
    expect(inSources.length).toBeGreaterThan(18);
  });

  it.each(inSources)("give the values that they state ($title)", async ({ code }) => {
    expect(await run(code, schedules)).toBeGreaterThan(0);
  });
});

describe("the pages", () => {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), "mlr-snet-"));

  beforeAll(() => {
    const { presets } = schedules;
    const cell = presets["image-meta-train"];
    const thetas = [initialiseParameters(cell, 0)];
    const snapshots = { switchRule: "fractions", fractions: [0], thetas } as const;
    writeFileSync(
      join(folder, "schedule.safetensors"),
      encodeSchedule({ cell, snapshots, provenance: { task: "none: an untrained network" } }),
    );
    process.chdir(folder);
    vi.stubEnv("XDG_CACHE_HOME", folder); // the engine remembers its plans there
  });
  afterAll(() => {
    vi.unstubAllEnvs();
    process.chdir(before);
    rmSync(folder, { recursive: true });
  });

  it.each(inPages)("hold code that runs and gives the values that it states ($title)", async ({ code }) => {
    await run(code, reader);
  });

  it.each(pages)("link to files that are there ($file)", ({ file, text }) => {
    const targets = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, target]) => target!);
    const missing = targets.filter((target) => !existsSync(join(root, file, "..", target)));
    expect(missing).toEqual([]);
  });

  it("list every limit of the guard with its default", () => {
    const { text } = pages.find(({ file }) => file === "docs/guard.md")!;
    const rows = text.split("\n## All limits\n")[1]!.matchAll(/^\| `(\w+)` \| ([^|]+) \| \S/gm);
    const numberOf = (written: string): number => {
      const [above, below = "1"] = written.split("/");
      return Number(above) / Number(below);
    };
    const listed = [...rows].map(([, name, value]) => [name, value!.split(", ").map(numberOf)]);
    const limits = Object.entries(schedules.guardLimits).map(([name, value]) => [name, [value].flat()]);
    expect(listed).toEqual(limits);
  });

  it("list every code of an error with its cure", () => {
    const source = readFileSync(join(root, "src/errors.ts"), "utf8");
    const codes = [...source.matchAll(/^ {2}\| "([A-Z_]+)"/gm)].map(([, code]) => code!);
    expect(codes.length).toBeGreaterThan(10);
    const { text } = pages.find(({ file }) => file === "docs/errors.md")!;
    expect([...text.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code)).toEqual(codes);
  });
});
