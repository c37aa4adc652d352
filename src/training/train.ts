import { BatchLoader, type DataSplits, type Dataset, exampleCount } from "../data/index.ts";
import { inputTypeOf, labelTypeOf } from "../data/internal.ts";
import type { Engine } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import type { Observed, RunContext, Schedule, ScheduleEvent } from "../schedules/index.ts";
import { checkRun } from "./check-run.ts";
import { type Evaluation, Learner, type LearnerState } from "./learner.ts";
import { usualRate } from "./optimizers.ts";
import { checkSameTraining, identityOfRun, type TrainingIdentity } from "./run-identity.ts";
import type { GradientQuantity, NetworkDefinition } from "./step-graphs.ts";
import { lossOf, type Task } from "./task.ts";

/** One update, as it is written: one line of JSON. `validation` and `test` stand in the records of evaluations only. */
export type TrainingRecord = {
  /** t, from 0. */
  step: number;
  /** L_t of the batch before the update, of classes in nats per example; not finite (in JSON null) only where the step was skipped or went back. */
  loss: number;
  /** α_t; 0 where the step was skipped, or went back to a copy, instead of making an update. */
  learningRate: number;
  /** After the update. */
  validation?: Evaluation;
  test?: Evaluation;
  events?: ScheduleEvent[];
};

/** How a run ended. A run that diverges is a result, not an error. */
export type TrainingOutcome =
  | { status: "done"; steps: number }
  /** `steps` updates were made; then a loss, or another observed quantity, was `loss`: NaN or Infinity as text. */
  | { status: "diverged"; steps: number; loss: string };

export type TrainingOptions = {
  task: Task;
  /** Training, validation and test data; the run trains on `train` alone. */
  data: DataSplits;
  schedule: Schedule<unknown>;
  engine: Engine;
  seed: number;
  /** T ≥ 1; default: the task's. */
  steps?: number;
  /** An evaluation after every so many updates, and after the last; default: after the last alone. */
  evaluateEvery?: number;
  /** Which data the evaluations use; default both. */
  evaluateOn?: readonly ("validation" | "test")[];
  /** From `save` of an earlier run with the same options. */
  resume?: TrainingState;
  /** Stops the run between two steps. */
  signal?: AbortSignal;
};

/** All that a resumed run needs. */
export type TrainingState = {
  learner: LearnerState;
  schedule: unknown;
  context: RunContext;
  /** What it belongs to; absent in states of earlier releases. */
  run?: TrainingIdentity;
  /** The newest copy that the schedule had kept, and the one before it. */
  copies?: LearnerState[];
};

const gradientQuantities: readonly GradientQuantity[] = [
  "gradientDotDirection",
  "gradientDotPreviousDirection",
  "gradientNorm",
  "directionNorm",
];

/** The network of a task, as the learner wants it. */
export function definitionOf(task: Task): NetworkDefinition {
  const { train } = task.data;
  return {
    model: task.model,
    loss: lossOf(task),
    optimizer: task.optimizer,
    inputShape: train.inputShape,
    inputType: inputTypeOf(train),
    labelType: labelTypeOf(train),
    labelsPerExample: train.labelsPerExample ?? 1,
  };
}

/** What a schedule is told of a run of `steps` updates on `train`, but for the initial loss; real targets have no classes. */
export function contextOf(
  { batchSize, optimizer }: Task,
  train: Dataset,
  steps: number,
): Required<Omit<RunContext, "initialLoss" | "classes" | "canRollBack">> & Pick<RunContext, "classes"> {
  const stepsPerEpoch = Math.floor(exampleCount(train) / batchSize);
  const epochs = Math.max(1, Math.round(steps / stepsPerEpoch));
  return {
    ...(train.classes !== undefined && { classes: train.classes }),
    totalSteps: steps,
    stepsPerEpoch,
    epochs,
    usualRate: usualRate(optimizer),
  };
}

/**
 * A training run as a generator of records; the caller keeps the pace, and may save between two records.
 *
 * Per step: the batch's loss and direction, then the schedule, then the update. The seed decides the initial weights
 * and the order of the batches. Evaluations use evaluation mode.
 *
 * A schedule may have copies kept, and go back to them, or skip a step. Such a step costs its batch and counts as one of
 * the T steps, though it makes no update: weights, statistics, and the optimizer with its count of updates go back, the
 * count of steps goes on.
 *
 * @example
 * const run = new TrainingRun({ task, data: splitsOf(task), schedule: cosine({ baseRate: 0.5 }), engine, seed: 0 });
 * for await (const { step, loss, learningRate } of run.records()) process.stdout.write(`${step} ${loss} ${learningRate}\n`);
 */
export class TrainingRun {
  readonly learner: Learner;
  readonly steps: number;
  readonly #options: TrainingOptions;
  readonly #loader: BatchLoader;
  #scheduleState: unknown;
  /** At most two, the newest first. */
  #copies: LearnerState[];
  #context: RunContext | undefined;
  #outcome: TrainingOutcome | undefined;

