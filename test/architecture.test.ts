import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";
import { describe, expect, it } from "vitest";
import { catalogue } from "../src/schedules/index.ts";

const source = fileURLToPath(new URL("../src", import.meta.url));

/** Ground floor first; a file imports from its own floor and those below. */
const floors = [
  "errors.ts",
  "random.ts",
  "files",
  "workers",
  "schedules",
  "index.ts",
  "graph",
  "nn",
  "engine",
  "models",
  "data",
  "training",
  "meta",
  "benchmark",
  "report",
  "cli",
];

const files = readdirSync(source, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".ts"))
  .map((path) => ({ path, text: readFileSync(join(source, path), "utf8") }));

const product = files.filter(({ path }) => !path.endsWith(".test.ts") && !path.startsWith("report/page/"));

function importsOf(text: string): string[] {
  return [...text.replaceAll("typeof import(", "").matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
    (match) => match[1]!,
  );
}

function floorOf(path: string): number {
  return floors.indexOf(path.split("/")[0]!.replace(".test.ts", ".ts"));
}

describe("the house", () => {
  it("has no file outside its floors", () => {
    expect(files.filter(({ path }) => floorOf(path) < 0).map(({ path }) => path)).toEqual([]);
  });

  it("has no import that goes upwards", () => {
    const upwards = product.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith("."))
        .map((name) => relative(source, join(source, dirname(path), name)))
        .filter((target) => floorOf(target) > floorOf(path))
        .map((target) => `${path} -> ${target}`),
    );
    expect(upwards).toEqual([]);
  });

  it("reaches into a folder only through its two doors, index.ts and internal.ts, but for the floor of single files", () => {
    const inner = product.flatMap(({ path, text }) =>
      importsOf(text)
        .filter((name) => name.startsWith(".."))
        .map((name) => relative(source, join(source, dirname(path), name)))
        .filter((target) => target.includes("/") && target.split("/")[0] !== path.split("/")[0])
        .filter((target) => !/\/(index|internal)\.ts$/.test(target))
        .map((target) => `${path} -> ${target}`),
    );
    expect(inner).toEqual([]);
  });

  it("is at most two folders deep and has no file called utils", () => {
    expect(files.filter(({ path }) => path.split("/").length > 3).map(({ path }) => path)).toEqual([]);
    expect(
      files.filter(({ path }) => /(utils|helpers|misc)\.ts$/.test(path)).map(({ path }) => path),
    ).toEqual([]);
  });

  it("touches files on disk through one floor alone", () => {
    const others = product
      .filter(({ path }) => !path.startsWith("files/"))
      .filter(({ text }) => importsOf(text).some((name) => name.startsWith("node:fs")))
      .map(({ path }) => path);
    expect(others).toEqual([]);
  });

  it("has no file of more than 250 lines", () => {
    const isCode = /\.(ts|mts|mjs|css|html|py)$/;
    const long = ["src", "test", "scripts", "examples"].flatMap((folder) =>
      readdirSync(join(source, "..", folder), { recursive: true, encoding: "utf8" })
        .filter((path) => isCode.test(path))
        .map((path) => join(folder, path))
        .filter((path) => readFileSync(join(source, "..", path), "utf8").split("\n").length > 251),
    );
    expect(long).toEqual([]);
  });

  it("has schedules that import nothing but errors, random numbers and themselves", () => {
    const foreign = product
      .filter(({ path }) => path.startsWith("schedules/"))
      .flatMap(({ path, text }) => importsOf(text).map((name) => ({ path, name })))
      .filter(({ name }) => !name.startsWith("."));
    expect(foreign).toEqual([]);
  });

  it.each([
    // 25,000 with fourteen schedules in the catalogue: so much for each of them, so that one more does not break the build.
    ["all of the core", "*", 19_400 + 400 * catalogue.length],
    ["MlrSnet and ScheduleRunner", "{ MlrSnet, ScheduleRunner }", 13_000],
    ["cosine and ScheduleRunner", "{ cosine, ScheduleRunner }", 2_048],
  ])("bundles %s without any import left, gzipped within its budget.", async (_, names, budget) => {
    const code = await bundle(`export ${names} from ${JSON.stringify(join(source, "index.ts"))};`);
    expect(importsOf(code)).toEqual([]);
    expect(gzipSync(code, { level: 9 }).length).toBeLessThanOrEqual(budget);
  });
});

/** What people ship who import so much: one file, without what they do not use. */
async function bundle(entry: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "mlr-snet-"));
  try {
    writeFileSync(join(folder, "entry.ts"), entry);
    const result = await build({
      configFile: false,
      logLevel: "silent",
      build: {
        write: false,
        lib: { entry: join(folder, "entry.ts"), formats: ["es"], fileName: "bundle" },
        rolldownOptions: { output: { minify: true } },
      },
    });
    const [first] = Array.isArray(result) ? result : [result];
    return "output" in first! ? first.output[0].code : "";
  } finally {
    rmSync(folder, { recursive: true });
  }
}
