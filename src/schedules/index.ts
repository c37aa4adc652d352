export type { Decision, Observed, RunContext, Schedule, ScheduleEvent } from "./schedule.ts";
