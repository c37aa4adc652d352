export { type Architecture, architectures } from "./architectures.ts";
export { createSmallEngine } from "./estimator-pool.ts";
export { type EvolutionOptions, type EvolutionState, EvolutionStrategy } from "./evolution-strategy.ts";
export { runGenerated, trainable } from "./generated-runs.ts";
export { type HeldOut, heldOutTasks, heldOutValue, heldOutValueOf } from "./held-out.ts";
export {
  type LongHorizonRecord,
  type LongHorizonRunOptions,
  type LongHorizonState,
  LongHorizonTraining,
} from "./long-horizon.ts";
export {
  checkSameOptions,
  decodeLongHorizonCheckpoint,
  encodeLongHorizonCheckpoint,
  type LongHorizonCheckpoint,
} from "./long-horizon-checkpoint.ts";
export {
  checkLongHorizonOptions,
  type Estimator,
  type LongHorizonOptions,
  longHorizonDefaults,
} from "./long-horizon-options.ts";
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
export { type Shaping, valuesOf } from "./objective.ts";
export {
  Population,
  type PopulationOptions,
  type PopulationRun,
  type PopulationState,
} from "./population.ts";
export type { PopulationDefinition, PopulationOptimizer } from "./population-graph.ts";
export { centredRanks } from "./rank-shaping.ts";
export { type DistributionOptions, dataOf, drawTask, type MetaTask } from "./task-distribution.ts";
export { type TaskOutcome, TaskRuns } from "./task-runs.ts";
