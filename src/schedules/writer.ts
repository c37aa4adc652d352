/* The entry `mlr-snet/writer`, apart from the core so that who only drives a run does not load it. */
export { encodeSchedule } from "./mlr-snet/schedule-file.ts";
