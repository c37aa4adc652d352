import type { DataSplits } from "../data/index.ts";
import type { Engine } from "../engine/index.ts";
import type { RunContext, Schedule, ScheduleEvent } from "../schedules/index.ts";
import type { Evaluation } from "./evaluation.ts";
import type { LearnerState } from "./learner-state.ts";
import type { TrainingIdentity } from "./run-identity.ts";
import type { Task } from "./task.ts";

/** One update, as it is written: one line of JSON. `validation` and `test` stand in the records of evaluations only. */
export type TrainingRecord = {
  /** t, from 0. */
  step: number;
  /** L_t of the batch before the update, of classes in nats per example; not finite (in JSON null) only where the step was skipped or went back. */
  loss: number;
  /** α_t; 0 where the step was skipped, or went back to a copy, instead of making an update. */
  learningRate: number;
  /** After the update. */
  validation?: Evaluation;
  test?: Evaluation;
  events?: ScheduleEvent[];
};

/** How a run ended. A run that diverges is a result, not an error. */
export type TrainingOutcome =
  | { status: "done"; steps: number }
  /** `steps` updates were made; then a loss, or another observed quantity, was `loss`: NaN or Infinity as text. */
  | { status: "diverged"; steps: number; loss: string };

export type TrainingOptions = {
  task: Task;
  /** Training, validation and test data; the run trains on `train` alone. */
  data: DataSplits;
  schedule: Schedule<unknown>;
  engine: Engine;
  seed: number;
  /** T ≥ 1; default: the task's. */
  steps?: number;
  /** An evaluation after every so many updates, and after the last; default: after the last alone. */
  evaluateEvery?: number;
  /** Which data the evaluations use; default both. */
  evaluateOn?: readonly ("validation" | "test")[];
  /** From `save` of an earlier run with the same options. */
  resume?: TrainingState;
  /** Stops the run between two steps. */
  signal?: AbortSignal;
};

/** All that a resumed run needs. */
export type TrainingState = {
  learner: LearnerState;
  schedule: unknown;
  context: RunContext;
  /** What it belongs to; absent in states of earlier releases. */
  run?: TrainingIdentity;
  /** The newest copy that the schedule had kept, and the one before it. */
  copies?: LearnerState[];
};
