import { MlrSnetError } from "../errors.ts";
import type { CellConfig, Vector } from "../schedules/index.ts";
import { createSmallEngine } from "./estimator-pool.ts";
import { valuesOf } from "./objective.ts";
import { drawTask } from "./task-distribution.ts";
import { TaskRuns } from "./task-runs.ts";

/** Of the held-out tasks; meta-training draws from its own seed. */
const heldOutSeed = 987_654_321;
const heldOutTasks = 96;

/**
 * How a schedule does on generated tasks that no meta-training has drawn: from the same distribution, whole range of T.
 *
 * @param count number of tasks ≥ 1, always the same ones.
 * @param signal stops between two tasks.
 * @returns `value`: mean of the objective, smaller is better; `diverged`: number of runs that diverged.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `INTERRUPTED`.
 */
export async function heldOutValue(
  cell: CellConfig,
  theta: Vector,
  count: number = heldOutTasks,
  signal?: AbortSignal,
): Promise<{ value: number; diverged: number; tasks: number }> {
  if (!Number.isInteger(count) || count < 1)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`count\` to be an integer ≥ 1, got ${count}.`);
  const runs = new TaskRuns(await createSmallEngine(), cell);
  const values: number[] = [];
  let diverged = 0;
  try {
    for (let index = 0; index < count; index++) {
      if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", "Stopped.");
      const outcome = await runs.run(drawTask(heldOutSeed, ["held-out", index]), [theta]);
      values.push(...valuesOf(outcome));
      if (!Number.isFinite(outcome.losses[0])) diverged++;
    }
  } finally {
    await runs.release();
  }
  return { value: values.reduce((a, b) => a + b, 0) / count, diverged, tasks: count };
}
