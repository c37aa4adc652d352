import { expect, it } from "vitest";
import { Engine } from "../../engine/index.ts";
import { decodeSchedule, type IntegratingOutput, presets } from "../../schedules/index.ts";
import { encodeSchedule } from "../../schedules/internal.ts";
import { splitsOf } from "../../training/index.ts";
import { findTask } from "../../training/internal.ts";
import { MetaTrainingRun } from "./meta-training.ts";

it.each(["transfer", "transfer-anytime"] as const)(
  "The paper's meta-training learns the cell %s too: its rate starts near the usual one and moves by its step at most.",
  async (preset) => {
    const engine = await Engine.create({ planFolder: null, threads: 1 });
    const task = { ...(await findTask("mnist1d/logistic").load()), batchSize: 500 };
    const options = { task, data: splitsOf(task), engine, seed: 0, steps: 14, updateEvery: 2, preset };
    const run = new MetaTrainingRun(options);
    const { start, step: δ } = presets[preset].output as IntegratingOutput;
    const unit = 0.1 * (preset === "transfer" ? Math.cbrt(1000 / options.steps) : 1);
    let logRate = Math.log(unit * start);
    for await (const { step, learningRate } of run.records()) {
      const annealed = preset === "transfer" ? 1 - step / options.steps : 1;
      const now = Math.log(learningRate / annealed);
      expect(Math.abs(now - logRate)).toBeLessThanOrEqual(δ / (1 + step / 25));
      logRate = now;
    }
    expect(run.outcome?.status).toBe("done");
    const file = run.schedule();
    expect(decodeSchedule(encodeSchedule(file)).cell).toEqual(run.cell);
    const [first, last] = [file.snapshots.thetas[0]!, file.snapshots.thetas.at(-1)!];
    expect(last).not.toEqual(first);
    await run.release();
  },
);
