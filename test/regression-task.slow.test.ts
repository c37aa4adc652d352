import { beforeAll, describe, expect, it } from "vitest";
import { type CompareResult, compare, findCandidate, guessOf, judgedRun } from "../src/benchmark/index.ts";
import { Engine } from "../src/engine/index.ts";
import { MetaTrainingRun } from "../src/meta/index.ts";
import { constant, cosine, MlrSnet, type Schedule } from "../src/schedules/index.ts";
import { allDataOf, loadTask, splitsOf, type Task, TrainingRun } from "../src/training/index.ts";

let task: Task;
let engine: Engine;
beforeAll(async () => {
  task = await loadTask("./examples/regression-task.mjs");
  engine = await Engine.create({ threads: 1, planFolder: null });
});

describe("examples/regression-task.mjs", () => {
  it("has standardised targets, so that predicting the mean loses about 1.", () => {
    expect(guessOf(task, task.data.train, task.data.test)).toBeCloseTo(1, 1);
    expect(splitsOf(task).validation.labels).toHaveLength(250);
  });

  it("is learned by its network to less than a tenth of that, and nothing speaks of an accuracy.", async () => {
    const schedule = cosine({ baseRate: 0.01 }) as Schedule<unknown>;
    const run = new TrainingRun({ task, data: allDataOf(task), schedule, engine, seed: 0 });
    let evaluation: unknown;
    for await (const { test } of run.records()) evaluation = test ?? evaluation;
    await run.release();
    expect(evaluation).toEqual({ loss: expect.any(Number) });
    expect((evaluation as { loss: number }).loss).toBeLessThan(0.1);
    expect(run.context).not.toHaveProperty("classes");
  });

  it("is compared by the loss, which chooses the rate: one that diverges is not taken.", async () => {
    const candidate = await findCandidate("constant", task, 3);
    const baseRates = [0.0001, 0.01, 30];
    const options = { task, engine, seeds: 2, steps: 60, candidates: [{ ...candidate, baseRates }] };
    const comparison = compare(options);
    let item = await comparison.next();
    while (!item.done) item = await comparison.next();
    const { judgedBy, runs, summary }: CompareResult = item.value;
    expect(judgedBy).toBe("loss");
    expect(runs.map(({ baseRate }) => baseRate)).toEqual([0.01, 0.01]);
    const [first, second] = runs.map(({ last }) => last.loss!);
    expect(summary[0]).toMatchObject({ judgedBy: "loss", diverged: 0, mean: (first! + second!) / 2 });
    expect(summary[0]!.lastLossMean).toBe(summary[0]!.mean);
    expect(JSON.stringify(item.value)).not.toMatch(/ccuracy/);
  });

  it("counts as predicting the mean where all updates are made and the end is no result.", async () => {
    const schedule = constant({ baseRate: 30 }) as Schedule<unknown>;
    const data = allDataOf(task);
    const records = judgedRun({ task, data, schedule, engine, seed: 0, steps: 60, judgeOn: "test" });
    let item = await records.next();
    while (!item.done) item = await records.next();
    const { status, steps, last } = item.value;
    expect([status, steps]).toEqual(["diverged", 60]);
    expect(last).toEqual({ loss: guessOf(task, data.train, data.test) });
  });
});

describe("learned schedules on a task without classes", () => {
  it("are used where they need no classes; those whose γ is computed from them say so, and take a γ that is given.", async () => {
    const options = { task, data: allDataOf(task), engine, seed: 0, steps: 20 };
    const [ours, paper] = await Promise.all([MlrSnet.load("zoo:default"), MlrSnet.load("zoo:paper")]);
    for (const schedule of [ours.schedule(), paper.schedule({ gamma: 0.01 })]) {
      const run = new TrainingRun({ ...options, schedule: schedule as Schedule<unknown> });
      for await (const { loss } of run.records()) expect(loss).toBeLessThan(10);
      expect(run.outcome).toEqual({ status: "done", steps: 20 });
      await run.release();
    }
    const run = new TrainingRun({ ...options, schedule: paper.schedule() as Schedule<unknown> });
    await expect(run.records().next()).rejects.toThrow(
      /computes its range γ .* as in a regression, fix `gamma`/,
    );
    await run.release();
  });

  it("are refused by the paper's recipe, with what to do instead.", () => {
    const options = { task, data: splitsOf(task), engine, seed: 0, steps: 20 };
    expect(() => new MetaTrainingRun(options)).toThrow(
      expect.objectContaining({
        code: "TASK_INVALID",
        message: expect.stringMatching(/γ .* friedman\/mlp with real targets: use the long-horizon recipe/),
      }),
    );
  });
});
