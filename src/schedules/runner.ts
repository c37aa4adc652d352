import { MlrSnetError } from "../errors.ts";
import {
  checkNotNegative,
  checkObserved,
  checkOptionNames,
  checkPositive,
  checkRate,
  type OptionNames,
} from "./checks.ts";
import { checkIdentity, checksum } from "./checksum.ts";
import { extendState } from "./extend.ts";
import type { Decision, Observed, RunContext, Schedule } from "./schedule.ts";

/** What a runner's `next` is told: what was observed, without the step, which the runner counts. */
export type RunnerObserved = Partial<Omit<Observed, "step" | "stepsBefore">>;

/** What a runner answers to one step. `applies`: whether the direction is to be applied. */
export type RunnerDecision = Omit<Decision<unknown>, "state" | "older"> & { applies: boolean };

/** A runner as JSON: parse it, give it to `ScheduleRunner.fromJSON`. */
export type RunnerJson = {
  kind: string;
  /** The schedule's, where it has one. */
  identity?: string;
  step: number;
  state: unknown;
  learningRate: number | null;
  /** Of the losses accumulated for the coming step: their sum, each times its weight, and the sum of the weights. */
  accumulated: { sum: number; count: number };
  /** Whether the run was begun with `WaysBack`, and so must go on with them. */
  canRollBack?: boolean;
};

/**
 * How a loop of one's own keeps copies and goes back to them. The runner calls them itself, and holds at most two copies.
 *
 * @example
 * const weights = [1, 2];
 * const ways: WaysBack<number[]> = {
 *   snapshot: () => [...weights],
 *   rollback: (copy) => void weights.splice(0, 2, ...copy),
 * };
 * const runner = new ScheduleRunner(insured(constant({ baseRate: 0.1 })), { totalSteps: 100 }, ways);
 * runner.next({ loss: 2.3 }).action === "snapshot"; // true
 * weights[0] = 5;
 * for (let times = 0; times < 5; times++) runner.next({ loss: Number.NaN }); // skipped, each
 * runner.next({ loss: Number.NaN }).action === "rollback"; // true
 * weights[0]; // 1
 */
export type WaysBack<Copy> = {
  /** A copy of all that a step depends on: weights, optimizer state with its count of updates, statistics, carried state. */
  snapshot(): Copy;
  /** Puts a copy in force. It may be asked for again, so it must stay as it is. */
  rollback(copy: Copy): void;
};

const contextNames: OptionNames<RunContext> = {
  initialLoss: true,
  classes: true,
  totalSteps: true,
  stepsPerEpoch: true,
  epochs: true,
  usualRate: true,
  canRollBack: true,
};

/**
 * A schedule together with its state, for a training loop of one's own.
 *
 * On several ranks feed the mean loss of all of them, and compare `checksum()` now and then.
 *
 * @example
 * const runner = new ScheduleRunner(cosine({ baseRate: 0.1 }), { totalSteps: 1000 });
 * runner.next({ loss: 2.3 }).learningRate; // 0.1
 * const saved = JSON.stringify(runner);
 * const resumed = ScheduleRunner.fromJSON(cosine({ baseRate: 0.1 }), JSON.parse(saved));
 * resumed.next({ loss: 2.2 }).learningRate === runner.next({ loss: 2.2 }).learningRate; // true
 */
export class ScheduleRunner<State, Copy = unknown> {
  readonly #schedule: Schedule<State>;
  readonly #ways: WaysBack<Copy> | undefined;
  /** The newest first. */
  #copies: Copy[] = [];
  /** Copies are no part of what is saved: the first step after a load takes one anew. */
  #lacksCopy: boolean;
  #state: State;
  #step: number;
  #learningRate: number | null;
  #accumulated: RunnerJson["accumulated"];
  /** What the last `next` changed, for `undo`; states are never modified in place, so keeping one is free. */
  #before: { state: State; learningRate: number | null; tookCopy: boolean } | null = null;

