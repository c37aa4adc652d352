import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findCandidate } from "../benchmark/index.ts";
import { calibratedNames, controls } from "../benchmark/internal.ts";
import { catalogue, MlrSnet, presets, type RunContext, zooFile, zooNames } from "../schedules/index.ts";
import { encodeSchedule, equalFractions, initialiseParameters } from "../schedules/internal.ts";
import { runCommandLine } from "./command-line.ts";
import { references, zoo } from "./schedule-summaries.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-cli-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const texts = { stdout: "", stderr: "" };
  const into = (name: "stdout" | "stderr") => ({
    write: (text: string) => {
      texts[name] += text;
    },
  });
  const code = await runCommandLine(args, { stdout: into("stdout"), stderr: into("stderr") });
  return { code, ...texts };
}

/** A schedule file of `count` random snapshots. */
async function scheduleFile(count: number): Promise<string> {
  const cell = presets["meta-test"];
  const thetas = Array.from({ length: count }, (_, seed) => initialiseParameters(cell, seed, "fan-in"));
  const snapshots = { switchRule: "epoch-thirds" as const, fractions: equalFractions(count), thetas };
  const path = join(folder, "s.safetensors");
  await writeFile(path, encodeSchedule({ cell, snapshots, provenance: { from: "a test" } }));
  return path;
}

const commands = [
  "demo",
  "meta-train",
  "transfer",
  "compare",
  "replay",
  "inspect",
  "import",
  "export",
  "tasks",
  "schedules",
  "data",
  "bench",
  "reference",
  "insurance",
  "ablation",
  "calibration",
];

