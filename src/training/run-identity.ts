import { MlrSnetError } from "../errors.ts";
import type { Schedule } from "../schedules/index.ts";

/** What a resumed run must have in common with the one that was saved. */
export type TrainingIdentity = {
  task: string;
  seed: number;
  /** T. */
  steps: number;
  /** Its identity, or its kind where it has none. */
  schedule: string;
};

export function identityOfRun(
  { task, seed, schedule }: { task: { name: string }; seed: number; schedule: Schedule<unknown> },
  steps: number,
): TrainingIdentity {
  return { task: task.name, seed, steps, schedule: schedule.identity ?? schedule.kind ?? "custom" };
}

/**
 * @param saved absent in states of earlier releases.
 * @throws {MlrSnetError} `STATE_MISMATCH` naming what differs from the run that was saved.
 */
export function checkSameTraining(saved: TrainingIdentity | undefined, own: TrainingIdentity): void {
  for (const key of Object.keys(saved ? own : {}) as (keyof TrainingIdentity)[])
    if (saved![key] !== own[key])
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected to resume a run with ${key} ${own[key]}, but the saved state has ${saved![key]}: give the options of the first run, or start afresh.`,
      );
}
