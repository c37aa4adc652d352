/* The entry `mlr-snet/file`, apart from the core so that who only drives a run does not load it: makes schedules and writes their files. */
export { initialiseParameters, presetInitialisations } from "./mlr-snet/initialise.ts";
export { withoutNetwork } from "./mlr-snet/no-network.ts";
export { encodeSchedule, equalFractions } from "./mlr-snet/schedule-file.ts";
