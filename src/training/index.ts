export { checkWritable, writeFileAtomic } from "../atomic-file.ts";
export { checkTraining } from "./check-run.ts";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
export { type Evaluation, type GradientResult, Learner, type LearnerState } from "./learner.ts";
export { crossEntropy, fractionCorrect } from "./losses.ts";
export { allocateMasks, drawMasks, type Masks, maskInputs } from "./masks.ts";
export type { Batch } from "./memory.ts";
export {
  biasCorrections,
  type OptimizerOptions,
  type Slot,
  slotsOf,
  updateDirection,
  usualRate,
} from "./optimizers.ts";
export { RecordFile } from "./record-file.ts";
export { type GradientQuantity, gradientGraph, type NetworkDefinition, traceNetwork } from "./step-graphs.ts";
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