  /**
   * @param ways without them no action asks for a copy or for going back: a guard then lowers the rate only.
   * @param saved for `fromJSON`, which checks it: where to go on instead of at step 0.
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if the schedule needs a field that `context` lacks.
   */
  constructor(
    schedule: Schedule<State>,
    context: RunContext = {},
    ways?: WaysBack<Copy>,
    saved?: RunnerJson,
  ) {
    checkOptionNames("a run's context", context, contextNames);
    this.#schedule = schedule;
    for (const name of ["snapshot", "rollback"] as const)
      if (ways !== undefined && typeof ways?.[name] !== "function")
        throw new MlrSnetError(
          "INVALID_ARGUMENT",
          `Expected \`${name}\` to be a function, got ${ways === null ? "null" : typeof ways[name]}: give the runner { snapshot, rollback }.`,
        );
    this.#ways = ways;
    this.#lacksCopy = saved?.canRollBack === true;
    this.#state = saved
      ? (saved.state as State)
      : schedule.init({ ...context, canRollBack: ways !== undefined });
    this.#step = saved?.step ?? 0;
    this.#learningRate = saved?.learningRate ?? null;
    const { sum = 0, count = 0 } = saved?.accumulated ?? {};
    this.#accumulated = { sum: sum ?? Number.NaN, count }; // JSON has null where a loss was not finite
  }

  /** The number of updates so far, which is the step that the next `next` is about. */
  get step(): number {
    return this.#step;
  }

  /** The rate of the last `next`; null before the first. */
  get learningRate(): number | null {
    return this.#learningRate;
  }

