import { checkNotNegative } from "./checks.ts";
import { identityOf } from "./checksum.ts";
import { type AnyHorizon, endOf, pastTheEnd, scheduleStep } from "./extend.ts";
import type { RunContext, Schedule } from "./schedule.ts";

/** A rate that depends on the step alone. */
export type StepRule<State> = {
  kind: string;
  /** Its options, checked and with their defaults; JSON-safe. */
  settings: object;
  /** What `init` must be told; default nothing. */
  needs?: readonly (keyof RunContext)[];
  /** Whether the formula ends at T: its last value holds from there on, and an event at step T says so. Default false. */
  ends?: boolean;
  /** What the rule takes from the run's context. `totalSteps` in it is T: what of the rule is a part of the run. */
  init: (context: RunContext) => State;
  /**
   * @param step t, or where t stands in a run of T steps if its end was moved; then not always a whole number.
   * @param stepOfRun t.
   */
  rateAt: (step: number, state: State, stepOfRun: number) => number;
};

/**
 * A schedule whose rate depends on the step alone. Its state is what it took from the run's context, and never changes, but
 * where the end of the run is moved: see `extendHorizon`.
 */
export function byStep<State extends AnyHorizon>(rule: StepRule<State>): Schedule<State> {
  const { kind, settings, needs = [], ends = false, init, rateAt } = rule;
  return {
    kind,
    identity: identityOf(kind, settings),
    needs,
    init,
    ends,
    next(state, observed) {
      const step = checkNotNegative("step", observed.step);
      const learningRate = rateAt(scheduleStep(state, step), state, step);
      const isEnd = ends && step === endOf(state);
      return { learningRate, state, ...(isEnd && { events: [pastTheEnd(observed)] }) };
    },
  };
}
