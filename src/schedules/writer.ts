/* The entry `mlr-snet/writer`, apart from the core so that who only drives a run does not load it: what makes schedules,
   and what a population needs to drive many. */
export { guardStep } from "./guard/divergence-guard.ts";
export { startGuard } from "./guard/guard-state.ts";
export { checkLimits } from "./guard/limits.ts";
export { learnedLimits } from "./mlr-snet/guarded-schedule.ts";
export { initialiseParameters, presetInitialisations } from "./mlr-snet/initialise.ts";
export { withoutNetwork } from "./mlr-snet/no-network.ts";
export { encodeSchedule, equalFractions } from "./mlr-snet/schedule-file.ts";
