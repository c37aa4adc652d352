/* The inner door: what other floors need of benchmark/ and users do not. No entry of the package. */

export { learnVariants } from "./ablation.ts";
export { ablationVariants } from "./ablation-variants.ts";
export { prepareRuns } from "./benchmark-plan.ts";
export { keyText } from "./benchmark-unit.ts";
export { calibratedNames } from "./calibrated.ts";
export { fileHash } from "./candidates.ts";
export { runKeyText, summarise } from "./compare-run.ts";
export { controls } from "./controls.ts";
export { guardCostNetworks } from "./guard-cost.ts";
export { referenceNetworks } from "./reference.ts";
export { restingLosses } from "./resting-rate.ts";
export { advantage } from "./score.ts";
export { findSuite } from "./suites.ts";
