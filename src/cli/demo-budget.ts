import type { DemoPlan, PlannedComparison } from "./demo-plan.ts";

/** Seconds of wall-clock time that a run takes without its steps, and a step; measured while every worker is at work. */
export type RunSeconds = { run: number; step: number };

/** What there was time for. */
export type DemoDone = {
  generations: number;
  seeds: number;
  /** As they were made, in the plan's order. */
  comparisons: readonly PlannedComparison[];
};

/** @param start of `performance.now()`. */
export const secondsSince = (start: number): number => (performance.now() - start) / 1000;

export function shortened(planned: PlannedComparison, share: number): PlannedComparison {
  return { ...planned, steps: Math.ceil(planned.steps * share) };
}

/** Foretells how long comparisons take, by the times of their runs and by how long the last one took. */
export class DemoForecast {
  readonly #plan: DemoPlan;
  readonly #times: readonly RunSeconds[];
  readonly #learned: number;
  readonly #workers: number;
  /** Real seconds for one of those that the times give: other work on the machine comes and goes. */
  #slowness = 1;

  /** @param times of one run of each comparison. @param learned schedules beside those made by hand. */
  constructor(plan: DemoPlan, times: readonly RunSeconds[], learned: number, workers: number) {
    this.#plan = plan;
    this.#times = times;
    this.#learned = learned;
    this.#workers = workers;
  }

  /** Of the comparison of that index: its searches and so many final runs of each schedule. */
  seconds(index: number, share: number, seeds: number): number {
    const { byHand, trials } = this.#plan;
    const most = trials + seeds;
    const runs = byHand.length * most + this.#learned * seeds;
    return this.#slowness * this.#secondsOfRun(index, share) * Math.max(runs / this.#workers, most);
  }

  /** Of so many more final runs of each schedule. */
  secondsOfMore(index: number, share: number, seeds: number): number {
    const rounds = Math.ceil((this.#plan.byHand.length + this.#learned) / this.#workers);
    return this.#slowness * this.#secondsOfRun(index, share) * rounds * seeds;
  }

  /**
   * The share of the planned steps that the comparison of that index gets: the first at which it and all later ones fit, else the
   * last.
   */
  share(index: number, shares: readonly number[], seeds: number, secondsLeft: number): number {
    const rest = [...this.#plan.comparisons.keys()].slice(index);
    const fits = (share: number): boolean =>
      rest.reduce((sum, each) => sum + this.seconds(each, share, seeds), 0) <= secondsLeft;
    return shares.find(fits) ?? shares.at(-1)!;
  }

  /** What was foretold to take so long took that long. */
  correct(foretold: number, real: number): void {
    this.#slowness *= real / foretold;
  }

  #secondsOfRun(index: number, share: number): number {
    const { run, step } = this.#times[index]!;
    return run + step * shortened(this.#plan.comparisons[index]!, share).steps;
  }
}

/** What the plan had and there was no time for, in a sentence; undefined where nothing was cut. */
export function cutsOf(plan: DemoPlan, { generations, seeds, comparisons }: DemoDone): string | undefined {
  const cuts = [
    ...(generations < plan.live.generations
      ? [`${generations} of ${plan.live.generations} generations`]
      : []),
    ...(seeds < plan.seeds ? [`${seeds} of ${plan.seeds} seeds`] : []),
    ...plan.comparisons.flatMap(({ task, steps }) => {
      const done = comparisons.find((comparison) => comparison.task === task);
      if (!done) return [`no ${task}`];
      return done.steps < steps ? [`${done.steps} of ${steps} steps on ${task}`] : [];
    }),
  ];
  if (cuts.length === 0) return undefined;
  return `Cut for want of time, for all schedules alike: ${cuts.join(", ")}. \`mlr-snet demo --full\` cuts nothing.`;
}