  /** @throws {MlrSnetError} `INVALID_ARGUMENT`; `STATE_MISMATCH` if `resume` is of a run with another task, seed, T or schedule. */
  constructor(options: TrainingOptions) {
    checkRun(options, definitionOf);
    const { task, data, engine, seed, steps = task.steps } = options;
    if (!Number.isInteger(steps) || steps < 1)
      throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`steps\` to be an integer ≥ 1, got ${steps}.`);
    this.#options = options;
    this.steps = steps;
    this.learner = new Learner(engine, definitionOf(task), task.batchSize, seed);
    this.#loader = new BatchLoader(data.train, { batchSize: task.batchSize, seed });
    if (options.resume) {
      checkSameTraining(options.resume.run, identityOfRun(options, steps));
      this.learner.restore(options.resume.learner);
      this.#scheduleState = options.resume.schedule;
      this.#context = options.resume.context;
    }
    // Copies, since they will be overwritten.
    this.#copies = structuredClone(options.resume?.copies ?? []);
  }

  /** How the run ended; undefined while it goes on, and where it was stopped by its signal. */
  get outcome(): TrainingOutcome | undefined {
    return this.#outcome;
  }

  /** What the schedule was told of the run, the initial loss only if it needs it; known from the first record on. */
  get context(): RunContext | undefined {
    return this.#context;
  }

  /** Between two records: everything that a resumed run needs. */
  save(): TrainingState {
    if (!this.#context)
      throw new MlrSnetError("INVALID_ARGUMENT", "Expected a run that has begun, got none to save.");
    return {
      learner: this.learner.save(),
      schedule: this.#scheduleState,
      context: this.#context,
      run: identityOfRun(this.#options, this.steps),
      ...(this.#copies.length > 0 && { copies: structuredClone(this.#copies) }),
    };
  }

  async *records(): AsyncGenerator<TrainingRecord, TrainingOutcome | undefined> {
    const { schedule, signal } = this.#options;
    if (!this.#context) {
      const context = await this.#describe();
      const { initialLoss = 0 } = context;
      if (!Number.isFinite(initialLoss)) return this.#diverge(0, initialLoss);
      this.#scheduleState = schedule.init(context);
      this.#context = context;
    }
    while (this.learner.step < this.steps && !signal?.aborted) {
      const record = await this.#step();
      if (!record) return this.#outcome;
      yield record;
    }
    if (this.learner.step === this.steps) this.#outcome = { status: "done", steps: this.steps };
    return this.#outcome;
  }

  async release(): Promise<void> {
    await this.learner.release();
  }

  /** One step; undefined where the loss, or something else that the schedule wants to see, is not finite and ends the run. */
  async #step(): Promise<TrainingRecord | undefined> {
    const { schedule } = this.#options;
    const step = this.learner.step;
    const wanted = schedule.wants?.(this.#scheduleState, step) ?? [];
    this.#loader.fill(step, this.learner.batch.inputs, this.learner.batch.labels);
    const gradients = await this.learner.gradients(
      gradientQuantities.filter((name) => wanted.includes(name)),
    );
    const observed: Observed = { step, ...gradients };
    if (wanted.includes("trainingSetLoss"))
      observed.trainingSetLoss = (await this.learner.evaluate(this.#options.data.train)).loss;
    if (wanted.includes("validationLoss"))
      observed.validationLoss = (await this.learner.evaluate(this.#options.data.validation)).loss;
    const notFinite = Object.values(observed).find((value) => !Number.isFinite(value));
    if (notFinite !== undefined && !schedule.tolerates?.(this.#scheduleState)) {
      this.#diverge(step, notFinite);
      return undefined;
    }
    const { learningRate, state, action, older, events } = schedule.next(this.#scheduleState, observed);
    this.#scheduleState = state;
    if (action === "snapshot")
      this.#copies = [this.learner.save(this.#copies[1]), ...this.#copies.slice(0, 1)];
    if (action === "rollback") this.#goBack(older ? 1 : 0, step);
    else if (action === "skip") this.learner.skip();
    else await this.learner.apply(learningRate);
    const record: TrainingRecord = { step, loss: gradients.loss, learningRate };
    if (events?.length) record.events = events;
    if (this.#evaluatesAfter(step)) await this.#evaluate(record);
    return record;
  }

  #goBack(index: 0 | 1, step: number): void {
    const copy = this.#copies[index];
    if (!copy)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected the schedule to ask for a copy before it goes back at step ${step}.`,
      );
    // The older one takes the place of the newest, whose arrays the next copy overwrites.
    if (index === 1) this.#copies.reverse();
    this.learner.restore(copy, step + 1);
  }

  #diverge(step: number, loss: number): TrainingOutcome {
    this.#outcome = { status: "diverged", steps: step, loss: String(loss) };
    return this.#outcome;
  }

  #evaluatesAfter(step: number): boolean {
    const { evaluateEvery } = this.#options;
    return step + 1 === this.steps || (evaluateEvery !== undefined && (step + 1) % evaluateEvery === 0);
  }

  async #evaluate(record: TrainingRecord): Promise<void> {
    const { data, evaluateOn = ["validation", "test"] } = this.#options;
    for (const part of evaluateOn) record[part] = await this.learner.evaluate(data[part]);
  }

  /** The initial loss, a pass over the training data, is for schedules that need it. */
  async #describe(): Promise<RunContext> {
    const { task, data, schedule } = this.#options;
    const context = { ...contextOf(task, data.train, this.steps), canRollBack: true };
    if (!schedule.needs?.includes("initialLoss")) return context;
    const { loss: initialLoss } = await this.learner.evaluate(data.train);
    return { initialLoss, ...context };
  }
}
