/** What is known of a training run before its first step. Every field is optional; a schedule that needs one says so. */
export type RunContext = {
  /** L0: mean loss of the untrained network over the training set, nats per example. */
  initialLoss?: number;
  /** C: number of classes, or the vocabulary size. */
  classes?: number;
  /** T: number of updates of the whole run. */
  totalSteps?: number;
  stepsPerEpoch?: number;
  epochs?: number;
  /**
   * Rate that is usual for the optimizer, untuned: 0.1 for SGD, times 1 - μ with momentum μ, 0.001 for Adam and AdamW. A learned
   * schedule may give its rates in units of it; absent: 0.1.
   */
  usualRate?: number;
  /** Whether the loop keeps copies of all that a step depends on, and goes back to them; absent: no action asks for it. */
  canRollBack?: boolean;
};

/** What the training loop saw at one step. `step` counts real updates from 0. */
export type Observed = {
  step: number;
  /** L_t: training loss of the mini-batch at the current weights, nats per example. */
  loss: number;
  /** Mean loss over the whole training set in evaluation mode, nats per example. */
  trainingSetLoss?: number;
  validationLoss?: number;
  /** <g_t, d_t>: inner product of the gradient with the update direction of this step. */
  gradientDotDirection?: number;
  /** <g_t, d_{t-1}>: inner product of the gradient with the previous update direction; 0 at step 0. */
  gradientDotPreviousDirection?: number;
  /** ||g_t||, Euclidean norm of the whole gradient. */
  gradientNorm?: number;
  /** ||d_t||, Euclidean norm of this step's update direction. */
  directionNorm?: number;
  /** Steps of the run before this schedule's step 0; a warm-up gives it, for messages alone. Absent: 0. */
  stepsBefore?: number;
};

/** Something a schedule did that its user should know of: a guard that acted, a value that was missing. */
export type ScheduleEvent = { step: number; kind: string; message: string };

/** The answer of a schedule to one step. */
export type Decision<State> = {
  /** α_t: finite and ≥ 0. */
  learningRate: number;
  state: State;
  /**
   * `snapshot`: keep a copy of weights, optimizer state with its count of updates, statistics and carried state before
   * this update; the copy before it stays, an older one is let go. `rollback`: go back to the newest copy, no update.
   * `skip`: no update; the direction is not applied, not even times 0. None of them without `canRollBack`.
   */
  action?: "snapshot" | "rollback" | "skip";
  /** Of a `rollback`: to the older of the two copies, which is the newest from then on. */
  older?: boolean;
  events?: ScheduleEvent[];
};

/**
 * A learning-rate schedule, learned or hand-made. Pure: the caller keeps the state, which is JSON-safe, so that
 * `k` steps, a save, a load and `N - k` steps give the same rates as `N` steps, bit for bit.
 * The rate of step t is a function of the state and of what was observed at step t.
 */
export interface Schedule<State> {
  /** What sort of schedule this is, without its options: a saved state is taken up by the same kind only. */
  readonly kind?: string;
  /** The kind with its options, or a hash of its file: a saved state of another identity is refused. Absent: not compared. */
  readonly identity?: string;
  /** What `init` must be told. The initial loss, a pass over the training data, is told to those alone that name it here. */
  readonly needs?: readonly (keyof RunContext)[];
  init(context: RunContext): State;
  /** What the step needs beyond the loss; absent: nothing. */
  wants?(state: State, step: number): readonly (keyof Observed)[];
  next(state: State, observed: Observed): Decision<State>;
  /**
   * The state at `step`, the coming one, with the end of the run moved to `totalSteps`, which is above it: the rate goes on from
   * where it is, without a jump, and is at the new end where it would have been at the old one. Absent, and `ends`
   * too: there is no horizon. A schedule put around another calls `extendState` for that one.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` where the rate has come to its end already.
   */
  extend?(state: State, step: number, totalSteps: number): State;
  /** Of schedules whose state is a `Horizon`, such as those of `byStep`, which need no `extend`: whether the rate has come to its end at T. */
  readonly ends?: boolean;
  /** Whether `next` would answer a loss that is not finite, by `skip` or `rollback`. Absent or false: such a loss ends the run. */
  tolerates?(state: State): boolean;
}