  /** What the coming `next` must be given beyond the loss. */
  get wants(): readonly (keyof Observed)[] {
    return this.#schedule.wants?.(this.#state, this.#step) ?? [];
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
    const { sum, count } = this.#accumulated;
    const share = checkObserved("loss", loss) * checkPositive("weight", weight);
    this.#accumulated = { sum: sum + share, count: count + weight };
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
    const { sum, count } = this.#accumulated;
    for (const [name, value] of Object.entries(observed)) if (value !== undefined) checkObserved(name, value);
    if ((observed.loss === undefined) === (count === 0)) {
      const got = count === 0 ? "none" : "both";
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a \`loss\` either in \`next\` or by \`accumulate\`, got ${got}.`,
      );
    }
    const loss = observed.loss ?? sum / count;
    const seen = { ...observed, loss, step: this.#step };
    const { state, older, ...decision } = this.#schedule.next(this.#state, seen);
    checkRate(decision.learningRate, this.#step);
    const { action } = decision;
    if (action !== undefined && !this.#ways)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected \`{ snapshot, rollback }\` as the runner's third argument, got none: this schedule asks for \`${action}\`.`,
      );
    const copies = this.#copies.length;
    if (action === "snapshot" || this.#lacksCopy) this.#copy();
    if (action === "rollback") {
      if (older && this.#copies.length > 1) this.#copies.shift();
      this.#ways!.rollback(this.#copies[0]!);
    }
    const tookCopy = action === "snapshot" || this.#copies.length > copies;
    this.#before = { state: this.#state, learningRate: this.#learningRate, tookCopy };
    this.#state = state;
    this.#step++;
    this.#learningRate = decision.learningRate;
    this.#accumulated = { sum: 0, count: 0 };
    return { ...decision, applies: action === undefined || action === "snapshot" };
  }

  /** A copy of now; never more than two. */
  #copy(): void {
    this.#copies = this.#copies.slice(0, 1);
    this.#copies.unshift(this.#ways!.snapshot());
    this.#lacksCopy = false;
  }

  /** The coming update does not happen (say, gradients overflowed): drops accumulated losses, does not advance. */
  skip(): void {
    this.#accumulated = { sum: 0, count: 0 };
  }

  /**
   * The last `next` was not followed by an update (say, a loss scaler refused it): takes it back.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if there is nothing to take back: one step can be, and not after a load.
   */
  undo(): void {
    if (!this.#before) {
      throw new MlrSnetError("INVALID_ARGUMENT", "Expected a `next` before `undo`, got none.");
    }
    this.#state = this.#before.state;
    this.#learningRate = this.#before.learningRate;
    if (this.#before.tookCopy) this.#copies.shift();
    this.#step--;
    this.#before = null;
  }

  /**
   * Moves the end of the run, later or earlier, of a schedule that was told `totalSteps`: the rate goes on from where it is,
   * without a jump, and is at the new end where it would have been at the old one. Others stay as they are. What a schedule
   * was told in steps or epochs keeps its length. After it there is nothing to `undo`.
   *
   * @param totalSteps T of the whole run, more than the steps made so far.
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if it is not, or where the rate has come to its end already.
   * @example
   * const runner = new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 4 });
   * for (const loss of [2.3, 2.1]) runner.next({ loss });
   * runner.learningRate; // 0.75
   * runner.extend(6);
   * runner.next({ loss: 2 }).learningRate; // 0.5
   * runner.next({ loss: 1.9 }).learningRate; // 0.375
   */
  extend(totalSteps: number): void {
    this.#state = extendState(this.#schedule, this.#state, this.#step, totalSteps);
    this.#before = null;
  }

  /**
   * The last rate times each parameter group's multiplier.
   *
   * @example
   * const runner = new ScheduleRunner(constant({ baseRate: 0.5 }));
   * runner.next({ loss: 2.3 });
   * const { backbone, head } = runner.ratesFor({ backbone: 0.1, head: 1 });
   * backbone; // 0.05
   * head; // 0.5
   * @throws {MlrSnetError} `INVALID_ARGUMENT` before the first `next`, or if a multiplier is negative or not finite.
   */
  ratesFor<Name extends string>(multipliers: Record<Name, number>): Record<Name, number> {
    const rate = checkNotNegative("learningRate", this.#learningRate);
    const rates = Object.entries<number>(multipliers).map(([name, multiplier]) => [
      name,
      rate * checkNotNegative(name, multiplier),
    ]);
    return Object.fromEntries(rates);
  }

  /** The same on every rank that was fed the same; see {@link checksum}. */
  checksum(): string {
    return checksum([this.#step, this.#state]);
  }

  /** Everything that decides the coming rates, bit for bit. */
  toJSON(): RunnerJson {
    return {
      kind: this.#schedule.kind ?? "custom",
      ...(this.#schedule.identity !== undefined && { identity: this.#schedule.identity }),
      step: this.#step,
      state: this.#state,
      learningRate: this.#learningRate,
      accumulated: this.#accumulated,
      ...(this.#ways && { canRollBack: true }),
    };
  }

  /**
   * The runner as it was saved. The schedule must be made with the same options, or from the same file.
   *
   * @param json what `JSON.parse` gave.
   * @throws {MlrSnetError} `STATE_MISMATCH` if it is not a runner's, or is that of another schedule.
   */
  static fromJSON<State, Copy = unknown>(
    schedule: Schedule<State>,
    json: unknown,
    ways?: WaysBack<Copy>,
  ): ScheduleRunner<State, Copy> {
    const kind = schedule.kind ?? "custom";
    const saved = Object(json) as Partial<RunnerJson>;
    const { state, step, accumulated, learningRate } = saved;
    const got = typeof saved.kind === "string" ? `that of ${JSON.stringify(saved.kind)}` : "something else";
    if (saved.kind !== kind)
      throw mismatch(`Expected the saved state of a \`${kind}\` schedule, got ${got}.`);
    checkIdentity(schedule, saved.identity);
    const whole =
      Number.isInteger(step) &&
      step! >= 0 &&
      state !== undefined &&
      learningRate !== undefined &&
      Number.isFinite(accumulated?.count) &&
      (Number.isFinite(accumulated?.sum) || accumulated?.sum === null);
    if (!whole) throw mismatch(`Expected the saved state of a \`${kind}\` schedule, got a part of one.`);
    if ((saved.canRollBack === true) !== (ways !== undefined))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        saved.canRollBack
          ? "Expected `{ snapshot, rollback }` as the third argument, as when this run began, got none."
          : "Expected no `{ snapshot, rollback }`, since this run began without, got them.",
      );
    // The state holds what `init` took from the context, so no context is needed here.
    return new ScheduleRunner(schedule, {}, ways, saved as RunnerJson);
  }
}

function mismatch(message: string): MlrSnetError {
  return new MlrSnetError("STATE_MISMATCH", message);
}
