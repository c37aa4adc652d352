import type { Engine } from "../engine/index.ts";
import { constant, type Schedule } from "../schedules/index.ts";
import { splitsOf, type Task } from "../training/index.ts";
import { runsOfUnit, type UnitRequest } from "./benchmark-unit.ts";
import { judgedRun } from "./judged-run.ts";

/** Evaluations on test data within a final run, of which nothing is drawn: more would take a third of the time. */
export const evaluations = 5;

/** What is to be done, and about how long it takes on cores that do nothing else. */
export type BenchmarkPlan = { units: number; runs: number; steps: number; seconds: number };

/** Milliseconds of processor time on one thread: of a run without its steps, of a step, and of an evaluation on test data. */
export type RunTimes = { task: string; run: number; step: number; evaluation: number };

/** Steps of the run that a step is timed by. */
const timedSteps = 12;

/**
 * Finds out how each operator of a task is written: before the workers start, since two that measure at the same time may
 * choose differently.
 *
 * @returns how long runs take, where that is asked for: a few more of them.
 */
export async function prepareRuns(
  engine: Engine,
  task: Task,
  isTimed: boolean,
): Promise<RunTimes | undefined> {
  const schedule = constant({ baseRate: 1e-3 }) as Schedule<unknown>;
  const data = splitsOf(task);
  const time = async (steps: number, evaluateEvery: number): Promise<number> => {
    const before = process.cpuUsage(); // other work on the machine matters little
    const run = judgedRun({
      ...{ task, data, schedule, engine, seed: 0, steps, evaluateEvery },
      ...{ judgeOn: "test" as const, alsoValidate: true },
    });
    while (!(await run.next()).done);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  await time(1, 1); // chooses
  if (!isTimed) return undefined;
  const short = await time(1, 1);
  const long = await time(timedSteps, timedSteps);
  const often = await time(timedSteps, timedSteps / 4);
  const step = Math.max(0, long - short) / (timedSteps - 1);
  const evaluation = Math.max(0, often - long) / 3;
  return { task: task.name, run: Math.max(0, short - step - evaluation), step, evaluation };
}

/** @param times of every task that is pending. */
export function planOf(
  pending: readonly UnitRequest[],
  times: readonly RunTimes[],
  workers: number,
): BenchmarkPlan {
  const plan = { units: pending.length, runs: 0, steps: 0, seconds: 0 };
  for (const request of pending) {
    const { run, step, evaluation } = times.find(({ task }) => task === request.task)!;
    const { search, final } = runsOfUnit(request);
    const steps = (search + final) * request.steps;
    plan.runs += search + final;
    plan.steps += steps;
    const milliseconds =
      (search + final) * (run + evaluation) + steps * step + final * evaluations * evaluation;
    plan.seconds += milliseconds / 1000 / Math.min(workers, pending.length);
  }
  return { ...plan, seconds: Math.round(plan.seconds) };
}
