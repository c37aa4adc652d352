import {
  checkObserved,
  checkOptionNames,
  checkPositive,
  checkRate,
  type OptionNames,
  refuse,
} from "./checks.ts";
import type { RunnerJson, RunnerPosition } from "./runner-json.ts";
import type { Decision, Observed, RunContext, Schedule } from "./schedule.ts";
import { checkWays, type WaysBack } from "./ways-back.ts";

/** What a runner's `next` is told: what was observed, without the step, which the runner counts. */
export type RunnerObserved = Partial<Omit<Observed, "step" | "stepsBefore">>;

/** What a runner answers to one step. `applies`: whether the direction is to be applied. */
export type RunnerDecision = Omit<Decision<unknown>, "state" | "older"> & { applies: boolean };

const contextNames: OptionNames<RunContext> = {
  initialLoss: true,
  classes: true,
  totalSteps: true,
  stepsPerEpoch: true,
  epochs: true,
  usualRate: true,
  canRollBack: true,
};

/** Before the first micro-batch of a step. */
const none = { sum: 0, count: 0 };

/**
 * A schedule together with its state, for a training loop of one's own.
 *
 * On several ranks feed the mean loss of all of them, and compare `checksum(runner)` now and then.
 *
 * @example
 * const runner = new ScheduleRunner(cosine({ baseRate: 0.1 }), { totalSteps: 1000 });
 * runner.next({ loss: 2.3 }).learningRate; // 0.1
 * const saved = JSON.stringify(runner);
 * const resumed = resumeRunner(cosine({ baseRate: 0.1 }), JSON.parse(saved));
 * resumed.next({ loss: 2.2 }).learningRate === runner.next({ loss: 2.2 }).learningRate; // true
 */
export class ScheduleRunner<State, Copy = unknown> {
  readonly #schedule: Schedule<State>;
  readonly #ways: WaysBack<Copy> | undefined;
  /** Copies are no part of what is saved: the first step after a load takes one anew. */
  readonly #isResumed: boolean;
  /** The newest first, at most two. */
  #copies: Copy[] = [];
  #now: RunnerPosition<State>;
  /** Before the last `next`, for `undo`; states are never modified in place, so keeping one is free. */
  #before: (RunnerPosition<State> & { tookCopy: boolean }) | undefined;

  /**
   * @param ways without them no action asks for a copy or for going back: a guard then lowers the rate only.
   * @param saved for `resumeRunner`, which checks it: where to go on instead of at step 0.
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if the schedule needs a field that `context` lacks.
   */
  constructor(
    schedule: Schedule<State>,
    context: RunContext = {},
    ways?: WaysBack<Copy>,
    saved?: RunnerPosition<State>,
  ) {
    checkOptionNames("a run's context", context, contextNames);
    this.#schedule = schedule;
    this.#ways = checkWays(ways);
    this.#isResumed = saved !== undefined && ways !== undefined;
    this.#now = saved ?? {
      step: 0,
      state: schedule.init({ ...context, canRollBack: ways !== undefined }),
      learningRate: null,
      accumulated: none,
    };
  }

  /** The number of updates so far, which is the step that the next `next` is about. */
  get step(): number {
    return this.#now.step;
  }

  /** The rate of the last `next`; null before the first. */
  get learningRate(): number | null {
    return this.#now.learningRate;
  }

  /** What the coming `next` must be given beyond the loss. */
  get wants(): readonly (keyof Observed)[] {
    return this.#schedule.wants?.(this.#now.state, this.#now.step) ?? [];
  }

  /**
   * Adds the loss of a micro-batch, nats per example; `next()` without a loss then takes the weighted mean of all of them.
   *
   * @param weight > 0: examples or tokens that the loss is the mean over, where micro-batches differ in that.
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if one of them is no number, or the weight is not finite and > 0.
   * @example
   * const runner = new ScheduleRunner(l4({ baseRate: 1, targetFraction: 0 }));
   * runner.accumulate(10, 1);
   * runner.accumulate(1, 999);
   * runner.next({ gradientDotDirection: 1 }).learningRate; // 1.009, the mean loss of 1000 tokens
   */
  accumulate(loss: number, weight: number = 1): void {
    const { sum, count } = this.#now.accumulated;
    const share = checkObserved("loss", loss) * checkPositive("weight", weight);
    this.#now = { ...this.#now, accumulated: { sum: sum + share, count: count + weight } };
  }

  /**
   * The rate of this step's update; moves on to the next step. Copies are taken and put in force here, by the two
   * functions; what is left to the loop is to make no update where there is an `action`, but for `snapshot`: after
   * `skip` and `rollback` the direction must not be applied. `applies` says it in one word.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if there is no loss, one both here and accumulated, or something that is no
   *   number; `MISSING_OBSERVATION`, `NOT_FINITE` as the schedule does, and if its rate is not a finite number >= 0.
   *   A `next` that throws changes nothing.
   */
  next(observed: RunnerObserved = {}): RunnerDecision {
    const { step, state: before, accumulated } = this.#now;
    const { sum, count } = accumulated;
    for (const [name, value] of Object.entries(observed)) if (value !== undefined) checkObserved(name, value);
    if ((observed.loss === undefined) === (count === 0))
      refuse("a `loss` either in `next` or by `accumulate`", count === 0 ? "none" : "both");
    const loss = observed.loss ?? sum / count;
    const { state, older, ...decision } = this.#schedule.next(before, { ...observed, loss, step });
    const { learningRate, action } = decision;
    checkRate(learningRate, step);
    if (action && !this.#ways)
      refuse(
        "`{ snapshot, rollback }` as the runner's third argument",
        `none: the schedule asks for ${action}`,
      );
    const tookCopy = action === "snapshot" || (this.#isResumed && this.#copies.length === 0);
    if (tookCopy) this.#copies = [this.#ways!.snapshot(), ...this.#copies.slice(0, 1)];
    if (action === "rollback") {
      if (older && this.#copies.length > 1) this.#copies.shift();
      this.#ways!.rollback(this.#copies[0]!);
    }
    this.#before = { ...this.#now, tookCopy };
    this.#now = { step: step + 1, state, learningRate, accumulated: none };
    return { ...decision, applies: action === undefined || action === "snapshot" };
  }

  /** The coming update does not happen (say, gradients overflowed): drops accumulated losses, does not advance. */
  skip(): void {
    this.#now = { ...this.#now, accumulated: none };
  }

  /**
   * The last `next` was not followed by an update (say, a loss scaler refused it): takes it back.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if there is nothing to take back: one step can be, and not after a load.
   */
  undo(): void {
    const { tookCopy, ...before } = this.#before ?? refuse("a `next` before `undo`", "none");
    if (tookCopy) this.#copies.shift();
    this.#now = { ...before, accumulated: none };
    this.#before = undefined;
  }

  /**
   * Puts another state in the place of the present one, between two steps: what `extend` is made of. After it there is nothing
   * to `undo`.
   *
   * @param change gives the state from the schedule, its state and the coming step; what it throws changes nothing.
   */
  change(change: (schedule: Schedule<State>, state: State, step: number) => State): void {
    const { state, step } = this.#now;
    this.#now = { ...this.#now, state: change(this.#schedule, state, step) };
    this.#before = undefined;
  }

  /** Everything that decides the coming rates, bit for bit. */
  toJSON(): RunnerJson {
    const { kind = "custom", identity } = this.#schedule;
    // What is undefined, JSON leaves out.
    return { kind, identity, ...this.#now, canRollBack: this.#ways && true };
  }
}
