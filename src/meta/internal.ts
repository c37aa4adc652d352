/* The inner door: what other floors need of meta/ and users do not. No entry of the package. */
export {
  checkSameOptions,
  decodeLongHorizonCheckpoint,
  encodeLongHorizonCheckpoint,
} from "./long-horizon/checkpoint.ts";
export { createSmallEngine } from "./long-horizon/estimator-worker.ts";
export { EvolutionStrategy } from "./long-horizon/evolution-strategy.ts";
export { heldOutTasks } from "./long-horizon/held-out.ts";
export { valuesOf } from "./long-horizon/objective.ts";
export { checkLongHorizonOptions } from "./long-horizon/options.ts";
export { checkSameRun, decodeMetaCheckpoint, encodeMetaCheckpoint } from "./paper/checkpoint.ts";
export { trainable } from "./tasks/generated-runs.ts";
export { TaskRuns } from "./tasks/task-runs.ts";
