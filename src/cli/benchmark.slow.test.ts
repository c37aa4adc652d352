import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, runCli } from "../../test/built-cli.ts";
import { presets } from "../schedules/index.ts";
import { encodeSchedule, initialiseParameters } from "../schedules/internal.ts";

let main: string;
let folder: string;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-benchmark-"));
  const cell = presets.transfer;
  for (const seed of [0, 1]) {
    const thetas = [initialiseParameters(cell, seed, "fan-in")];
    const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas };
    await writeFile(join(folder, `${seed}.safetensors`), encodeSchedule({ cell, snapshots, provenance: {} }));
  }
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function benchmark(...args: string[]) {
  const { code, stdout, stderr } = await runCli(main, ["benchmark", "--quick", ...args, "--json"], {
    cwd: folder,
  });
  expect(code, stderr).toBe(0);
  const { machine, ...result } = JSON.parse(stdout);
  expect(machine.runtime).toBe(result.runtime);
  return result;
}

const content = async (name: string) => JSON.parse(await readFile(join(folder, name), "utf8"));

describe("benchmark --quick", () => {
  it("gives the same with one worker and two, and the same again from its file.", async () => {
    const tasks = ["dev/mnist1d-mlp", "dev/mnist1d-cnn-noisy"];
    const common = ["--tasks", tasks.join()];
    const args = ["--schedules", "0.safetensors", ...common];
    const two = await benchmark(...args, "--workers", "2", "--out", "two.json");
    const one = await benchmark(...args, "--workers", "1");
    expect(one).toEqual(two);
    const [first] = two.runs;
    expect(first).toMatchObject({ task: "dev/mnist1d-mlp", schedule: "0.safetensors", seed: 1 });
    expect(first).toMatchObject({ participant: "candidate", baseRate: null });
    expect(first).not.toHaveProperty("curve");
    expect(two.summary).toHaveLength(2 * (1 + 4 + 14));
    expect(first.validation.accuracy).toBeGreaterThan(0);
    expect(two.comparators.map(({ task }: { task: string }) => task)).toEqual(tasks);
    const besides = two.paired.filter(({ task }: { task: string }) => task === tasks[0]);
    expect(besides).toHaveLength(4 + 14);
    expect(besides[0]).toMatchObject({ schedule: "0.safetensors", against: "constant", verdict: null });
    const { protocolVersion, tasks: settings, units } = two;
    expect(units[0]).toMatchObject({
      ...{ name: "0.safetensors", protocolVersion, task: tasks[0], taskHash: settings[0].taskHash },
      ...{ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), trainedOn: "training part", seeds: 1 },
      commit: expect.any(String),
    });
    expect(settings[0].settings.examples).toEqual({ train: 3500, validation: 500, test: 1000 });
    expect(two.overall).toMatchObject([{ schedule: "0.safetensors", tasks: 2 }]);

    const before = await content("two.json");
    expect(before).toMatchObject({
      complete: true,
      suite: "dev",
      trials: 2,
      searchSeeds: 1,
      protocolVersion,
    });
    // A file whose units are taken as they are shows in the result: this one was changed by hand.
    before.units[0].runs[0].tuningRuns = 77;
    await writeFile(join(folder, "two.json"), JSON.stringify(before));
    const again = await benchmark(...args, "--workers", "2", "--out", "two.json", "--resume");
    expect(again.runs.filter(({ tuningRuns }: { tuningRuns: number }) => tuningRuns === 77)).toHaveLength(1);
    const plain = (result: { runs: { tuningRuns: number }[] }) => ({
      ...result,
      runs: result.runs.map(({ tuningRuns: _, ...run }) => run),
    });
    expect(plain(again)).toEqual(plain(two));

    // A new candidate: only its own units are new, the old candidate's stay in the file.
    const other = await benchmark(
      "--schedules",
      "1.safetensors",
      ...common,
      "--guard",
      "--out",
      "two.json",
      "--resume",
    );
    expect((await content("two.json")).units).toHaveLength(before.units.length + 2);
    expect(other.overall).toMatchObject([{ schedule: "1.safetensors+guard" }]);
    expect(other.summary.slice(1, 19)).toEqual(two.summary.slice(1, 19));
  });

  it("stopped by Ctrl-C ends with 130, and goes on from what was finished.", async () => {
    const args = ["benchmark", "--quick", "--baselines", "untuned", "--tasks", "dev/mnist1d-gru"];
    const out = join(folder, "stopped.json");
    let hasEnded = false;
    const stopped = await runCli(main, [...args, "--out", out], {
      cwd: folder,
      onStart: async (kill) => {
        // As soon as a unit is on the disk.
        while (!hasEnded && !existsSync(out)) await setImmediate();
        kill("SIGINT");
      },
    }).finally(() => {
      hasEnded = true;
    });
    expect(stopped.code).toBe(130);
    expect(stopped.stderr).toMatch(/stopped\.json, and the same command with --resume goes on/);
    const { complete, units } = await content("stopped.json");
    expect(complete).toBe(false);
    expect(units.length).toBeGreaterThan(0);
    expect(units.length).toBeLessThan(14);
    const resumed = await runCli(main, [...args, "--out", out, "--resume", "--json"], { cwd: folder });
    const whole = await runCli(main, [...args, "--json"], { cwd: folder });
    const runsOf = (text: string) => JSON.parse(text).runs;
    expect(runsOf(resumed.stdout)).toEqual(runsOf(whole.stdout));
    expect(runsOf(whole.stdout)).toHaveLength(14);
  });

  it("prints a table for each task and what it comes to.", async () => {
    const args = ["--quick", "--tasks", "dev/mnist1d-mlp", "--schedules", "0.safetensors", "--seeds", "2"];
    const { code, stdout, stderr } = await runCli(main, ["benchmark", ...args], { cwd: folder });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/dev\/mnist1d-mlp, 500 steps/);
    expect(stdout).toMatch(
      /comparator .*\n(best tuned .*\n)?best untuned .*@default.*\nlearned +0\.safetensors .*points +no verdict/,
    );
    expect(stdout).toMatch(/0\.safetensors on 1 task, in margins/);
    expect(stderr).toMatch(/^19 units, \d+ runs, [\d,]+ steps: about .* free\.\n/);
  });
});
