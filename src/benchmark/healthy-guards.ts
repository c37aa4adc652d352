import { constant, divergenceGuard, type RunContext, type Schedule } from "../schedules/index.ts";

/** What a guard would have done to given losses. After its first act the losses would have been others. */
export type GuardReport = {
  /** Acts: times it went back, and lasting cuts of the rate that did not come of going back. */
  acts: number;
  rollbacks: number;
  /** Times the rate stayed below half for a twentieth of the run, or at its end. */
  cuts: number;
  /** Steps at which it left the update out; those of planted losses apart. */
  skips: number;
  plantedSkips: number;
  /** The oldest weights that came back, as a share of the run; 0 without any. */
  oldest: number;
  /** The highest multiple of the schedule's own rate. */
  highest: number;
  /** The first act, in the guard's words or ours. */
  first?: { step: number; message: string };
  /** What it threw: that ends a run. */
  failed?: string;
};

export type Guard = {
  name: string;
  /** @param ratio the run's highest rate in units of the usual one: a guard may look closer at large rates. */
  judge(
    losses: ArrayLike<number>,
    context: RunContext,
    planted?: readonly number[],
    ratio?: number,
  ): GuardReport;
};

/** Below this multiple the rate is cut, */
const half = 0.5;
/** and lastingly after this share of the run. */
const lasting = 0.05;

/**
 * A guard that is a schedule around another: fed with losses as they were recorded.
 *
 * @param wrap what puts it around a schedule, here a constant rate of 1, so that the rate is the guard's multiple.
 * @param times told that all rates are so many times what they were.
 */
export function guardOf(
  name: string,
  wrap: (inner: Schedule<unknown>) => Schedule<unknown>,
  times = 1,
): Guard {
  return {
    name,
    judge(losses, context, planted = [], ratio = 1) {
      const schedule = wrap(constant({ baseRate: 1 }));
      const counts = new Counts(losses.length, planted);
      let state: unknown;
      try {
        state = schedule.init({ ...context, usualRate: 1 / (ratio * times) });
        for (let step = 0; step < losses.length; step++) {
          const decision = schedule.next(state, { step, loss: losses[step]! });
          state = decision.state;
          counts.add(step, decision.action, decision.learningRate, decision.events?.at(-1)?.message);
        }
      } catch (error) {
        return { ...counts.report(), failed: (error as Error).message };
      }
      return counts.report();
    },
  };
}

class Counts {
  readonly #steps: number;
  readonly #planted: ReadonlySet<number>;
  #rollbacks = 0;
  /** Lasting cuts, and those among them that began by going back. */
  #cuts = 0;
  #cutsByRollback = 0;
  #skips = 0;
  #plantedSkips = 0;
  #keptAt = 0;
  #oldest = 0;
  #highest = 0;
  #first: GuardReport["first"];
  /** The stretch of steps below half that lasts. */
  #below = { since: 0, steps: 0, counted: false, byRollback: false };
  #cameBack = false;

  constructor(steps: number, planted: readonly number[]) {
    this.#steps = steps;
    this.#planted = new Set(planted);
  }

  /** @param action of either naming: `keep` or `snapshot`, `restore` or `rollback`, `skip`. */
  add(step: number, action: string | undefined, rate: number, message: string | undefined): void {
    if (action === "restore" || action === "rollback") {
      this.#rollbacks++;
      this.#oldest = Math.max(this.#oldest, (step - this.#keptAt) / this.#steps);
      this.#first ??= { step, message: message ?? "went back" };
      this.#cameBack = true;
      return;
    }
    if (action === "skip") {
      if (this.#planted.has(step)) this.#plantedSkips++;
      else this.#skips++;
      return;
    }
    if (action === "keep" || action === "snapshot") this.#keptAt = step;
    this.#highest = Math.max(this.#highest, rate);
    if (rate >= half) this.#below = { since: step, steps: 0, counted: false, byRollback: false };
    else {
      if (this.#below.steps === 0)
        this.#below = { since: step, steps: 0, counted: false, byRollback: this.#cameBack };
      this.#below.steps++;
      if (this.#below.steps > lasting * this.#steps) this.#countCut();
    }
    this.#cameBack = false;
  }

  report(): GuardReport {
    if (this.#below.steps > 0) this.#countCut();
    return {
      acts: this.#rollbacks + this.#cuts - this.#cutsByRollback,
      rollbacks: this.#rollbacks,
      cuts: this.#cuts,
      skips: this.#skips,
      plantedSkips: this.#plantedSkips,
      oldest: this.#oldest,
      highest: this.#highest,
      ...(this.#first && { first: this.#first }),
    };
  }

  #countCut(): void {
    if (this.#below.counted) return;
    this.#below.counted = true;
    this.#cuts++;
    if (this.#below.byRollback) this.#cutsByRollback++;
    this.#first ??= { step: this.#below.since, message: "rate below half" };
  }
}

/**
 * The guard that `npm run healthy -- judge` judges: another one is put in here, and nowhere else.
 *
 * @param times told that all rates are so many times what they were.
 */
export function judgedGuard(times = 1): Guard {
  return guardOf("divergenceGuard", (inner) => divergenceGuard(inner, { restore: true }), times);
}
