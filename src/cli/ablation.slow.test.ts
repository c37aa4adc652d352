import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "../../test/built-cli.ts";
import { decodeSchedule } from "../schedules/index.ts";

let main: string;
let folder: string;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-ablation-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const task = "dev/mnist1d-gru";
const tiny = ["--seeds", "1", "--held-out", "2", "--tasks", task];
const run = (args: readonly string[], onStart?: (kill: (signal: NodeJS.Signals) => void) => void) =>
  runCli(main, ["ablation", ...tiny, ...args], { cwd: folder, ...(onStart && { onStart }) });

describe("ablation", () => {
  it("measures a schedule and another use of it, learned once for all times.", async () => {
    const args = ["--generations", "2", "--only", "default,guarded", "--folder", "kept"];
    const { code, stdout, stderr } = await run([...args, "--out", "rows.json", "--json"]);
    expect(code, stderr).toBe(0);
    const result = JSON.parse(stdout);
    expect(JSON.parse(await readFile(join(folder, "rows.json"), "utf8"))).toEqual(result);
    expect(result).toMatchObject({
      generations: 2,
      seed: 0,
      seeds: 1,
      machine: { runtime: expect.stringMatching(/^onnxruntime/) },
    });
    const [first, second] = result.rows;
    expect(result.rows).toHaveLength(2);
    expect(first).toMatchObject({ variant: "default", generations: 2, runs: 1, diverged: 0 });
    // After two generations a schedule still raises its rate as it did at the start, beyond what some tasks bear.
    expect(first.heldOut).toEqual({ value: expect.any(Number), diverged: expect.any(Number), tasks: 2 });
    expect(first.tasks).toEqual([{ task, taskHash: expect.any(String), mean: first.mean, diverged: 0 }]);
    expect(first.mean).toBeGreaterThan(0.05);
    expect(second).toMatchObject({ variant: "guarded", heldOut: first.heldOut });

    const path = join(folder, "kept", "default.safetensors");
    const { provenance } = decodeSchedule(await readFile(path));
    expect(provenance).toMatchObject({ recipe: "long-horizon", generations: 2, seed: 0 });
    const { mtimeMs } = await stat(path);
    const again = await run(args);
    expect(again.code, again.stderr).toBe(0);
    expect((await stat(path)).mtimeMs).toBe(mtimeMs);
    expect(again.stdout).toMatch(/^variant +held out +diverged +dev accuracy +diverged +what\n/);
    expect(again.stdout).toMatch(
      /\nguarded +-?\d\.\d{3} +\d\/2 +\d+\.\d % +0\/1 +the default with the divergence guard\n$/,
    );
  });

  it("measures what learns nothing by itself, and puts its row among those that stand in --out.", async () => {
    const only = (names: string) => [
      "--generations",
      "1",
      "--only",
      names,
      "--out",
      "merged.json",
      "--resume",
    ];
    const first = await run([...only("calibrated-linear"), "--json"]);
    expect(first.code, first.stderr).toBe(0);
    const [calibrated] = JSON.parse(first.stdout).rows;
    expect(calibrated).toMatchObject({ variant: "calibrated-linear", generations: null, runs: 1 });
    expect(calibrated.commit).toMatch(/^[0-9a-f]{40}|^unknown$/);
    const second = await run([...only("paper,no-network"), "--json"]);
    expect(second.code, second.stderr).toBe(0);
    const { rows } = JSON.parse(second.stdout);
    const variants = rows.map(({ variant }: { variant: string }) => variant);
    expect(variants).toEqual(["no-network", "calibrated-linear", "paper"]);
    expect(rows[1]).toEqual(calibrated);
    expect(existsSync(join(folder, "ablation"))).toBe(false);
    const other = await run([...only("paper"), "--seeds", "2"]);
    expect(other.stderr).toMatch(/`--seeds` to be 1 as in merged\.json, got 2/);
  });

  it("stopped by Ctrl-C ends with 130 and says how it goes on.", async () => {
    const args = ["--generations", "1000", "--only", "default", "--folder", "stopped"];
    let hasEnded = false;
    const stopped = await run([...args, "--json"], async (kill) => {
      // The folder is made when all has been checked.
      while (!hasEnded && !existsSync(join(folder, "stopped"))) await setImmediate();
      kill("SIGINT");
    }).finally(() => {
      hasEnded = true;
    });
    expect(stopped.code).toBe(130);
    expect(JSON.parse(stopped.stdout).error).toEqual({
      code: "INTERRUPTED",
      message: "Stopped. The schedules learned so far are in stopped: the same command goes on from there.",
    });
    expect(existsSync(join(folder, "stopped", "default.safetensors"))).toBe(false);
  });

  it("refuses names, data and files that do not exist before any work.", async () => {
    for (const [args, code, message] of [
      [["--only", "defualt"], 2, /variant.*Did you mean `default`\?/],
      [["--tasks", "dev/mnist1d-gur"], 2, /task.*Did you mean `dev\/mnist1d-gru`\?/],
      [["--held-out", "0"], 2, /--held-out/],
      [["--out", "no/such/file.json"], 1, /no such folder/],
    ] as const) {
      const { code: status, stderr, stdout } = await run([...args, "--folder", "none"]);
      expect({ status, stdout }, stderr).toEqual({ status: code, stdout: "" });
      expect(stderr).toMatch(/^mlr-snet: [^\n]+\n$/);
      expect(stderr).toMatch(message);
    }
    expect(existsSync(join(folder, "none"))).toBe(false);
  });
});
