import type { FinishedRun } from "../benchmark/index.ts";
import { MlrSnetError } from "../errors.ts";
import type { WorkerPool } from "../workers/index.ts";
import type { RunSeconds } from "./demo-budget.ts";
import type { PlannedComparison } from "./demo-plan.ts";
import type { ComparisonJob, DemoAnswer, DemoProgress, DemoRequest } from "./demo-worker.ts";
import type { Session } from "./session.ts";

export type DemoPool = WorkerPool<DemoRequest, DemoAnswer, DemoProgress>;

/** How long a run takes, by a tenth of one on every worker at once. */
export async function timesOf(
  pool: DemoPool,
  comparisons: readonly PlannedComparison[],
): Promise<RunSeconds[]> {
  const times: RunSeconds[] = [];
  for (const { task, steps } of comparisons) {
    const answers = await pool.requestAll(() => ({ time: { task, steps: Math.max(2, Math.ceil(steps / 10)) } }));
    const mean = (of: keyof RunSeconds): number =>
      answers.reduce((sum, answer) => sum + ("time" in answer ? answer.time[of] : 0), 0) / answers.length;
    times.push({ run: mean("run"), step: mean("step") });
  }
  return times;
}

/** Every schedule of a comparison, each a job of its own, and the runs that it has so far. */
export class ComparisonJobs {
  readonly #pool: DemoPool;
  readonly #jobs: readonly Omit<ComparisonJob, "seeds" | "stored">[];
  readonly #finished: FinishedRun[][];
  /** Final runs that each job has, after its search. */
  readonly #seeds: number[];

  /** @param jobs in the order in which they are begun. */
  constructor(pool: DemoPool, jobs: readonly Omit<ComparisonJob, "seeds" | "stored">[]) {
    this.#pool = pool;
    this.#jobs = jobs;
    this.#finished = jobs.map(() => []);
    this.#seeds = jobs.map(() => 0);
  }

  /** Final runs that every schedule has, with its search. */
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
  async bringTo(seeds: number, isLate: () => boolean, session: Session): Promise<void> {
    const { signal } = session;
    const requests = this.#jobs.map((job, index) => ({
      compare: { ...job, seeds, stored: this.#finished[index]! },
    }));
    const totals = this.#jobs.map((job, index) => runsLeft(job, this.#seeds[index]!, seeds));
    const done = totals.map(() => 0);
    const atWork = new Set<number>();
    const progress = session.progress(sum(totals), "runs");
    progress.update(0, "comparing");
    try {
      for await (const event of this.#pool.drain(requests, { signal })) {
        const { job } = event;
        if ("progress" in event) {
          atWork.add(job);
          done[job] = Math.min(event.progress.runs, totals[job]!);
        } else {
          atWork.delete(job);
          done[job] = totals[job]!;
          if ("finished" in event.answer) this.#finished[job]!.push(...event.answer.finished);
          this.#seeds[job] = seeds;
        }
        const names = [...atWork].map((index) => this.#jobs[index]!.schedule.name);
        progress.update(sum(done), `${this.#jobs[0]!.task}: ${names.join(", ")}`);
        if (isLate()) break;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      throw new MlrSnetError("INTERRUPTED", "Stopped: the demo keeps nothing of a comparison.");
    } finally {
      progress.end();
    }
  }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Runs from so many seeds to so many, the search among them where there are none yet; it may go beyond its edge. */
function runsLeft({ trials, searchSeeds, schedule }: Pick<ComparisonJob, "trials" | "searchSeeds" | "schedule">, from: number, to: number): number {
  return to - from + (from === 0 && schedule.isSearched ? trials * searchSeeds : 0);
}
