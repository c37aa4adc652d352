/* Whether a guard leaves healthy runs alone: what `scripts/healthy.mjs` uses. */
export { judgedGuard } from "./healthy-guards.ts";
export { judgeGuard } from "./healthy-judging.ts";
export { healthyManifest } from "./healthy-manifest.ts";
export { recordTraining } from "./healthy-recording.ts";
export { HealthyTasks } from "./healthy-tasks.ts";
