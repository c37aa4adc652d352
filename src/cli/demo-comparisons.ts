import { availableParallelism } from "node:os";
import { type CompareResult, compare, prepareRuns } from "../benchmark/index.ts";
import { type Device, Engine } from "../engine/index.ts";
import { findTask, type Task } from "../training/index.ts";
import { type Transport, WorkerPool } from "../workers/index.ts";
import { affordableShare, type DemoDone, runsOf, secondsSince, shortened } from "./demo-budget.ts";
import { DemoJobs, type DemoPool, timesOf } from "./demo-jobs.ts";
import { type DemoPlan, type PlannedComparison, searchSeeds } from "./demo-plan.ts";
import { type DemoSchedule, type DemoSettings, demoCandidate } from "./demo-worker.ts";
import { drain } from "./drain.ts";
import type { Session } from "./session.ts";

export type ComparisonsOptions = {
  plan: DemoPlan;
  learned: readonly DemoSchedule[];
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

export type ComparisonsResult = Omit<DemoDone, "generations"> & {
  comparisons: { planned: PlannedComparison; result: CompareResult }[];
};

/**
 * Compares the schedules on all tasks of the plan: first all searches and the fewest seeds, then the other seeds where there is
 * time. Without a budget the result depends on plan and seed alone.
 *
 * @throws {MlrSnetError} the first error of a job; `INTERRUPTED`: nothing is kept.
 */
export async function runComparisons(options: ComparisonsOptions): Promise<ComparisonsResult> {
  const { plan, learned, seed, device, workers = availableParallelism(), transport } = options;
  const engine = await Engine.create({ device, threads: 1 });
  const tasks = new Map<string, Task>();
  for (const { task: name } of plan.comparisons) {
    const task = await findTask(name).load();
    await prepareRuns(engine, task, false); // before the workers start, who keep to what it finds out
    tasks.set(name, task);
  }
  const byHand = plan.byHand.map((name) => ({ name, source: name, isSearched: true }));
  const data: DemoSettings = { device, plan: engine.plan };
  const pool: DemoPool = await WorkerPool.open({
    ...{ name: "the demo", data, workers: Math.min(workers, byHand.length + learned.length) },
    // Only the built file can be a worker: Node 20 does not run TypeScript.
    module: new URL("./demo-worker.js", import.meta.url),
    ...(transport && { transport }),
  });
  try {
    const made = await makeRuns(pool, [...byHand, ...learned], options);
    const seeds = made[0]!.jobs.seeds;
    const comparisons: ComparisonsResult["comparisons"] = [];
    for (const { planned, jobs } of made) {
      const { steps } = planned;
      const task = tasks.get(planned.task)!;
      const schedules = [...learned, ...byHand];
      const candidates = await Promise.all(schedules.map((each) => demoCandidate(each, task, plan.trials)));
      const common = { task, candidates, engine, searchSeeds, seed, steps };
      // All runs are there: this puts them together.
      const result = await drain(compare({ ...common, seeds, stored: jobs.finished }), () => {});
      comparisons.push({ planned, result });
    }
    return { comparisons, seeds };
  } finally {
    await pool.close();
  }
}

type Made = { planned: PlannedComparison; share: number; jobs: ComparisonJobs };

/** The runs of the comparisons one after the other; @returns those that are whole, all with the same seeds. */
async function makeRuns(
  pool: DemoPool,
  schedules: readonly DemoSchedule[],
  { plan, learned, seed, started, session }: ComparisonsOptions,
): Promise<Made[]> {
  const { trials } = plan;
  const { aim, limit, shares, leastSeeds } = plan.budget ?? unlimited(plan);
  const left = (): number => aim - secondsSince(started);
  const isLate = (): boolean => secondsSince(started) > limit;
  const times = plan.budget ? await timesOf(pool, plan.comparisons) : [];
  const forecast = new DemoForecast(plan, times, learned.length, pool.size);
  const made: Made[] = [];
  for (const [index, comparison] of plan.comparisons.entries()) {
    if (index > 0 && isLate()) break;
    const share = plan.budget ? forecast.share(index, shares, leastSeeds, left()) : 1;
    const planned = shortened(comparison, share);
    const { task, steps } = planned;
    // The long jobs first, so that none is left alone at the end.
    const jobs = new ComparisonJobs(
      pool,
      schedules.map((schedule) => ({ task, steps, schedule, trials, searchSeeds, seed })),
    );
    session.note(`     ${comparison.title}: ${task}, ${steps} steps`);
    const before = performance.now();
    await jobs.bringTo(leastSeeds, () => index > 0 && isLate(), session);
    if (jobs.seeds < leastSeeds) break;
    made.push({ planned, share, jobs });
    if (plan.budget) forecast.correct(forecast.seconds(index, share, leastSeeds), secondsSince(before));
  }
  return made;
}
