export type { LongHorizonCheckpoint } from "./long-horizon/checkpoint.ts";
export type { EvolutionOptions, EvolutionState } from "./long-horizon/evolution-strategy.ts";
export { type HeldOut, heldOutValue, heldOutValueOf } from "./long-horizon/held-out.ts";
export {
  type LongHorizonRecord,
  type LongHorizonRunOptions,
  type LongHorizonState,
  LongHorizonTraining,
} from "./long-horizon/long-horizon.ts";
export type { Shaping } from "./long-horizon/objective.ts";
export { type Estimator, type LongHorizonOptions, longHorizonDefaults } from "./long-horizon/options.ts";
export type { MetaCheckpoint } from "./paper/checkpoint.ts";
export { type MetaStep, type MetaUpdate, metaStep } from "./paper/meta-step.ts";
export { MetaTrainingRun } from "./paper/meta-training.ts";
export type {
  MetaRunIdentity,
  MetaTrainingOptions,
  MetaTrainingOutcome,
  MetaTrainingRecord,
  MetaTrainingState,
  Snapshot,
} from "./paper/run.ts";
export type { PopulationEvaluation } from "./population/evaluation.ts";
export { Population, type PopulationOptions } from "./population/population.ts";
export type { PopulationRun, PopulationState } from "./population/run.ts";
export type { PopulationDefinition } from "./population/trace.ts";
export { type Architecture, architectures, type PopulationOptimizer } from "./tasks/architectures.ts";
export { runGenerated } from "./tasks/generated-runs.ts";
export { type DistributionOptions, dataOf, drawTask, type MetaTask } from "./tasks/task-distribution.ts";
export type { TaskOutcome } from "./tasks/task-runs.ts";
