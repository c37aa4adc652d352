import type { Engine } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import type { CellConfig, Schedule, Vector } from "../../schedules/index.ts";
import type { Task } from "../../training/index.ts";
import { runGenerated } from "../tasks/generated-runs.ts";
import { drawTask, type MetaTask } from "../tasks/task-distribution.ts";
import { type TaskOutcome, TaskRuns } from "../tasks/task-runs.ts";
import { createSmallEngine } from "./estimator-worker.ts";
import { valuesOf } from "./objective.ts";

/** Of the held-out tasks; meta-training draws from its own seed. */
const heldOutSeed = 987_654_321;
export const heldOutTasks = 96;

/** `value`: mean of the objective, smaller is better; `diverged`: number of runs that diverged. */
export type HeldOut = { value: number; diverged: number; tasks: number };

/**
 * How a learned schedule does on generated tasks that no meta-training has drawn: from the same distribution, whole range of T.
 *
 * @param count number of tasks ≥ 1, always the same ones.
 * @param signal stops between two tasks.
 * @throws {MlrSnetError} `INVALID_ARGUMENT`, `INTERRUPTED`.
 */
export async function heldOutValue(
  cell: CellConfig,
  theta: Vector,
  count: number = heldOutTasks,
  signal?: AbortSignal,
): Promise<HeldOut> {
  const runs = new TaskRuns(await createSmallEngine(), cell);
  try {
    return await valueOver(count, signal, (task) => runs.run(task, [theta]));
  } finally {
    await runs.release();
  }
}

/**
 * The same of any schedule, by training runs instead of populations, within rounding.
 *
 * @param scheduleFor the schedule for a task, whose optimizer it may read.
 */
export async function heldOutValueOf(
  scheduleFor: (task: Task) => Schedule<unknown> | Promise<Schedule<unknown>>,
  count: number = heldOutTasks,
  signal?: AbortSignal,
): Promise<HeldOut> {
  const engine: Engine = await createSmallEngine();
  return await valueOver(count, signal, (task) => runGenerated(engine, task, scheduleFor));
}

/** @param run one run of a task. */
async function valueOver(
  count: number,
  signal: AbortSignal | undefined,
  run: (task: MetaTask) => Promise<TaskOutcome>,
): Promise<HeldOut> {
  if (!Number.isInteger(count) || count < 1)
    throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`count\` to be an integer ≥ 1, got ${count}.`);
  const values: number[] = [];
  let diverged = 0;
  for (let index = 0; index < count; index++) {
    if (signal?.aborted) throw new MlrSnetError("INTERRUPTED", "Stopped.");
    const outcome = await run(drawTask(heldOutSeed, ["held-out", index]));
    values.push(...valuesOf(outcome));
    if (!Number.isFinite(outcome.losses[0])) diverged++;
  }
  return { value: values.reduce((a, b) => a + b, 0) / count, diverged, tasks: count };
}
