import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AblationRow, readRows } from "./ablation-rows.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-ablation-rows-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});
const settings = { generations: 30, seed: 0, seeds: 3, tasks: ["a", "b"], heldOut: 96 };
const row = {
  variant: "default",
  what: "the recipe as it is",
  generations: 30,
  seconds: 1,
  heldOut: { value: -0.8, diverged: 0, tasks: 96 },
  mean: 0.75,
  diverged: 0,
  runs: 6,
  tasks: ["a", "b"].map((task) => ({ task, taskHash: "0", mean: 0.75, diverged: 0 })),
  protocolVersion: 2,
  schedule: "default.safetensors",
  sha256: "ab",
} satisfies Omit<AblationRow, "commit">;
const content = { generations: 30, seed: 0, seeds: 3, rows: [{ ...row, commit: "abc" }], machine: {} };

async function written(value: unknown): Promise<string> {
  const path = join(folder, "rows.json");
  await writeFile(path, typeof value === "string" ? value : JSON.stringify(value));
  return path;
}

describe("readRows", () => {
  it("reads what --out wrote, and the record of it in results/, whose rows are of its commit.", async () => {
    expect(await readRows(await written(content), settings)).toEqual(content);
    const record = { commit: "def", result: { ...content, rows: [row] } };
    expect((await readRows(await written(record), settings))?.rows).toEqual([{ ...row, commit: "def" }]);
    expect(await readRows(join(folder, "none.json"), settings)).toBeUndefined();
  });

  it("refuses rows that were measured otherwise, by the flag that differs.", async () => {
    for (const [changes, flag] of [
      [{ generations: 50 }, "--generations"],
      [{ seed: 1 }, "--seed"],
      [{ seeds: 10 }, "--seeds"],
      [{ tasks: ["a"] }, "--tasks"],
      [{ heldOut: 2 }, "--held-out"],
    ] as const)
      await expect(readRows(await written(content), { ...settings, ...changes })).rejects.toMatchObject({
        code: "USAGE",
        message: expect.stringContaining(`\`${flag}\``),
      });
  });

  it("refuses a file of something else.", async () => {
    for (const wrong of ["{", "null", { rows: {} }, { rows: [{ variant: "default" }] }])
      await expect(readRows(await written(wrong), settings)).rejects.toMatchObject({ code: "FILE_CORRUPT" });
  });
});
