export { type EvolutionOptions, type EvolutionState, EvolutionStrategy } from "./evolution-strategy.ts";
export {
  checkSameRun,
  decodeMetaCheckpoint,
  encodeMetaCheckpoint,
  type MetaCheckpoint,
} from "./meta-checkpoint.ts";
export { defaultUpdateEvery, snapshotSteps } from "./meta-plan.ts";
export type {
  MetaRunIdentity,
  MetaTrainingOptions,
  MetaTrainingOutcome,
  MetaTrainingRecord,
  MetaTrainingState,
  Snapshot,
} from "./meta-run.ts";
export { type MetaStep, type MetaUpdate, metaStep } from "./meta-step.ts";
export { MetaTrainingRun } from "./meta-training.ts";
export { centredRanks } from "./rank-shaping.ts";
