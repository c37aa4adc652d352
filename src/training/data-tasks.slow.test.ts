import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { reached } from "../../test/data-tasks-table.ts";
import { Engine } from "../engine/index.ts";
import { cosine } from "../schedules/index.ts";
import { dataTasks } from "./data-tasks.ts";
import { allDataOf, checkTask } from "./task.ts";
import { TrainingRun } from "./train.ts";

const dataDirectory = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const skip = !existsSync(dataDirectory) && process.env.CI !== "true";

describe("the tasks on real data", () => {
  it.skipIf(skip).each(dataTasks)("are learned: $name (skipped without ../shared/data)", async (entry) => {
    const task = checkTask(await entry.load({ dataDirectory }));
    const { baseRate, accuracy } = reached[entry.name]!;
    const engine = await Engine.create({ planFolder: null });
    const schedule = cosine({ baseRate });
    const run = new TrainingRun({
      task,
      data: allDataOf(task),
      schedule,
      engine,
      seed: 0,
      steps: 200,
      evaluateOn: ["test"],
    });
    let last = 0;
    for await (const { test } of run.records()) if (test) last = test.accuracy!;
    expect(last).toBeGreaterThan(accuracy);
    await run.release();
  });
});
