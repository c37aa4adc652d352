import type { DataSplits } from "../../data/index.ts";
import type { Engine } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import type { CellConfig, Schedule, Vector } from "../../schedules/index.ts";
import { guardedSchedule } from "../../schedules/internal.ts";
import { type Evaluation, loadTask, splitsOf, type Task, TrainingRun } from "../../training/index.ts";
import type { MetaTask } from "../tasks/task-distribution.ts";
import { addProgress, type TaskOutcome } from "../tasks/task-runs.ts";
import type { LongHorizonOptions } from "./options.ts";

/**
 * Runs one given task again and again, for meta-training on it alone: any task, so each candidate trains for itself, in
 * turn. The drawn task gives the seed, and its T, between a tenth of the task's and all of it.
 */
export class SingleTaskRuns {
  readonly #engine: Engine;
  readonly #cell: CellConfig;
  readonly #reference: NonNullable<LongHorizonOptions["task"]>;
  #loaded: { task: Task; data: DataSplits } | undefined;

  constructor(engine: Engine, cell: CellConfig, reference: NonNullable<LongHorizonOptions["task"]>) {
    this.#engine = engine;
    this.#cell = cell;
    this.#reference = reference;
  }

  /** Whole runs from fresh weights on the training data, judged on validation data. @param thetas θ of each candidate. */
  async run({ seed }: Pick<MetaTask, "seed">, thetas: readonly Vector[]): Promise<TaskOutcome> {
    const { reference, steps: most, dataDirectory } = this.#reference;
    if (!this.#loaded) {
      const task = await loadTask(reference, dataDirectory ? { dataDirectory } : {});
      this.#loaded = { task, data: splitsOf(task) };
    }
    const shortest = Math.min(most, Math.max(20, most / 10));
    // The low bits of the seed are as random as the high ones, and independent of what is drawn from it.
    const steps = Math.round(shortest * (most / shortest) ** ((seed % 1009) / 1008));
    const predicts = this.#loaded.task.data.train.classes !== undefined;
    const outcome: TaskOutcome = { losses: [], correct: [], progress: [], initialLoss: 1, predicts };
    for (const theta of thetas) {
      const { loss, accuracy, progress, initialLoss } = await this.#train(this.#loaded, theta, seed, steps);
      outcome.losses.push(loss);
      outcome.correct.push(accuracy ?? 0);
      outcome.progress.push(progress);
      // The same for all that came so far.
      if (initialLoss !== undefined) outcome.initialLoss = initialLoss;
    }
    return outcome;
  }

  async release(): Promise<void> {}

  async #train(
    { task, data }: { task: Task; data: DataSplits },
    theta: Vector,
    seed: number,
    steps: number,
  ): Promise<Evaluation & { progress: number; initialLoss: number | undefined }> {
    const snapshots = { switchRule: "fractions", fractions: [0], thetas: [theta] } as const;
    const schedule = guardedSchedule({ cell: this.#cell, snapshots, provenance: {} }) as Schedule<unknown>;
    const options = { task, data, schedule, engine: this.#engine, seed, steps };
    const run = new TrainingRun({ ...options, evaluateOn: ["validation"] });
    const lost: Evaluation = { loss: Number.NaN };
    const sums = new Float64Array(1);
    let initialLoss: number | undefined;
    let end = lost;
    try {
      for await (const { loss, validation } of run.records()) {
        if (Number.isFinite(loss)) initialLoss ??= loss;
        addProgress(sums, [loss], Math.log(initialLoss ?? Number.NaN));
        if (validation) end = validation;
      }
      if (run.outcome?.status !== "done") end = lost;
    } catch (error) {
      // A rate that is not finite loses the run as a loss that is not.
      if (!(error instanceof MlrSnetError && error.code === "NOT_FINITE")) throw error;
      end = lost;
    } finally {
      await run.release();
    }
    return { ...end, progress: sums[0]! / steps, initialLoss };
  }
}
