export { checkWritable, RecordFile, writeFileAtomic } from "./atomic-file.ts";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
export { type Evaluation, type GradientResult, Learner, type LearnerState } from "./learner.ts";
export type { Batch } from "./memory.ts";
export { type OptimizerOptions, usualRate } from "./optimizers.ts";
export type { GradientQuantity, NetworkDefinition } from "./step-graphs.ts";
export { allDataOf, checkTask, type Loss, type LossName, lossOf, splitsOf, type Task } from "./task.ts";
export { loadTask } from "./task-file.ts";
export { findTask, type TaskEntry, tasks } from "./tasks.ts";
export {
  contextOf,
  definitionOf,
  type TrainingOptions,
  type TrainingOutcome,
  type TrainingRecord,
  TrainingRun,
  type TrainingState,
} from "./train.ts";
