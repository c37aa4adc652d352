import { Engine } from "../src/engine/index.ts";
import { constant, type Decision, type Schedule } from "../src/schedules/index.ts";
import { splitsOf, type Task, type TrainingOptions, TrainingRun } from "../src/training/index.ts";
import { findTask } from "../src/training/internal.ts";

/* Short trainings of logistic regression, for tests of runs. */

export const engine: Engine = await Engine.create({ planFolder: null, threads: 1 });
export const task: Task = await findTask("mnist1d/logistic").load();

export function createRun(options: Partial<TrainingOptions> = {}): TrainingRun {
  return new TrainingRun({
    task,
    data: splitsOf(task),
    schedule: constant({ baseRate: 0.1 }),
    engine,
    seed: 0,
    steps: 12,
    ...options,
  });
}

/** After one update at such a rate no weight is finite. */
export const absurd = 1e60;

export type Action = NonNullable<Decision<null>["action"]>;

/** What a schedule asks for, and its rates, by the step; 0.1 at the others. */
export function scripted(
  actions: Record<number, Action>,
  rates: Record<number, number> = {},
): Schedule<unknown> {
  return {
    init: () => null,
    next(state, { step }) {
      const action = actions[step];
      const isUpdate = action === undefined || action === "snapshot";
      return { learningRate: isUpdate ? (rates[step] ?? 0.1) : 0, state, ...(action && { action }) };
    },
  };
}

/** One rate, and from a step on another. */
export function rateFrom(before: number, step: number, after: number): Schedule<null> {
  return {
    init: () => null,
    next: (state, observed) => ({ learningRate: observed.step < step ? before : after, state }),
  };
}
