import { type Candidate, compare, type FinishedRun, findCandidate, judgedRun } from "../benchmark/index.ts";
import { type Device, Engine, type LoweringRecord } from "../engine/index.ts";
import { constant, type Schedule } from "../schedules/index.ts";
import { splitsOf, type Task } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import type { StartWorker } from "../workers/index.ts";
import { type RunSeconds, secondsSince } from "./demo-budget.ts";
import type { DemoSchedule } from "./demo-plan.ts";
import { drain } from "./drain.ts";

/*
 * One core's share of the demo's comparisons, with one thread: told a schedule and a task, it answers with the runs that it made.
 * Two of them use two cores better than one with two threads, whose operators are too small to be shared.
 */

/** One schedule on one task: its search, and its final runs. */
export type ComparisonJob = {
  task: string;
  /** Of the task's settings. */
  taskHash: string;
  steps: number;
  schedule: DemoSchedule;
  /** Base rates of its search, where it is searched, and runs of each. */
  trials: number;
  searchSeeds: number;
  seeds: number;
  seed: number;
  /** See `compare`. */
  evaluations: number;
  /** Runs of an earlier job that are not made again. */
  stored: readonly FinishedRun[];
};

/** `plan`: kept to by every worker, so that all do the same arithmetic. */
export type DemoSettings = { device: Device; plan: LoweringRecord };
/** `time`: how long a run of that task takes, by trainings of so many steps, ≥ 5. */
export type DemoRequest = { compare: ComparisonJob } | { time: { task: string; steps: number } };
export type DemoAnswer = { finished: FinishedRun[] } | { time: RunSeconds };
/** Updates made so far, those of diverged runs counted whole. */
export type DemoProgress = { steps: number };

const millisecondsBetweenMessages = 100;

/** Evaluations of the run that an evaluation is timed by. */
const timedEvaluations = 5;

/** A schedule as it takes part, the same wherever it is asked for. */
export async function demoCandidate(
  { name, source }: DemoSchedule,
  task: Task,
  trials: number,
): Promise<Candidate> {
  return { ...(await findCandidate(source, task, trials)), name };
}

export const start: StartWorker<DemoSettings, DemoRequest, DemoAnswer, DemoProgress> = async (settings) => {
  const engine = await Engine.create({ ...settings, threads: 1 });
  const tasks = new Map<string, Task>();

  async function taskOf(name: string): Promise<Task> {
    const task = tasks.get(name) ?? (await findTask(name).load());
    tasks.set(name, task);
    return task;
  }

  return {
    async answer(request, { signal, progress }) {
      if ("time" in request) {
        const { task, steps } = request.time;
        return { time: await timeOf(engine, await taskOf(task), steps, signal) };
      }
      const { schedule, trials, ...job } = request.compare;
      const task = await taskOf(job.task);
      const candidates = [await demoCandidate(schedule, task, trials)];
      const finished: FinishedRun[] = [];
      let toldAt = 0;
      await drain(compare({ ...job, task, candidates, engine, signal }), (record) => {
        if (record.finished) finished.push(record.finished);
        if (Date.now() - toldAt < millisecondsBetweenMessages) return;
        toldAt = Date.now();
        progress({ steps: (record.run - job.stored.length) * job.steps + record.step + 1 });
      });
      return { finished };
    },
  };
};

/** How long a run takes here and now: by the clock, since that is what people wait by. */
async function timeOf(engine: Engine, task: Task, steps: number, signal: AbortSignal): Promise<RunSeconds> {
  const schedule = constant({ baseRate: 1e-3 }) as Schedule<unknown>;
  const data = splitsOf(task);
  const secondsOf = async (steps: number, evaluateEvery: number): Promise<number> => {
    const started = performance.now();
    const run = { task, data, schedule, engine, seed: 0, steps, evaluateEvery, signal };
    await drain(judgedRun({ ...run, judgeOn: "test" }), () => {});
    return secondsSince(started);
  };
  const every = Math.floor(steps / timedEvaluations);
  await secondsOf(steps, steps); // the first is slow: code is compiled as it runs
  const short = await secondsOf(1, 1);
  const long = await secondsOf(steps, steps);
  const often = await secondsOf(every * timedEvaluations, every);
  const step = Math.max(0, long - short) / (steps - 1);
  const rest = long - (steps - every * timedEvaluations) * step;
  return {
    run: Math.max(0, short - step),
    step,
    evaluation: Math.max(0, often - rest) / (timedEvaluations - 1),
  };
}
