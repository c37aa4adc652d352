import { type Candidate, compare, type FinishedRun, findCandidate, judgedRun } from "../benchmark/index.ts";
import { type Device, Engine, type LoweringRecord } from "../engine/index.ts";
import { constant, type Schedule } from "../schedules/index.ts";
import { findTask, splitsOf, type Task } from "../training/index.ts";
import type { StartWorker } from "../workers/index.ts";
import { type RunSeconds, secondsSince } from "./demo-budget.ts";
import { drain } from "./drain.ts";

/* One core's share of the demo's comparisons: told a schedule and a task, it answers with the runs that it made. */

/** Where a schedule of the demo is found, and its name in runs: a file's path, `zoo:NAME`, or a name of the catalogue. */
export type DemoSchedule = { name: string; source: string; isSearched: boolean };

/** One schedule on one task: its search, and its final runs. */
export type ComparisonJob = {
  task: string;
  steps: number;
  schedule: DemoSchedule;
  trials: number;
  searchSeeds: number;
  seeds: number;
  seed: number;
  /** Runs of an earlier job that are not made again. */
  stored: readonly FinishedRun[];
};

/** `plan`: kept to by every worker, so that all do the same arithmetic. */
export type DemoSettings = { device: Device; plan: LoweringRecord };
/** `time`: how long a run takes, by one of so many steps, ≥ 2. */
export type DemoRequest = { compare: ComparisonJob } | { time: { task: string; steps: number } };
export type DemoAnswer = { finished: FinishedRun[] } | { time: RunSeconds };
/** Runs made so far, the last one in part. */
export type DemoProgress = { runs: number };

const millisecondsBetweenMessages = 100;

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
  const taskOf = async (name: string): Promise<Task> => {
    const task = tasks.get(name) ?? (await findTask(name).load());
    tasks.set(name, task);
    return task;
  };
  return {
    async answer(request, { signal, progress }) {
      if ("time" in request)
        return { time: await timeOf(engine, await taskOf(request.time.task), request.time.steps) };
      const { schedule, trials, ...job } = request.compare;
      const task = await taskOf(job.task);
      const candidates = [await demoCandidate(schedule, task, trials)];
      const finished: FinishedRun[] = [];
      let toldAt = 0;
      await drain(compare({ ...job, task, candidates, engine, signal }), (record) => {
        if (record.finished) finished.push(record.finished);
        if (Date.now() - toldAt < millisecondsBetweenMessages) return;
        toldAt = Date.now();
        progress({ runs: record.run - job.stored.length + (record.step + 1) / job.steps });
      });
      return { finished };
    },
  };
};

async function timeOf(engine: Engine, task: Task, steps: number): Promise<RunSeconds> {
  const schedule = constant({ baseRate: 1e-3 }) as Schedule<unknown>;
  const data = splitsOf(task);
  const secondsOf = async (steps: number): Promise<number> => {
    const started = performance.now();
    const run = { task, data, schedule, engine, seed: 0, steps, evaluateEvery: steps };
    await drain(judgedRun({ ...run, judgeOn: "validation" }), () => {});
    return secondsSince(started);
  };
  await secondsOf(1); // the first is slow
  const short = await secondsOf(1);
  const step = Math.max(0, (await secondsOf(steps)) - short) / (steps - 1);
  return { run: Math.max(0, short - step), step };
}
