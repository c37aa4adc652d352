/* The run of the table of schedules: what it is told, what it observes, and how it goes. */
import type { Observed, RunContext, Schedule } from "../src/schedules/schedule.ts";

export const TOTAL_STEPS: number = 100;
export const CONTEXT: Required<Omit<RunContext, "canRollBack" | "usualRate">> = {
  totalSteps: TOTAL_STEPS,
  stepsPerEpoch: 5,
  epochs: 20,
  initialLoss: 2.3,
  classes: 10,
};

/** One row: the schedule, and rates worked out by hand from its formula, by step, for the run below. */
export type Row = { name: string; schedule: Schedule<unknown>; byHand: Record<number, number> };

// The observed run: the loss falls by 0.02 a step from 2, its validation by half of that; every inner product is
// 0.5 but for the one at step 0, and one of -300 at step 60.
export function observedAt(step: number): Observed {
  const gradientDotPreviousDirection = step === 0 ? 0 : step === 60 ? -300 : 0.5;
  return {
    step,
    loss: 2 - 0.02 * step,
    validationLoss: 2 - 0.01 * step,
    trainingSetLoss: 2,
    gradientDotDirection: step === 60 ? -300 : 0.5,
    gradientDotPreviousDirection,
    gradientNorm: 1,
    directionNorm: 1,
  };
}

/** The run from `state` at step `from` to `to`: its rates, its state before each step as JSON text, and the last. */
export function run(
  schedule: Schedule<unknown>,
  state: unknown,
  from: number = 0,
  to: number = TOTAL_STEPS,
): { rates: number[]; saved: string[]; last: unknown } {
  const rates: number[] = [];
  const saved: string[] = [];
  let current = state;
  for (let step = from; step < to; step++) {
    saved.push(JSON.stringify(current));
    const decision = schedule.next(current, observedAt(step));
    rates.push(decision.learningRate);
    current = decision.state;
  }
  return { rates, saved, last: current };
}

/** Freezes a JSON-safe value all the way down, so that a schedule which changes its state in place throws. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}
