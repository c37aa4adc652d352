export { checkWritable, writeFileAtomic } from "../atomic-file.ts";
export { checkTraining } from "./check-run.ts";
export { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
export { type Evaluation, inLanes, inTurn } from "./evaluation.ts";
export { type GradientResult, Learner } from "./learner.ts";
export type { LearnerState } from "./learner-state.ts";
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
export type { TrainingOptions, TrainingOutcome, TrainingRecord, TrainingState } from "./run.ts";
export { type GradientQuantity, gradientGraph, type NetworkDefinition, traceNetwork } from "./step-graphs.ts";
export {
  allDataOf,
  checkTask,
  type Loss,
  type LossName,
  lossOf,
  type MakeBatches,
  splitsOf,
  type Task,
} from "./task.ts";
export { loadTask } from "./task-file.ts";
export { batchesOf, contextOf, definitionOf, trainingBatches } from "./task-run.ts";
export { findTask, type TaskEntry, tasks } from "./tasks.ts";
export { TrainingRun } from "./train.ts";
