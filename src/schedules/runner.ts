import { MlrSnetError } from "../errors.ts";
import { checkNotNegative, checkOptionNames, checkRate, type OptionNames } from "./checks.ts";
import { checksum } from "./checksum.ts";
import type { Decision, Observed, RunContext, Schedule } from "./schedule.ts";

/** What a runner's `next` is told: what was observed, without the step, which the runner counts. */
export type RunnerObserved = Partial<Omit<Observed, "step">>;

/** A runner as JSON: parse it, give it to `ScheduleRunner.fromJSON`. */
export type RunnerJson = {
  kind: string;
  step: number;
  state: unknown;
  learningRate: number | null;
  accumulated: { sum: number; count: number };
};

const contextNames: OptionNames<RunContext> = {
  initialLoss: true,
  classes: true,
  totalSteps: true,
  stepsPerEpoch: true,
  epochs: true,
  usualRate: true,
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
export class ScheduleRunner<State> {
  readonly #schedule: Schedule<State>;
  #state: State;
  #step: number;
  #learningRate: number | null;
  #accumulated: RunnerJson["accumulated"];
  /** What the last `next` changed, for `undo`; states are never modified in place, so keeping one is free. */
  #before: { state: State; learningRate: number | null } | null = null;

  /**
   * @param saved for `fromJSON`, which checks it: where to go on instead of at step 0.
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if the schedule needs a field that `context` lacks.
   */
  constructor(schedule: Schedule<State>, context: RunContext = {}, saved?: RunnerJson) {
    checkOptionNames("a run's context", context, contextNames);
    this.#schedule = schedule;
    this.#state = saved ? (saved.state as State) : schedule.init(context);
    this.#step = saved?.step ?? 0;
    this.#learningRate = saved?.learningRate ?? null;
    this.#accumulated = saved?.accumulated ?? { sum: 0, count: 0 };
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

  /** Adds the loss of a micro-batch, nats per example; `next()` without a loss then takes the mean of all of them. */
  accumulate(loss: number): void {
    const { sum, count } = this.#accumulated;
    this.#accumulated = { sum: sum + loss, count: count + 1 };
  }

  /**
   * The rate of this step's update; moves on to the next step.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if there is no loss, or one both here and accumulated;
   *   `MISSING_OBSERVATION`, `NOT_FINITE` as the schedule does, and if its rate is not a finite number >= 0.
   *   A `next` that throws changes nothing.
   */
  next(observed: RunnerObserved = {}): Omit<Decision<State>, "state"> {
    const { sum, count } = this.#accumulated;
    if ((observed.loss === undefined) === (count === 0)) {
      const got = count === 0 ? "none" : "both";
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a \`loss\` either in \`next\` or by \`accumulate\`, got ${got}.`,
      );
    }
    const loss = observed.loss ?? sum / count;
    const { state, ...decision } = this.#schedule.next(this.#state, { ...observed, loss, step: this.#step });
    checkRate(decision.learningRate, this.#step);
    this.#before = { state: this.#state, learningRate: this.#learningRate };
    this.#state = state;
    this.#step++;
    this.#learningRate = decision.learningRate;
    this.#accumulated = { sum: 0, count: 0 };
    return decision;
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
    this.#step--;
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
      step: this.#step,
      state: this.#state,
      learningRate: this.#learningRate,
      accumulated: this.#accumulated,
    };
  }

  /**
   * The runner as it was saved. The schedule must be made with the same options: they are not part of the state.
   *
   * @param json what `JSON.parse` gave.
   * @throws {MlrSnetError} `STATE_MISMATCH` if it is not a runner's, or is that of another kind of schedule.
   */
  static fromJSON<State>(schedule: Schedule<State>, json: unknown): ScheduleRunner<State> {
    const kind = schedule.kind ?? "custom";
    const saved = Object(json) as Partial<RunnerJson>;
    const { state, step, accumulated, learningRate } = saved;
    const got = typeof saved.kind === "string" ? `that of ${JSON.stringify(saved.kind)}` : "something else";
    if (saved.kind !== kind)
      throw mismatch(`Expected the saved state of a \`${kind}\` schedule, got ${got}.`);
    const whole =
      Number.isInteger(step) &&
      step! >= 0 &&
      state !== undefined &&
      learningRate !== undefined &&
      [accumulated?.sum, accumulated?.count].every(Number.isFinite);
    if (!whole) throw mismatch(`Expected the saved state of a \`${kind}\` schedule, got a part of one.`);
    // The state holds what `init` took from the context, so no context is needed here.
    return new ScheduleRunner(schedule, {}, saved as RunnerJson);
  }
}

function mismatch(message: string): MlrSnetError {
  return new MlrSnetError("STATE_MISMATCH", message);
}
