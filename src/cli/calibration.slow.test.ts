import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "../../test/built-cli.ts";

let main: string;
let folder: string;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-calibration-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("calibration", () => {
  it("keeps its rows, goes on from them, and gives the same bits as at once.", async () => {
    const args = ["calibration", "--tasks", "1", "--out", "rows.json"];
    const whole = await runCli(main, [...args, "--json"], { cwd: folder });
    expect(whole.code, whole.stderr).toBe(0);
    const { curves, multiples } = JSON.parse(whole.stdout);
    expect(curves).toHaveLength(9);
    for (const { values, chosen } of curves)
      expect(Math.min(...values)).toBe(values[multiples.indexOf(chosen)]);

    const path = join(folder, "rows.json");
    const kept = JSON.parse(await readFile(path, "utf8"));
    expect(kept.rows).toHaveLength(3);
    await writeFile(path, JSON.stringify({ ...kept, rows: kept.rows.slice(0, 1), result: null }));
    const resumed = await runCli(main, [...args, "--resume", "--json"], { cwd: folder });
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(JSON.parse(resumed.stdout).curves).toEqual(curves);

    await writeFile(path, "{}");
    const damaged = await runCli(main, [...args, "--resume"], { cwd: folder });
    expect(damaged).toMatchObject({ code: 1, stderr: expect.stringContaining("rows of a calibration") });
  });
});
