import {
  type DemoBudget,
  type DemoPlan,
  type DemoSchedule,
  evaluations,
  type PlannedComparison,
  searchSeeds,
} from "./demo-plan.ts";

/**
 * Seconds of wall-clock time while every worker is at work: of a run without its steps but with its last evaluation, of a step, and
 * of each evaluation more.
 */
export type RunSeconds = { run: number; step: number; evaluation: number };

/** @param start of `performance.now()`. */
export const secondsSince = (start: number): number => (performance.now() - start) / 1000;

/** A share of the planned steps, (0, 1], one at least. */
export function shortened(planned: PlannedComparison, share: number): PlannedComparison {
  return { ...planned, steps: Math.max(1, Math.round(planned.steps * share)) };
}

/** Seconds until the last of jobs has ended, which workers take up as they become free, the longest first. */
export function secondsOfJobs(jobs: readonly number[], workers: number): number {
  const ends = Array.from({ length: workers }, () => 0);
  for (const seconds of jobs.toSorted((a, b) => b - a)) ends[ends.indexOf(Math.min(...ends))]! += seconds;
  return Math.max(...ends);
}

export type ForecastOptions = {
  plan: DemoPlan;
  budget: DemoBudget;
  schedules: readonly DemoSchedule[];
  /** Of each comparison of the plan. */
  times: readonly RunSeconds[];
  workers: number;
};

/** Foretells how long comparisons take, by the times of their runs and by how long those before took. */
export class DemoForecast {
  readonly #options: ForecastOptions;
  /** Real seconds for one of those that the times give. */
  #slowness = 1;

  constructor(options: ForecastOptions) {
    this.#options = options;
  }

  /**
   * Of the comparison of that index, in trainings of such a share: all searches and the fewest seeds of each schedule. What no time
   * foretells is left out: searches that go beyond their edge, and runs that diverge early.
   */
  seconds(index: number, share: number): number {
    const { plan, budget } = this.#options;
    const { search, final } = this.#secondsOfRun(index, share);
    return this.#secondsOfAll(budget.leastSeeds * final, plan.trials * searchSeeds * search);
  }

  /** Of one seed more of each schedule. */
  secondsOfSeed(index: number, share: number): number {
    return this.#secondsOfAll(this.#secondsOfRun(index, share).final, 0);
  }

  /**
   * The share of its steps that the comparison of that index gets: the first at which it and all later ones fit into the seconds to
   * the budget's aim, else the last.
   *
   * @returns undefined where not even that share of it alone fits into the seconds to the limit.
   */
  share(index: number, secondsLeft: { aim: number; limit: number }): number | undefined {
    const { plan, budget } = this.#options;
    const rest = [...plan.comparisons.keys()].slice(index);
    const fits = (share: number): boolean =>
      rest.reduce((sum, each) => sum + this.seconds(each, share), 0) <= secondsLeft.aim;
    const last = budget.shares.at(-1)!;
    return budget.shares.find(fits) ?? (this.seconds(index, last) <= secondsLeft.limit ? last : undefined);
  }

  /**
   * Half of an error (of its logarithm) is taken to last: the other half was other work on the machine, which comes and goes.
   *
   * @param real seconds that a comparison took which was foretold to take `foretold`, > 0.
   */
  correct(foretold: number, real: number): void {
    this.#slowness *= Math.sqrt(real / foretold);
  }

  /** @param finals seconds of each schedule. @param search seconds of each that is searched. */
  #secondsOfAll(finals: number, search: number): number {
    const { schedules, workers } = this.#options;
    const jobs = schedules.map(({ isSearched }) => finals + (isSearched ? search : 0));
    return this.#slowness * secondsOfJobs(jobs, workers);
  }

  #secondsOfRun(index: number, share: number): { search: number; final: number } {
    const { plan, times } = this.#options;
    const { run, step, evaluation } = times[index]!;
    const search = run + step * shortened(plan.comparisons[index]!, share).steps;
    return { search, final: search + (evaluations - 1) * evaluation };
  }
}
