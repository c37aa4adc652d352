import {
  augmented,
  type Batches,
  type Dataset,
  exampleCount,
  ShuffledBatches,
  StreamBatches,
} from "../data/index.ts";
import { inputTypeOf, labelTypeOf } from "../data/internal.ts";
import type { RunContext } from "../schedules/index.ts";
import { usualRate } from "./optimizers.ts";
import type { NetworkDefinition } from "./step-graphs.ts";
import { lossOf, type Task } from "./task.ts";

/** The network of a task, as the learner wants it. */
export function definitionOf(task: Task): NetworkDefinition {
  const { train } = task.data;
  return {
    model: task.model,
    loss: lossOf(task),
    optimizer: task.optimizer,
    inputShape: train.inputShape,
    inputType: inputTypeOf(train),
    labelType: labelTypeOf(train),
    labelsPerExample: train.labelsPerExample ?? 1,
  };
}

/** What a schedule is told of a run of `steps` updates on `train`, but for the initial loss; real targets have no classes. */
export function contextOf(
  { batchSize, optimizer }: Task,
  train: Dataset,
  steps: number,
): Required<Omit<RunContext, "initialLoss" | "classes" | "canRollBack">> & Pick<RunContext, "classes"> {
  const stepsPerEpoch = Math.floor(exampleCount(train) / batchSize);
  const epochs = Math.max(1, Math.round(steps / stepsPerEpoch));
  return {
    ...(train.classes !== undefined && { classes: train.classes }),
    totalSteps: steps,
    stepsPerEpoch,
    epochs,
    usualRate: usualRate(optimizer),
  };
}

/** The batches of a data set, as the task wants them; without its augmentation. */
export function batchesOf(
  { batches = "shuffled" }: Pick<Task, "batches">,
  dataset: Dataset,
  options: { batchSize: number; seed: number },
): Batches {
  if (typeof batches === "function") return batches(dataset, options);
  const { batchSize } = options;
  return batches === "stream"
    ? new StreamBatches(dataset, { batchSize })
    : new ShuffledBatches(dataset, options);
}

/** The batches that a run trains on: augmented where the task says so. */
export function trainingBatches(task: Task, train: Dataset, seed: number): Batches {
  const { batchSize, augment } = task;
  const batches = batchesOf(task, train, { batchSize, seed });
  return augment ? augmented(batches, train, augment, seed) : batches;
}