describe("help", () => {
  it("lists every command, and explains each with an example that names it.", async () => {
    const { stdout, code } = await run("--help");
    expect(code).toBe(0);
    expect((await run()).stdout).toBe(stdout);
    for (const command of commands) {
      expect(stdout).toContain(`  ${command}`);
      const help = await run(command, "--help");
      expect(help).toMatchObject({ code: 0, stderr: "" });
      if (command !== "data") expect(help.stdout).toContain(`  mlr-snet ${command}`);
    }
  });

  it("is what `help` asks for too.", async () => {
    expect(await run("help")).toEqual(await run("--help"));
    expect(await run("help", "transfer")).toEqual(await run("transfer", "--help"));
  });

  it("prints the version.", async () => {
    const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8"));
    expect(await run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });
});

describe("wrong usage", () => {
  const wrong: [args: string[], message: RegExp][] = [
    [["compar"], /command .* got "compar"\. Did you mean `compare`\? See `mlr-snet --help`/],
    [
      ["compare", "--sed", "1"],
      /flag .* got "--sed"\. Did you mean `--seed`\? See `mlr-snet compare --help`/,
    ],
    [["data", "lst"], /command .* got "lst"\. Did you mean `list`\?/],
    [["data"], /Expected a command, got none/],
    [["--seed", "3", "tsks"], /got "tsks"\. Did you mean `tasks`\? See `mlr-snet --help`/],
    [["tsks", "transfer"], /one of demo, .* got "tsks"/],
    [["replay", "--losses", "1"], /--schedule/],
    [["tasks", "extra"], /Too many arguments/],
    [["tasks", "--seed", "1.5"], /Expected `--seed` to be an integer ≥ 0, got "1.5"/],
    [["tasks", "--device", "gpu"], /Expected `--device` to be one of cpu, webgpu, cuda, got "gpu"/],
    [["compare", "--task", "mnist1d/mlp", "--schedules", "cosin"], /got "cosin"\. Did you mean `cosine`\?/],
    [
      ["compare", "--task", "mnist1d/mlp", "--schedules", "default"],
      /cosine, .* zoo:default, zoo:anytime, zoo:paper, a schedule file, .* Did you mean `zoo:default`\?/,
    ],
    [["transfer", "--task", "mnist1d/mlp", "--schedule", "zoo:defalt"], /Did you mean `zoo:default`\?/],
    [["transfer", "--task", "mnist1d/mpl", "--schedule", "cosine"], /Did you mean `mnist1d\/mlp`\?/],
    [
      ["transfer", "--task", "mnist1d/mlp", "--schedule", "cosine", "--steps", "1", "--epochs", "1"],
      /--epochs/,
    ],
    [["calibration", "--resume"], /`--out` with `--resume`/],
    [["ablation", "--resume"], /`--out` with `--resume`/],
    [
      ["transfer", "--task", "mnist1d/mlp", "--schedule", "calibrated:liner"],
      /Did you mean `calibrated:linear`\?/,
    ],
    [
      ["transfer", "--task", "mnist1d/mlp", "--schedule", "calibrated:linear", "--base-rate", "1"],
      /`--base-rate` with a schedule that is made by hand, got calibrated:linear/,
    ],
    [["replay", "--schedule", "s", "--losses", "1,nan", "--classes", "10"], /`--losses` .* got "nan"/],
    [["data", "fetch", "cifar"], /cifar/],
    [["reference", "--networks", "mlpp"], /Did you mean `mlp`\?/],
    [["meta-train", "--out", "x", "--budget", "5gen"], /`--budget` with `--recipe long-horizon`, got paper/],
    [
      ["meta-train", "--out", "x", "--recipe", "long-horizon", "--t-val", "3"],
      /`--t-val` with `--recipe paper`/,
    ],
    [["meta-train", "--out", "x", "--recipe", "long-horizon", "--steps", "3"], /`--steps` with `--task`/],
    [["meta-train", "--out", "x", "--recipe", "long-horizon", "--budget", "30"], /30m .* 500gen, got "30"/],
    [["meta-train", "--out", "x", "--recipe", "long-horizon", "--budget", "1.5gen"], /500gen, got "1.5gen"/],
    [
      ["meta-train", "--out", "x", "--recipe", "long-horizon", "--preset", "meta-test"],
      /a cell of one plain LSTM layer/,
    ],
    [["meta-train", "--out", "x.jsonl"], /three files .* got x\.jsonl, x\.jsonl, x\.ckpt/],
    [["meta-train", "--out", "x", "--checkpoint", "./x"], /three files/],
    [
      ["transfer", "--task", "mnist1d/mlp", "--schedule", "cosine", "--switch-rule", "fractions"],
      /`--switch-rule` with a schedule that is learned, got cosine/,
    ],
  ];
  it.each(wrong)("%j is one line on standard error and exit status 2.", async (args, message) => {
    const { code, stdout, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(message);
    expect(stderr.match(/\n/g)).toHaveLength(1);
  });

  it("is one JSON object with --json.", async () => {
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await run(...args, "--json");
      expect(code).toBe(2);
      const { error } = JSON.parse(stdout);
      expect(error).toEqual({ code: expect.any(String), message: expect.stringMatching(message) });
      expect(stderr).toBe(`mlr-snet: ${error.message}\n`);
    }
  });
});

describe("lists", () => {
  it("are text for people and one object for programs.", async () => {
    expect((await run("schedules")).stdout).toMatch(/^constant +the same rate/m);
    expect((await run("schedules")).stdout).toMatch(/^zoo:default +learned to transfer/m);
    expect((await run("tasks")).stdout).toMatch(/^mnist1d\/mlp/m);
    expect((await run("data", "list", "--data", folder)).stdout).toMatch(/^mnist1d .* generated/m);
    const { schedules } = JSON.parse((await run("schedules", "--json")).stdout);
    expect(schedules.map(({ name }: { name: string }) => name)).toEqual([
      ...catalogue.map(({ name }) => name),
      ...zooNames.map((name) => `zoo:${name}`),
      ...Object.keys(references),
    ]);
    for (const { summary } of schedules) expect(summary).toMatch(/^.{20,80}$/);
    const { tasks } = JSON.parse((await run("tasks", "--json")).stdout);
    expect(tasks[0]).toMatchObject({ name: "mnist1d/logistic", steps: 1000 });
    const { datasets } = JSON.parse((await run("data", "list", "--json", "--data", folder)).stdout);
    expect(datasets[0]).toMatchObject({ name: "mnist1d", embedded: true });
  });

  it.skipIf(!existsSync(zooFile("zoo:default")))(
    "say truly what a schedule of the zoo needs (skipped where zoo/ is missing).",
    async () => {
      const context: RunContext = { totalSteps: 60, classes: 10, epochs: 6, stepsPerEpoch: 10 };
      for (const name of zooNames) {
        const schedule = (await MlrSnet.load(`zoo:${name}`)).schedule();
        const { needs } = zoo[name]!;
        expect(() =>
          schedule.init(Object.fromEntries(needs.map((need) => [need, context[need]]))),
        ).not.toThrow();
        for (const need of needs) {
          const others = needs.filter((other) => other !== need).map((other) => [other, context[other]]);
          expect(() => schedule.init(Object.fromEntries(others)), `${name} without ${need}`).toThrow(need);
        }
      }
    },
  );
});

describe("the references in the list", () => {
  it("are the calibrated schedules and the controls, with what they need.", async () => {
    expect(Object.keys(references)).toEqual([...calibratedNames, ...Object.keys(controls)]);
    const context: RunContext = { totalSteps: 60, classes: 10 };
    const task = { optimizer: { kind: "sgd" } } as const;
    for (const [name, { needs }] of Object.entries(references)) {
      if (name.startsWith("control:") && !existsSync(zooFile("zoo:default"))) continue;
      const schedule = (await findCandidate(name, task, 1)).create(null);
      expect(() =>
        schedule.init(Object.fromEntries(needs.map((need) => [need, context[need]]))),
      ).not.toThrow();
      for (const need of needs) {
        const others = needs.filter((other) => other !== need).map((other) => [other, context[other]]);
        expect(() => schedule.init(Object.fromEntries(others)), `${name} without ${need}`).toThrow(need);
      }
    }
  });
});

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
