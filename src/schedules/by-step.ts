import { checkNotNegative } from "./checks.ts";
import type { RunContext, Schedule } from "./schedule.ts";

/**
 * A schedule whose rate depends on the step alone. Its state is what it took from the run's context, and never changes.
 *
 * A state with `totalSteps` (T) belongs to a formula that ends: from step T on its last value holds, and an event at
 * step T says that the run is longer than it was declared.
 */
export function byStep<State extends object>(
  kind: string,
  init: (context: RunContext) => State,
  rateAt: (step: number, state: State) => number,
): Schedule<State> {
  return {
    kind,
    init,
    next(state, { step }) {
      const learningRate = rateAt(checkNotNegative("step", step), state);
      if (!("totalSteps" in state) || step !== state.totalSteps) return { learningRate, state };
      const message = `Step ${step} is past the declared ${step} steps: the rate stays at ${learningRate}.`;
      return { learningRate, state, events: [{ step, kind: "past-the-end", message }] };
    },
  };
}
