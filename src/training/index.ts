export { writeFileAtomic } from "../atomic-file.ts";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
export { type Evaluation, type GradientResult, Learner, type LearnerState } from "./learner.ts";
export type { Batch } from "./memory.ts";
export { type OptimizerOptions, type Slot, usualRate } from "./optimizers.ts";
export type { GradientQuantity, NetworkDefinition } from "./step-graphs.ts";
export { allDataOf, type Loss, type LossName, splitsOf, type Task } from "./task.ts";
export { loadTask } from "./task-file.ts";
export { type TaskEntry, tasks } from "./tasks.ts";
export {
  definitionOf,
  type TrainingOptions,
  type TrainingOutcome,
  type TrainingRecord,
  TrainingRun,
  type TrainingState,
} from "./train.ts";
