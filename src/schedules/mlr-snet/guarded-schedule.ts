import { type DivergenceGuardState, divergenceGuard } from "../divergence-guard.ts";
import type { GuardLimits } from "../guard/limits.ts";
import type { Schedule } from "../schedule.ts";
import type { CellConfig } from "./config.ts";
import { learnedSchedule, type MlrSnetOptions } from "./learned-schedule.ts";
import type { MlrSnetState } from "./learned-state.ts";
import type { ScheduleFile } from "./schedule-file.ts";

export type GuardedOptions = MlrSnetOptions & {
  /** Limits of the guard that differ, or false for none. Default: a guard for the integrating form, none for the paper's. */
  divergenceGuard?: Partial<GuardLimits> | false;
};

/** The state of a learned schedule, with the guard around it or without. */
export type LearnedState = MlrSnetState | DivergenceGuardState<MlrSnetState>;

/** The limits of the guard around a learned schedule: it cuts to a half, or as a file of an earlier release says. */
export function learnedLimits({ output }: Pick<CellConfig, "output">): Partial<GuardLimits> {
  return { cut: (output !== "sigmoid" && output.backOff) || 1 / 2 };
}

/**
 * A learned schedule as it is used: exploring upwards is safe only where a lost run can come back, so one of the
 * integrating form has the guard around it. The guard is no part of the file.
 *
 * @throws {MlrSnetError} as `learnedSchedule` and `divergenceGuard`.
 */
export function guardedSchedule(
  file: ScheduleFile,
  { divergenceGuard: given, ...options }: GuardedOptions = {},
): Schedule<LearnedState> {
  const schedule = learnedSchedule(file, options);
  const limits = given ?? (file.cell.output === "sigmoid" ? false : {});
  if (limits === false) return schedule as Schedule<LearnedState>;
  return divergenceGuard(schedule, { ...learnedLimits(file.cell), ...limits }) as Schedule<LearnedState>;
}
