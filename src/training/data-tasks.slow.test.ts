import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Engine } from "../engine/index.ts";
import { cosine } from "../schedules/index.ts";
import { dataTasks } from "./data-tasks.ts";
import { allDataOf, checkTask } from "./task.ts";
import { TrainingRun } from "./train.ts";

const dataDirectory = fileURLToPath(new URL("../../../shared/data", import.meta.url));
const skip = !existsSync(dataDirectory) && process.env.CI !== "true";

/** Test accuracy that 200 steps reach with any seed; guessing gives 0.1 for images, 0.87 for messages, 0.15 for text. */
const reached: Readonly<Record<string, { baseRate: number; accuracy: number }>> = {
  "mnist/mlp": { baseRate: 0.2, accuracy: 0.85 },
  "fashion-mnist/cnn": { baseRate: 0.03, accuracy: 0.75 },
  "cifar-10/cnn-bn": { baseRate: 0.05, accuracy: 0.33 },
  "sms-spam/bag-mlp": { baseRate: 0.3, accuracy: 0.93 },
  "sms-spam/embedding-mean": { baseRate: 0.02, accuracy: 0.93 },
  "tiny-shakespeare/gru": { baseRate: 0.005, accuracy: 0.25 },
};

describe("the tasks on real data", () => {
  it("are those that are tried here", () => {
    expect(dataTasks.map(({ name }) => name)).toEqual(Object.keys(reached));
  });

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
