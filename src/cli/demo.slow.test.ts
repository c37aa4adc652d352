import { existsSync } from "node:fs";
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
  it("learns, compares with the zoo and schedules made by hand, and leaves a report, a schedule file and the results.", async () => {
    const out = join(folder, "out");
    const { code, stdout, stderr } = await runCli(builtCli(), ["demo", "--quick", "--out", out, "--json"], {
      cwd: folder,
    });
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("3 generations, 24 whole trainings");
    const { report, table, cuts } = JSON.parse(stdout);
    expect(cuts).toEqual([]);
    expect(report).toBe(join(out, "report.html"));
    expect(
      table.map(({ task, schedule }: { task: string; schedule: string }) => `${task} ${schedule}`),
    ).toEqual(
      ["mnist1d/cnn", "mnist1d/mlp"].flatMap((task) =>
        ["zoo:default", "zoo:paper", "live", "constant", "cosine"].map((schedule) => `${task} ${schedule}`),
      ),
    );
    expect(await readFile(report, "utf8")).toContain("learned just now");
    const live = decodeSchedule(await readFile(join(out, "schedule.safetensors")));
    expect(live.provenance).toMatchObject({ recipe: "long-horizon", generations: 3, seed: 0 });
    const results = JSON.parse(await readFile(join(out, "results.json"), "utf8"));
    expect(results.live.records).toHaveLength(3);
    expect(results.comparisons[0].runs[0]).toMatchObject({
      schedule: "zoo:default",
      tuningRuns: 0,
      baseRate: null,
    });
    expect(results.comparisons[0].verdicts).toHaveLength(3);
    expect(results.comparisons[0]).toMatchObject({ steps: 150, seeds: 2 });
    expect(results.cuts).toEqual([]);
  });

  it("learns the same schedule again.", async () => {
    const read = async (out: string): Promise<Buffer> => {
      const { code, stderr } = await runCli(builtCli(), ["demo", "--quick", "--out", out], { cwd: folder });
      expect(code, stderr).toBe(0);
      return await readFile(join(out, "schedule.safetensors"));
    };
    expect(await read(join(folder, "again"))).toEqual(
      await readFile(join(folder, "out", "schedule.safetensors")),
    );
  });

  it("takes --quick or --full.", async () => {
    const { code, stderr } = await runCli(builtCli(), ["demo", "--quick", "--full"], { cwd: folder });
    expect(code).toBe(2);
    expect(stderr).toMatch(/`--quick` cannot be used with option `--full`/);
  });

  it("stops at Ctrl-C while its workers compare, with one line and the exit status 130.", async () => {
    const out = join(folder, "stopped");
    let timer: NodeJS.Timeout | undefined;
    const { code, signal, stderr, stdout } = await runCli(builtCli(), ["demo", "--quick", "--out", out], {
      cwd: folder,
      onStart: (kill) => {
        // The schedule is written between learning and comparing.
        timer = setInterval(() => {
          if (!existsSync(join(out, "schedule.safetensors"))) return;
          clearInterval(timer);
          kill("SIGINT");
        }, 20);
      },
    });
    clearInterval(timer);
    expect([code, signal]).toEqual([130, null]);
    expect(stdout).toBe("");
    expect(stderr.trimEnd().split("\n").at(-1)).toMatch(/Stopped/);
    expect(existsSync(join(out, "report.html"))).toBe(false);
  });
});
