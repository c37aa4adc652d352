import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../test/run-command-line.ts";
import { presets, zooFile, zooNames } from "../schedules/index.ts";
import { encodeSchedule, equalFractions, initialiseParameters } from "../schedules/internal.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-cli-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** A schedule file of `count` random snapshots. */
async function scheduleFile(count: number): Promise<string> {
  const cell = presets["meta-test"];
  const thetas = Array.from({ length: count }, (_, seed) => initialiseParameters(cell, seed, "fan-in"));
  const snapshots = { switchRule: "epoch-thirds" as const, fractions: equalFractions(count), thetas };
  const path = join(folder, "s.safetensors");
  await writeFile(path, encodeSchedule({ cell, snapshots, provenance: { from: "a test" } }));
  return path;
}

describe("replay", () => {
  it("gives learning rates that are gamma times p, bit for bit, while one snapshot is in force.", async () => {
    const path = await scheduleFile(1);
    const { stdout } = await run(
      "replay",
      "--schedule",
      path,
      "--losses",
      "2.3,1.2,0.4",
      "--classes",
      "10",
      "--json",
    );
    const { p, gamma, learningRates } = JSON.parse(stdout);
    expect(p).toHaveLength(3);
    expect(learningRates).toEqual(p.map((value: number) => gamma * value));
  });

  it("asks for epochs where snapshots take turns by them, and then switches.", async () => {
    const path = await scheduleFile(3);
    const args = ["replay", "--schedule", path, "--losses", "1,1,1", "--classes", "10", "--json"];
    expect((await run(...args)).stderr).toMatch(/Expected `--epochs` and `--steps-per-epoch`/);
    const switched = JSON.parse((await run(...args, "--epochs", "3", "--steps-per-epoch", "1")).stdout);
    const kept = JSON.parse((await run(...args, "--epochs", "30", "--steps-per-epoch", "1")).stdout);
    expect(switched.p[0]).toBe(kept.p[0]);
    expect(switched.p[2]).not.toBe(kept.p[2]);
  });

  it("asks for the classes only where a schedule computes its range from them or reads them.", async () => {
    const args = ["replay", "--losses", "2,1", "--json"];
    const integrating = JSON.parse((await run(...args, "--schedule", "zoo:default")).stdout);
    expect(integrating).toMatchObject({ p: [], gamma: null });
    expect(integrating.learningRates).toHaveLength(2);
    const refused = await run(...args, "--schedule", await scheduleFile(1));
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/Expected `--classes`, got none/);
  });

  it("refuses epochs without their steps, and losses below 0 in no other words than those given.", async () => {
    const args = ["replay", "--schedule", "zoo:default", "--losses", "2,1", "--epochs", "3"];
    expect(await run(...args)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/`--epochs` and `--steps-per-epoch` together, got `--epochs` alone/),
    });
    const negative = await run("replay", "--schedule", "zoo:default", "--losses", "-1,-2");
    expect(negative.stderr).not.toMatch(/initialLoss/);
  });

  it("takes gamma from the initial loss where one is given.", async () => {
    const args = [
      "replay",
      "--schedule",
      await scheduleFile(1),
      "--losses",
      "1",
      "--classes",
      "10",
      "--json",
    ];
    const { gamma } = JSON.parse((await run(...args, "--initial-loss", String(Math.log(10)))).stdout);
    expect(gamma).toBeCloseTo(0.669, 3); // the paper's γ for ten classes
  });
});

describe("inspect", () => {
  it("tells what the file holds.", async () => {
    const path = await scheduleFile(3);
    const json = JSON.parse((await run("inspect", path, "--json")).stdout);
    expect(Object.keys(json)).toEqual(["formatVersion", "cell", "snapshots", "provenance", "sha256"]);
    expect(json.snapshots).toMatchObject({ count: 3, switchRule: "epoch-thirds", parameters: 11776 });
    expect(json.provenance).toEqual({ from: "a test" });
    expect((await run("inspect", path)).stdout).toContain("3 snapshots, taking turns by epoch-thirds");
  });

  it("names the file that is damaged or missing, with exit status 1.", async () => {
    const path = await scheduleFile(1);
    await writeFile(path, (await readFile(path)).subarray(0, 1000));
    expect(await run("inspect", path)).toMatchObject({ code: 1, stderr: expect.stringContaining(path) });
    const missing = await run("inspect", join(folder, "none"), "--json");
    expect(JSON.parse(missing.stdout).error.code).toBe("FILE_NOT_FOUND");
    expect(missing.code).toBe(1);
  });

  it("knows the names of the zoo, as replay and export do.", async () => {
    const commands = [
      ["inspect", "zoo:defualt"],
      ["export", "zoo:defualt", "--format", "json", "--out", join(folder, "x")],
      ["replay", "--schedule", "zoo:defualt", "--losses", "1", "--classes", "10"],
    ];
    for (const command of commands)
      expect(await run(...command)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("Did you mean `zoo:default`?"),
      });
  });

  it.skipIf(!existsSync(zooFile("zoo:default")))(
    "knows control:no-network, as replay does, which says that the network is silent (skipped where zoo/ is missing).",
    async () => {
      const { cell, provenance } = JSON.parse((await run("inspect", "control:no-network", "--json")).stdout);
      expect([cell.output.start, provenance.name]).toEqual([8, "control:no-network"]);
      const args = ["--schedule", "control:no-network", "--losses", "2,1,3,0.5", "--classes", "10", "--json"];
      const { learningRates } = JSON.parse((await run("replay", ...args)).stdout);
      // Four steps have the rates of twenty.
      const unit = 0.1 * Math.cbrt(1000 / 20);
      for (const [step, rate] of learningRates.entries())
        expect(rate).toBeCloseTo(8 * unit * (1 - step / 4), 10);
    },
  );

  it.skipIf(!existsSync(zooFile("zoo:default")))(
    "shows the schedules of the zoo (skipped where zoo/ is missing).",
    async () => {
      for (const name of zooNames) {
        const json = JSON.parse((await run("inspect", `zoo:${name}`, "--json")).stdout);
        expect(json.sha256).toMatch(/^[0-9a-f]{64}$/);
        expect(json.provenance).not.toEqual({});
      }
    },
  );
});

describe("export", () => {
  it("writes every tensor as JSON.", async () => {
    const out = join(folder, "s.json");
    const { stdout } = await run("export", await scheduleFile(2), "--format", "json", "--out", out, "--json");
    expect(JSON.parse(stdout)).toEqual({ out });
    const { tensors, cell } = JSON.parse(await readFile(out, "utf8"));
    expect(cell.hidden).toBe(50);
    expect(tensors).toHaveLength(2);
    expect(tensors[1]["layer3.weight"].shape).toEqual([1, 50]);
    expect(tensors[1]["layer3.weight"].data).toHaveLength(50);
  });

  it("writes a table of what each snapshot answers a loss at rest.", async () => {
    const out = join(folder, "s.csv");
    await run("export", await scheduleFile(2), "--format", "table", "--out", out);
    const [header, first] = (await readFile(out, "utf8")).split("\n");
    expect(header).toBe("snapshot,starts,loss,p");
    expect(first).toMatch(/^0,0,0\.001,0\.\d+$/);
  });

  it("refuses onnx, which this release does not write.", async () => {
    const failed = await run("export", await scheduleFile(1), "--format", "onnx", "--out", join(folder, "x"));
    expect(failed).toMatchObject({ code: 1, stderr: expect.stringContaining("onnx") });
    expect(await readdir(folder)).toEqual(["s.safetensors"]);
  });
});
