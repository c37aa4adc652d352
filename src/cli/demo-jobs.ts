import type { FinishedRun } from "../benchmark/index.ts";
import { MlrSnetError } from "../errors.ts";
import type { WorkerPool } from "../workers/index.ts";
import type { RunSeconds } from "./demo-budget.ts";
import type { DemoSchedule, PlannedComparison } from "./demo-plan.ts";
import type { ComparisonJob, DemoAnswer, DemoProgress, DemoRequest } from "./demo-worker.ts";
import type { Session } from "./session.ts";

export type DemoPool = WorkerPool<DemoRequest, DemoAnswer, DemoProgress>;

/**
 * How long a run of each comparison takes while all workers are at work, the mean of what they say: by trainings of a tenth of its
 * steps.
 *
 * @throws {MlrSnetError} the first error of a worker; `INTERRUPTED`.
 */
export async function timesOf(
  pool: DemoPool,
  comparisons: readonly PlannedComparison[],
  signal: AbortSignal,
): Promise<RunSeconds[]> {
  const requests = comparisons.flatMap(({ task, steps }) =>
    Array.from({ length: pool.size }, () => ({ time: { task, steps: Math.max(10, Math.ceil(steps / 10)) } })),
  );
  const times = comparisons.map((): RunSeconds => ({ run: 0, step: 0, evaluation: 0 }));
  try {
    for await (const event of pool.drain(requests, { signal, workerOf: (job) => job % pool.size })) {
      if (!("answer" in event && "time" in event.answer)) continue;
      const [mean, time] = [times[Math.floor(event.job / pool.size)]!, event.answer.time];
      for (const name of ["run", "step", "evaluation"] as const) mean[name] += time[name] / pool.size;
    }
  } catch (error) {
    throw signal.aborted ? stopped() : error;
  }
  return times;
}

function stopped(): MlrSnetError {
  return new MlrSnetError("INTERRUPTED", "Stopped: the demo keeps nothing of a comparison.");
}

/** What the jobs of a comparison have in common. */
export type CommonJob = Omit<ComparisonJob, "schedule" | "seeds" | "stored">;

/** Every schedule of a comparison, each a job of its own, and the runs that it has so far. */
export class ComparisonJobs {
  readonly #pool: DemoPool;
  readonly #common: CommonJob;
  readonly #schedules: readonly DemoSchedule[];
  readonly #finished: FinishedRun[][];
  /** Final runs that each job has, after its search. */
  readonly #seeds: number[];

  /** Those that are searched come first, so that no long job is left alone at the end. */
  constructor(pool: DemoPool, schedules: readonly DemoSchedule[], common: CommonJob) {
    this.#pool = pool;
    this.#common = common;
    const searched = schedules.filter(({ isSearched }) => isSearched);
    this.#schedules = [...searched, ...schedules.filter(({ isSearched }) => !isSearched)];
    this.#finished = schedules.map(() => []);
    this.#seeds = schedules.map(() => 0);
  }

  /** Final runs that every schedule has, with its search; some may have more. */
  get seeds(): number {
    return Math.min(...this.#seeds);
  }

  get finished(): FinishedRun[] {
    return this.#finished.flat();
  }

  /**
   * Brings every schedule to so many final runs, by the workers that are free.
   *
   * @param isLate asked again and again: whether to leave what is not done.
   * @throws {MlrSnetError} the first error of a job; `INTERRUPTED`.
   */
  async bringTo(seeds: number, session: Session, isLate: () => boolean = () => false): Promise<void> {
    const { signal } = session;
    const requests = this.#schedules.map((schedule, job) => ({
      compare: { ...this.#common, schedule, seeds, stored: this.#finished[job]! },
    }));
    const totals = requests.map((_, job) => this.#stepsTo(seeds, job));
    const done = totals.map(() => 0);
    const atWork = new Set<number>();
    const progress = session.progress(sum(totals), "steps");
    try {
      for await (const { job, ...news } of this.#pool.drain(requests, { signal })) {
        if ("progress" in news) {
          atWork.add(job);
          // A search that goes beyond its edge makes more.
          done[job] = Math.min(news.progress.steps, totals[job]!);
        } else if ("finished" in news.answer) {
          atWork.delete(job);
          done[job] = totals[job]!;
          this.#finished[job]!.push(...news.answer.finished);
          this.#seeds[job] = seeds;
        }
        const names = [...atWork].map((index) => this.#schedules[index]!.name);
        progress.update(sum(done), `${this.#common.task}: ${names.join(", ")}`);
        if (isLate()) break;
      }
    } catch (error) {
      throw signal.aborted ? stopped() : error;
    } finally {
      progress.end();
    }
  }

  /** Steps to so many final runs, the search among them where there is none yet. */
  #stepsTo(seeds: number, job: number): number {
    const { trials, searchSeeds, steps } = this.#common;
    const made = this.#seeds[job]!;
    const search = made === 0 && this.#schedules[job]!.isSearched ? trials * searchSeeds : 0;
    return (search + seeds - made) * steps;
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
