export {
  checkSameOptions,
  decodeLongHorizonCheckpoint,
  encodeLongHorizonCheckpoint,
  type LongHorizonCheckpoint,
} from "./long-horizon/checkpoint.ts";
export { createSmallEngine } from "./long-horizon/estimator-worker.ts";
export {
  type EvolutionOptions,
  type EvolutionState,
  EvolutionStrategy,
} from "./long-horizon/evolution-strategy.ts";
export { type HeldOut, heldOutTasks, heldOutValue, heldOutValueOf } from "./long-horizon/held-out.ts";
export {
  type LongHorizonRecord,
  type LongHorizonRunOptions,
  type LongHorizonState,
  LongHorizonTraining,
} from "./long-horizon/long-horizon.ts";
export { type Shaping, valuesOf } from "./long-horizon/objective.ts";
export {
  checkLongHorizonOptions,
  type Estimator,
  type LongHorizonOptions,
  longHorizonDefaults,
} from "./long-horizon/options.ts";
export { centredRanks } from "./long-horizon/rank-shaping.ts";
export {
  checkSameRun,
  decodeMetaCheckpoint,
  encodeMetaCheckpoint,
  type MetaCheckpoint,
} from "./paper/checkpoint.ts";
export { type MetaStep, type MetaUpdate, metaStep } from "./paper/meta-step.ts";
export { MetaTrainingRun } from "./paper/meta-training.ts";
export { defaultUpdateEvery, snapshotSteps } from "./paper/plan.ts";
export type {
  MetaRunIdentity,
  MetaTrainingOptions,
  MetaTrainingOutcome,
  MetaTrainingRecord,
  MetaTrainingState,
  Snapshot,
} from "./paper/run.ts";
export type { PopulationDefinition, PopulationOptimizer } from "./population/graph.ts";
export {
  Population,
  type PopulationOptions,
  type PopulationRun,
  type PopulationState,
} from "./population/population.ts";
export { type Architecture, architectures } from "./tasks/architectures.ts";
export { runGenerated, trainable } from "./tasks/generated-runs.ts";
export { type DistributionOptions, dataOf, drawTask, type MetaTask } from "./tasks/task-distribution.ts";
export { type TaskOutcome, TaskRuns } from "./tasks/task-runs.ts";
