export { type EvolutionOptions, type EvolutionState, EvolutionStrategy } from "./evolution-strategy.ts";
export {
  checkSameRun,
  decodeMetaCheckpoint,
  encodeMetaCheckpoint,
  type MetaCheckpoint,
} from "./meta-checkpoint.ts";
export { type MetaStep, type MetaUpdate, metaStep } from "./meta-step.ts";
export {
  defaultUpdateEvery,
  type MetaRunIdentity,
  type MetaTrainingOptions,
  type MetaTrainingOutcome,
  type MetaTrainingRecord,
  MetaTrainingRun,
  type MetaTrainingState,
  type Snapshot,
  snapshotSteps,
} from "./meta-training.ts";
export { centredRanks } from "./rank-shaping.ts";
