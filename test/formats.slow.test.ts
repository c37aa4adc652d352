import { cpSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../src/engine/index.ts";
import { divergenceGuard, reduceOnPlateau } from "../src/index.ts";
import {
  decodeCheckpoint,
  loadTask,
  splitsOf,
  type Task,
  TrainingRun,
  type TrainingState,
} from "../src/training/index.ts";
import { builtCli, runCli } from "./built-cli.ts";
import formats from "./fixtures/formats.json" with { type: "json" };

const fixtures = fileURLToPath(new URL("fixtures/formats", import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mlr-snet-formats-"));
  cpSync(fixtures, folder, { recursive: true });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

describe("what a command of an earlier release left", () => {
  it.each(formats)("is gone on with: $name", async ({ resume }) => {
    const { code, stderr } = await runCli(builtCli(), [...resume.split(" "), "--json"], { cwd: folder });
    expect(stderr).toMatch(/^(Nothing to run: all units are in the file\.\n)?$/);
    expect(code).toBe(0);
  });
});

describe("the state of a training of an earlier release", () => {
  it("is gone on with to the end", async () => {
    const bytes = readFileSync(join(fixtures, "training.ckpt"));
    const { data, arrays } = decodeCheckpoint(bytes, "fixture");
    const resume = JSON.parse(JSON.stringify(data), (_, value) =>
      typeof value?.array === "string" ? arrays[value.array] : value,
    ) as TrainingState;
    const logistic = await loadTask("mnist1d/logistic");
    const task: Task = { ...logistic, optimizer: { kind: "adam", averaging: { decay: 0.9 } } };
    const schedule = divergenceGuard(reduceOnPlateau({ baseRate: 0.01, every: { steps: 4 }, patience: 1 }));
    const engine = await Engine.create({ planFolder: null });
    const run = new TrainingRun({ task, data: splitsOf(task), schedule, engine, seed: 0, steps: 12, resume });
    const steps: number[] = [];
    for await (const { step } of run.records()) steps.push(step);
    expect(steps).toEqual([6, 7, 8, 9, 10, 11]);
    expect(run.outcome).toEqual({ status: "done", steps: 12 });
    await run.release();
  });
});
