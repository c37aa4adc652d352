import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { run } from "../../test/run-command-line.ts";
import { findCandidate } from "../benchmark/index.ts";
import { calibratedNames, controls } from "../benchmark/internal.ts";
import { catalogue, MlrSnet, type RunContext, zooFile, zooNames } from "../schedules/index.ts";
import { references, zoo } from "./schedule-summaries.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-cli-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

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
  "guard-cost",
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
