import { availableParallelism } from "node:os";
import { type CompareResult, compare, hashOf, settingsOf } from "../benchmark/index.ts";
import { prepareRuns } from "../benchmark/internal.ts";
import { type Device, Engine } from "../engine/index.ts";
import type { Task } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { type Transport, WorkerPool } from "../workers/index.ts";
import { DemoForecast, secondsSince, shortened } from "./demo-budget.ts";
import type { MadeComparison } from "./demo-cuts.ts";
import { ComparisonJobs, type DemoPool, timesOf } from "./demo-jobs.ts";
import {
  type DemoBudget,
  type DemoPlan,
  type DemoSchedule,
  evaluations,
  type PlannedComparison,
  searchSeeds,
} from "./demo-plan.ts";
import { type DemoSettings, demoCandidate } from "./demo-worker.ts";
import { drain } from "./drain.ts";
import type { Session } from "./session.ts";

export type ComparisonsOptions = {
  plan: DemoPlan;
  /** In the order of the results. */
  schedules: readonly DemoSchedule[];
  seed: number;
  device: Device;
  /** `performance.now()` when the demo began, for its budget. */
  started: number;
  session: Session;
  /** Default: the cores. */
  workers?: number;
  /** What opens the workers. Default: threads. */
  transport?: Transport;
};

export type ComparisonResult = { made: MadeComparison; result: CompareResult };

/** The runs of a comparison, in trainings of a share of the planned steps. */
type Runs = { index: number; share: number; planned: PlannedComparison; jobs: ComparisonJobs };

/**
 * Compares the schedules on the tasks of the plan, one after the other, each schedule a job of its own. Without a budget all is done,
 * and the results depend on plan and seed alone; with one the same holds for what there was time for.
 *
 * @throws {MlrSnetError} the first error of a job; `INTERRUPTED`: nothing is kept.
 */
export async function runComparisons(options: ComparisonsOptions): Promise<ComparisonResult[]> {
  const { plan, schedules, seed, device, session, transport, workers = availableParallelism() } = options;
  const engine = await Engine.create({ device, threads: 1 });
  const tasks = new Map<string, { task: Task; taskHash: string }>();
  for (const { task: name } of plan.comparisons) {
    const task = await findTask(name).load();
    await prepareRuns(engine, task, false); // before the workers start, who keep to what it finds out
    tasks.set(name, { task, taskHash: hashOf(settingsOf(task)) });
  }
  const data: DemoSettings = { device, plan: engine.plan };
  const pool: DemoPool = await WorkerPool.open({
    ...{ name: "the demo", data, workers: Math.min(workers, schedules.length) },
    // Only the built file can be a worker: Node 20 does not run TypeScript.
    module: new URL("./demo-worker.js", import.meta.url),
    ...(transport && { transport }),
  });
  const runsOf = (index: number, share: number): Runs => {
    const planned = shortened(plan.comparisons[index]!, share);
    const { task, steps } = planned;
    const { taskHash } = tasks.get(task)!;
    session.note(`     ${planned.title}: ${task}, ${steps.toLocaleString("en-US")} steps`);
    const common = { task, taskHash, steps, trials: plan.trials, searchSeeds, seed, evaluations };
    return { index, share, planned, jobs: new ComparisonJobs(pool, schedules, common) };
  };
  const resultOf = async ({ planned, jobs }: Runs): Promise<ComparisonResult> => {
    const { task, taskHash } = tasks.get(planned.task)!;
    const candidates = await Promise.all(schedules.map((each) => demoCandidate(each, task, plan.trials)));
    const { seeds, finished: stored } = jobs;
    const common = { task, taskHash, candidates, engine, searchSeeds, seed, evaluations };
    // All runs are there: this puts them together.
    const result = await drain(compare({ ...common, steps: planned.steps, seeds, stored }), () => {});
    return { made: { ...planned, seeds }, result };
  };
  try {
    const made = plan.budget
      ? await runWhatFits(pool, runsOf, plan.budget, options)
      : await runAll(runsOf, options);
    return await Promise.all(made.map(resultOf));
  } finally {
    await pool.close();
  }
}

type RunsOf = (index: number, share: number) => Runs;

async function runAll(runsOf: RunsOf, { plan, session }: ComparisonsOptions): Promise<Runs[]> {
  const made: Runs[] = [];
  for (const index of plan.comparisons.keys()) {
    const runs = runsOf(index, 1);
    await runs.jobs.bringTo(plan.seeds, session);
    made.push(runs);
  }
  return made;
}

/** First all comparisons with the fewest seeds, as long as they can be; then more seeds, where there is time. */
async function runWhatFits(
  pool: DemoPool,
  runsOf: RunsOf,
  budget: DemoBudget,
  { plan, schedules, started, session }: ComparisonsOptions,
): Promise<Runs[]> {
  const { aim, limit, leastSeeds, shares } = budget;
  const secondsTo = (end: number): number => end - secondsSince(started);
  const isLate = (): boolean => secondsTo(limit) < 0;
  const times = await timesOf(pool, plan.comparisons, session.signal);
  const forecast = new DemoForecast({ plan, budget, schedules, times, workers: pool.size });
  const made: Runs[] = [];
  for (const index of plan.comparisons.keys()) {
    const isFirst = made.length === 0; // is made in any case
    const secondsLeft = { aim: secondsTo(aim), limit: secondsTo(limit) };
    const share = forecast.share(index, secondsLeft) ?? (isFirst ? shares.at(-1) : undefined);
    if (share === undefined) continue;
    const runs = runsOf(index, share);
    const began = performance.now();
    await runs.jobs.bringTo(leastSeeds, session, isFirst ? undefined : isLate);
    if (runs.jobs.seeds < leastSeeds) break;
    made.push(runs);
    forecast.correct(forecast.seconds(index, share), secondsSince(began));
  }
  for (let seeds = leastSeeds + 1; seeds <= plan.seeds; seeds++)
    for (const { index, share, planned, jobs } of made) {
      if (jobs.seeds < seeds - 1 || forecast.secondsOfSeed(index, share) > secondsTo(limit)) continue;
      session.note(`     ${planned.title}: a seed more`);
      await jobs.bringTo(seeds, session, isLate);
    }
  return made;
}
