import type { DataSplits } from "../../data/index.ts";
import type { Engine } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import type { Schedule } from "../../schedules/index.ts";
import { type OptimizerOptions, type Task, TrainingRun } from "../../training/index.ts";
import { architectures, definitionOf } from "./architectures.ts";
import { dataOf, type MetaTask } from "./task-distribution.ts";
import type { TaskOutcome } from "./task-runs.ts";

/** A generated task as `TrainingRun` has them, for schedules that a population cannot drive; its test data are the validation data. */
export function trainable(meta: MetaTask): { task: Task; data: DataSplits } {
  const architecture = architectures[meta.architecture]!;
  const { model, loss, batchSize, optimizer } = definitionOf(architecture, meta.optimizer);
  const { train, validation } = dataOf(meta);
  const task: Task = {
    name: architecture.name,
    data: { train, validation, test: validation },
    model,
    loss,
    optimizer: optimizerOf(meta, optimizer),
    batchSize,
    steps: meta.steps,
  };
  return { task, data: { train, validation, test: validation } };
}

/** The optimizer of a definition with the numbers of the drawn task. */
function optimizerOf(
  { momentum, weightDecay, clipNorm }: MetaTask,
  { clipNorm: clips, ...kind }: OptimizerOptions,
): OptimizerOptions {
  return {
    ...kind,
    ...(kind.momentum !== undefined && { momentum }),
    weightDecay,
    ...(clips !== undefined && clipNorm !== null && { clipNorm }),
  };
}

/**
 * One whole run of a generated task with any schedule: what `TaskRuns` gives for a population of one, guard and all that the
 * schedule asks for included.
 */
export async function runGenerated(
  engine: Engine,
  meta: MetaTask,
  scheduleFor: (task: Task) => Schedule<unknown> | Promise<Schedule<unknown>>,
): Promise<TaskOutcome> {
  const { task, data } = trainable(meta);
  const run = new TrainingRun({
    task,
    data,
    schedule: await scheduleFor(task),
    engine,
    seed: meta.seed,
    evaluateOn: ["validation"],
  });
  const { weights } = run.learner.memory;
  for (let i = 0; i < weights.length; i++) weights[i]! *= meta.initialScale;
  let initialLoss = Number.NaN;
  let sum = 0;
  let end = { loss: Number.NaN, accuracy: 0 };
  try {
    for await (const { step, loss, validation } of run.records()) {
      if (step === 0) initialLoss = loss;
      const ratio = Math.log(loss / initialLoss);
      sum += Number.isNaN(ratio) ? 1 : Math.min(1, Math.max(-12, ratio));
      if (validation) end = { loss: validation.loss, accuracy: validation.accuracy! }; // generated tasks have classes
    }
    if (run.outcome?.status !== "done") end = { loss: Number.NaN, accuracy: 0 };
  } catch (error) {
    // A rate that is not finite loses the run as a loss that is not.
    if (!(error instanceof MlrSnetError && error.code === "NOT_FINITE")) throw error;
    end = { loss: Number.NaN, accuracy: 0 };
  } finally {
    await run.release();
  }
  return {
    losses: [end.loss],
    correct: [end.accuracy],
    progress: [sum / meta.steps],
    initialLoss,
    predicts: architectures[meta.architecture]!.kind === "network",
  };
}
