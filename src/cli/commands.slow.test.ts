import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { builtCli, type CliResult, runCli } from "../../test/built-cli.ts";

const official = fileURLToPath(new URL("../../../shared/data/mlr-snet-official", import.meta.url));
const golden = new URL("../../test/golden/official-forward.json", import.meta.url);

let main: string;
let folder: string;
beforeAll(async () => {
  main = builtCli();
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-e2e-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

function run(...args: string[]): Promise<CliResult> {
  return runCli(main, args, { cwd: folder });
}

async function json(...args: string[]) {
  const { code, stdout, stderr } = await run(...args, "--json");
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout);
}

// Files of others that are not part of the project: where they are not, this is skipped and says so.
describe.skipIf(!existsSync(official))("the authors' checkpoints (needs ../shared/data)", () => {
  it("are imported and replayed with the reference outputs of the authors' network.", async () => {
    const { losses, p } = JSON.parse(await readFile(golden, "utf8"));
    for (const snapshot of ["1", "100", "200"]) {
      const out = `${snapshot}.safetensors`;
      const pth = join(official, `mlr_snet_${snapshot}.pth`);
      expect(await json("import", pth, "--out", out)).toEqual({ out, snapshots: 1 });
      const replayed = await json("replay", "--schedule", out, "--losses", losses.join(), "--classes", "10");
      for (const [step, expected] of p[snapshot].entries()) {
        expect(Math.abs(replayed.p[step] - expected)).toBeLessThanOrEqual(1e-5 * expected + 1e-8);
        expect(replayed.learningRates[step]).toBe(replayed.gamma * replayed.p[step]);
      }
    }
  });

  it("take turns as three snapshots of one file.", async () => {
    const paths = ["1", "100", "200"].map((snapshot) => join(official, `mlr_snet_${snapshot}.pth`));
    const out = "official.safetensors";
    expect(await json("import", ...paths, "--switch-rule", "fractions", "--out", out)).toMatchObject({
      snapshots: 3,
    });
    const { snapshots } = await json("inspect", out);
    expect(snapshots).toMatchObject({ count: 3, switchRule: "fractions" });
    const losses = new Array(90).fill(0.5).join();
    const { p } = await json("replay", "--schedule", out, "--losses", losses, "--classes", "10");
    // Steady p of the three snapshots, from the authors' recordings.
    for (const [step, steady] of [
      [29, 0.728],
      [59, 0.036],
      [89, 0.018],
    ] as const)
      expect(Math.abs(p[step] - steady)).toBeLessThan(0.002);
  });
});

describe("meta-train, then transfer and compare", () => {
  it("carries a schedule from one task to another.", async () => {
    const learned = await json(
      "meta-train",
      "--task",
      "mnist1d/logistic",
      "--steps",
      "120",
      "--out",
      "s.safetensors",
    );
    expect(learned).toMatchObject({
      status: "done",
      steps: 120,
      snapshots: 3,
      out: "s.safetensors",
      records: "s.jsonl",
    });
    const records = (await readFile(join(folder, "s.jsonl"), "utf8")).trim().split("\n");
    expect(records.map((line) => JSON.parse(line).step)).toEqual(
      Array.from({ length: 120 }, (_, step) => step),
    );

    const target = ["--task", "mnist1d/mlp", "--steps", "105"];
    const transferred = await json(
      "transfer",
      "--schedule",
      "s.safetensors",
      ...target,
      "--out",
      "run.jsonl",
    );
    expect(transferred).toMatchObject({
      task: "mnist1d/mlp",
      seed: 0,
      steps: 105,
      status: "done",
      records: "run.jsonl",
    });
    expect(transferred.gammas).toHaveLength(3);
    expect(transferred.acts).toEqual([]);
    expect(transferred.last.accuracy).toBeGreaterThan(0.15); // guessing is 0.1
    const again = await json("transfer", "--schedule", "s.safetensors", ...target);
    expect({ ...again, records: "run.jsonl" }).toEqual(transferred);

    const compared = await json(
      "compare",
      "--schedules",
      "s.safetensors,constant",
      ...target,
      "--seeds",
      "2",
      "--trials",
      "2",
    );
    expect(compared).toMatchObject({ task: "mnist1d/mlp", judgedBy: "accuracy", comparator: "constant" });
    expect(Object.keys(compared.runs[0])).toEqual([
      "task",
      "schedule",
      "seed",
      "baseRate",
      "status",
      "last",
      "best",
      "validation",
      "tuningRuns",
      "acts",
    ]);
    expect(compared.paired).toHaveLength(2);
    expect(compared.paired[0]).toMatchObject({
      schedule: "s.safetensors",
      against: "constant",
      difference: expect.any(Number),
      low: expect.any(Number),
      high: expect.any(Number),
      verdict: null, // two seeds show nothing
    });
    expect(
      compared.summary.map(({ schedule, tuningRuns }: { schedule: string; tuningRuns: number }) => [
        schedule,
        tuningRuns,
      ]),
    ).toEqual([
      ["s.safetensors", 0],
      ["constant", 4],
    ]);
  });

  it("says of a run that diverges that it did, and calls that no failure.", async () => {
    const args = [
      "transfer",
      "--schedule",
      "constant",
      "--base-rate",
      "1e6",
      "--task",
      "mnist1d/mlp",
      "--steps",
      "50",
    ];
    expect(await json(...args)).toMatchObject({
      status: "diverged",
      last: { loss: null, accuracy: 0.1 },
      gammas: [],
    });
  });

  it("says of a regression its loss, and nothing of accuracies, percentages or numbers that are none.", async () => {
    const target = ["--task", fileURLToPath(new URL("../../examples/regression-task.mjs", import.meta.url))];
    const transferred = await run("transfer", "--schedule", "zoo:default", ...target, "--steps", "40");
    expect(transferred.stdout).toMatch(
      /^friedman\/mlp with zoo:default.*\ntest loss {6}\d\.\d+ at the last step, /,
    );
    const schedules = ["--schedules", "zoo:default,constant", "--trials", "2", "--seeds", "2"];
    const compared = await run("compare", ...schedules, ...target, "--steps", "20");
    expect(compared.stdout).toMatch(
      /^friedman\/mlp, 20 steps, 2 seeds: loss on test data.*\nschedule +rate +last loss +best +tuning runs\n/,
    );
    for (const { code, stdout } of [transferred, compared]) {
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/%|ccuracy|NaN|undefined/);
    }
    const lost = ["--schedule", "constant", "--base-rate", "30", ...target, "--steps", "40"];
    expect(await json("transfer", ...lost)).toMatchObject({
      status: "diverged",
      judgedBy: "loss",
      steps: 40,
    });
    const refused = await run("transfer", "--schedule", "zoo:paper", ...target);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/computes its range γ .* as in a regression/);
  });
});

describe("standard output", () => {
  it("may be closed early by its reader.", async () => {
    const through = ["sh", "-c", '"$@" | head -n 1', "sh"];
    const { code, stdout, stderr } = await runCli(main, ["tasks"], { cwd: folder, through });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.split("\n")).toHaveLength(2);
  });
});
