import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "../../test/built-cli.ts";
import { decodeSchedule } from "../schedules/index.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-demo-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("mlr-snet demo", () => {
  it("learns, transfers, compares, and leaves a report, a schedule file and the results.", async () => {
    const out = join(folder, "out");
    const { code, stdout, stderr } = await runCli(builtCli(), ["demo", "--quick", "--out", out, "--json"], {
      cwd: folder,
    });
    expect(code, stderr).toBe(0);
    const { report, table } = JSON.parse(stdout);
    expect(report).toBe(join(out, "report.html"));
    expect(
      table.map(({ task, schedule }: { task: string; schedule: string }) => `${task} ${schedule}`),
    ).toEqual(
      ["mnist1d/cnn", "mnist1d/mlp"].flatMap((task) =>
        ["mlr-snet", "levels", "constant", "cosine"].map((schedule) => `${task} ${schedule}`),
      ),
    );
    expect(await readFile(report, "utf8")).toContain("its three levels, plain");
    expect(decodeSchedule(await readFile(join(out, "schedule.safetensors"))).snapshots.thetas).toHaveLength(
      3,
    );
    const { comparisons } = JSON.parse(await readFile(join(out, "results.json"), "utf8"));
    expect(comparisons[0].runs[0]).toMatchObject({ schedule: "mlr-snet", tuningRuns: 0, baseRate: null });
  });
});
