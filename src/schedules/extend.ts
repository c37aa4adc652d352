import { checkCount, refuse, stepOfRun } from "./checks.ts";
import type { Observed, Schedule, ScheduleEvent } from "./schedule.ts";

/**
 * The horizon in a schedule's state, JSON-safe. `totalSteps` is T, the run as it was declared; a schedule goes on counting in
 * its steps when the end is moved, faster or slower.
 */
export type Horizon = {
  totalSteps: number;
  /** Where the end was moved: T', and κ, the steps of the run that make up one of the schedule from then on. */
  extended?: { totalSteps: number; pace: number };
};

/** The same, where a schedule may have none. */
export type AnyHorizon = { totalSteps?: number | null; extended?: NonNullable<Horizon["extended"]> };

/** Nearer to a whole number than this is that number: a drop at step 60 is not missed for a rounding error. */
const whole = 1e-9;

/**
 * Where step t of the run stands in the schedule's own T steps.
 *
 *     v_t = t    until the end is moved,    T - (T' - t)/κ    from then on, so that v is T at T'
 */
export function scheduleStep({ totalSteps, extended }: AnyHorizon, step: number): number {
  if (!extended) return step;
  const own = totalSteps! - (extended.totalSteps - step) / extended.pace;
  const near = Math.round(own);
  return Math.abs(own - near) < whole * totalSteps! ? near : own;
}

/** The run's end: T', or T. */
export function endOf({ totalSteps, extended }: AnyHorizon): number | null | undefined {
  return extended?.totalSteps ?? totalSteps;
}

/**
 * The end of the run moved to T', at step s: v_s stays, and T is reached at T'. Without a horizon nothing changes.
 *
 *     κ' = κ · (T' - s)/(T - s)
 *
 * @param ends whether the rate has come to its end at T.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if it has: from there on nothing that goes on without a jump ends again.
 */
export function extendHorizon<State extends AnyHorizon>(
  state: State,
  step: number,
  totalSteps: number,
  ends: boolean,
): State {
  const end = endOf(state) ?? totalSteps;
  if (end === totalSteps) return state;
  if (step < end) {
    const pace = ((state.extended?.pace ?? 1) * (totalSteps - step)) / (end - step);
    return { ...state, extended: { totalSteps, pace } };
  }
  if (!ends) return state;
  return refuseEnded(end, step);
}

/** At the first step that is past the end. */
export function pastTheEnd(observed: Observed): ScheduleEvent {
  const at = stepOfRun(observed);
  return {
    step: observed.step,
    kind: "past-the-end",
    message: `Step ${at} is past the declared ${at} steps.`,
  };
}

/** For a rate that has come to its end. */
export function refuseEnded(end: number, step: number): never {
  return refuse(
    `\`extend\` before the rate's end at step ${end}`,
    `it at step ${step}: go on with a new schedule`,
  );
}

/**
 * The state of any schedule with the end of its run moved; `step` is the coming one.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if T' is no whole number above the step, if the rate has come to its end, or if
 *   the schedule says that it needs `totalSteps` and not how it is extended.
 */
export function extendState<State>(
  schedule: Schedule<State>,
  state: State,
  step: number,
  totalSteps: number,
): State {
  checkCount("totalSteps", totalSteps, step + 1);
  if (schedule.extend) return schedule.extend(state, step, totalSteps);
  if (schedule.ends !== undefined)
    return extendHorizon(state as State & AnyHorizon, step, totalSteps, schedule.ends);
  if (!schedule.needs?.includes("totalSteps")) return state;
  return refuse("a schedule with a method `extend`", `none: \`${schedule.kind}\` needs \`totalSteps\``);
}
