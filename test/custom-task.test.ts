import { describe, expect, it } from "vitest";
import task from "../examples/custom-task.ts";
import { Engine } from "../src/engine/index.ts";
import { cosine, type Schedule } from "../src/schedules/index.ts";
import { allDataOf, loadTask, TrainingRun } from "../src/training/index.ts";
import { checkTask } from "../src/training/internal.ts";

describe("examples/custom-task.ts", () => {
  it("is a valid task, accepted by its path.", async () => {
    expect(checkTask(task)).toBe(task);
    expect((await loadTask("./examples/custom-task.ts")).name).toBe("spirals/mlp");
  });

  it("is learned by its network to more than 95 %, which no straight line could do.", async () => {
    const engine = await Engine.create({ threads: 1, planFolder: null });
    const schedule = cosine({ baseRate: 0.2 }) as Schedule<unknown>;
    const run = new TrainingRun({
      task,
      data: allDataOf(task),
      schedule,
      engine,
      seed: 0,
      evaluateOn: ["test"],
    });
    let accuracy = 0;
    for await (const { test } of run.records()) accuracy = test?.accuracy ?? accuracy;
    await run.release();
    expect(accuracy).toBeGreaterThan(0.95);
  });
});
