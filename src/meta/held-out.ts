import type { CellConfig, Vector } from "../schedules/index.ts";
import { createSmallEngine } from "./estimator-pool.ts";
import { valuesOf } from "./objective.ts";
import { drawTask } from "./task-distribution.ts";
import { TaskRuns } from "./task-runs.ts";

/** Of the held-out tasks; meta-training draws from its own seed. */
const heldOutSeed = 987_654_321;

/**
 * How a schedule does on generated tasks that no meta-training has drawn: from the same distribution, whole range of T.
 *
 * @param count number of tasks, always the same ones.
 * @returns `value`: mean of the objective, smaller is better; `diverged`: number of runs that diverged.
 */
export async function heldOutValue(
  cell: CellConfig,
  theta: Vector,
  count = 96,
): Promise<{ value: number; diverged: number; tasks: number }> {
  const runs = new TaskRuns(await createSmallEngine(), cell);
  const values: number[] = [];
  let diverged = 0;
  for (let index = 0; index < count; index++) {
    const outcome = await runs.run(drawTask(heldOutSeed, ["held-out", index]), [theta]);
    values.push(...valuesOf(outcome));
    if (!Number.isFinite(outcome.losses[0])) diverged++;
  }
  await runs.release();
  return { value: values.reduce((a, b) => a + b, 0) / count, diverged, tasks: count };
}
