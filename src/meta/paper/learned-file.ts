import { MlrSnetError } from "../../errors.ts";
import type { ScheduleFile } from "../../schedules/index.ts";
import type { MetaTrainingRun } from "./meta-training.ts";
import type { MetaTrainingOptions } from "./run.ts";

/**
 * What a run has learned: its snapshots, which take equal parts of a query's epochs.
 *
 * @param provenance what to say of it beside the run's own facts.
 * @throws {MlrSnetError} `NOT_FINITE` if the run diverged before its first snapshot.
 */
export function learnedFile(
  { task, seed, preset = "image-meta-train", switchRule = "epoch-thirds" }: MetaTrainingOptions,
  { cell, snapshots, context, gamma, learner, updateEvery }: MetaTrainingRun,
  provenance: Readonly<Record<string, unknown>>,
): ScheduleFile {
  const thetas = snapshots.map(({ theta }) => theta);
  if (thetas.length === 0)
    throw new MlrSnetError(
      "NOT_FINITE",
      "Expected a snapshot of the schedule, got none: the run ended before its first epoch.",
    );
  const { initialLoss } = context!;
  return {
    cell,
    snapshots: {
      switchRule,
      fractions: thetas.map((_, index) => index / thetas.length),
      thetas,
    },
    provenance: {
      recipe: "paper",
      task: task.name,
      seed,
      steps: learner.step,
      updateEvery,
      preset,
      ...(initialLoss !== undefined && { gamma, initialLoss }),
      snapshotsAfterSteps: snapshots.map(({ afterSteps }) => afterSteps),
      ...provenance,
    },
  };
}
