import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import packageJson from "../package.json" with { type: "json" };

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (file: string): string => readFileSync(`${root}${file}`, "utf8");

/** The entries of the package: their names, and the source that each is built from. */
const entries = Object.entries(packageJson.exports).flatMap(([name, target]) =>
  typeof target === "string"
    ? []
    : [
        [
          name.replace(".", "mlr-snet"),
          target.default.replace("./dist/", "src/").replace(".js", ".ts"),
        ] as const,
      ],
);

const pages = ["README.md", ...readdirSync(`${root}docs`).map((file) => `docs/${file}`)]
  .filter((file) => file.endsWith(".md"))
  .map(read);
const examples = readdirSync(`${root}examples`).map((file) => read(`examples/${file}`));

/** What the docs name as code: in backticks, in a block, in an example. */
const inCode = [
  ...pages.flatMap((text) => [...text.matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map(([code]) => code)),
  ...examples,
];
const named = new Set(inCode.flatMap((code) => code.match(/[\p{L}_$][\p{L}\d_$]*/gu) ?? []));

describe("the entries of the package", () => {
  it("are public doors, none of them an inner one", () => {
    const sources = entries.map(([, source]) => source);
    expect(sources).toHaveLength(12);
    expect(sources.filter((source) => /\binternal\b/.test(source))).toEqual([]);
  });

  it.each(entries)("%s exports an explicit list, each value of it named in the docs", async (_, source) => {
    expect(read(source)).not.toContain("export *");
    const values = Object.keys(await import(`${root}${source}`));
    expect(values.length).toBeGreaterThan(0);
    expect(values.filter((value) => !named.has(value))).toEqual([]);
  });

  it("have in the core all that the door of the schedules exports, and the error", async () => {
    const [core, schedules] = await Promise.all([
      import("../src/index.ts"),
      import("../src/schedules/index.ts"),
    ]);
    expect(Object.keys(core).sort()).toEqual([...Object.keys(schedules), "MlrSnetError"].sort());
    const typesOf = (source: string): string[] =>
      [...read(source).matchAll(/\btype (\w+)(?=[,\s}])/g)].map(([, name]) => name!).sort();
    const inDoor = [...typesOf("src/schedules/index.ts"), ...typeListsOf("src/schedules/index.ts")];
    const inCore = [...typesOf("src/index.ts"), ...typeListsOf("src/index.ts")];
    expect(inCore.sort()).toEqual([...inDoor, "ErrorCode"].sort());
  });
});

/** The names of `export type { ... }`. */
function typeListsOf(source: string): string[] {
  return [...read(source).matchAll(/^export type \{([^}]*)\}/gm)].flatMap(([, names]) =>
    names!.split(",").map((name) => name.trim()),
  );
}
