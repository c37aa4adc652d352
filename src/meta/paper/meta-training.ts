import { type Batches, exampleCount } from "../../data/index.ts";
import { allocateInputs, checksumOf, inputTypeOf, labelTypeOf } from "../../data/internal.ts";
import { MlrSnetError } from "../../errors.ts";
import {
  type CellConfig,
  MetaLearner,
  type MetaLearnerState,
  presets,
  type ScheduleFile,
} from "../../schedules/index.ts";
import {
  checkOptionNames,
  defaultGammaGuard,
  guardedGamma,
  initialiseParameters,
  type OptionNames,
  presetInitialisations,
} from "../../schedules/internal.ts";
import { type Batch, definitionOf, Learner } from "../../training/index.ts";
import { batchesOf, checkTraining, contextOf, trainingBatches } from "../../training/internal.ts";
import { checkSameRun } from "./checkpoint.ts";
import { learnedFile } from "./learned-file.ts";
import { metaStep } from "./meta-step.ts";
import { defaultUpdateEvery, snapshotSteps } from "./plan.ts";
import type {
  MetaContext,
  MetaRunIdentity,
  MetaTrainingOptions,
  MetaTrainingOutcome,
  MetaTrainingRecord,
  MetaTrainingState,
  Snapshot,
} from "./run.ts";

const optionNames: OptionNames<MetaTrainingOptions> = {
  task: true,
  data: true,
  engine: true,
  seed: true,
  steps: true,
  preset: true,
  updateEvery: true,
  evaluateEvery: true,
  switchRule: true,
  resume: true,
  signal: true,
};

/**
 * The paper's meta-training: a network trains once, and the schedule learns θ while it drives it.
 *
 * T_val counts over all iterations; meta examples are in neither training nor test data; the memory advances once per
 * real step; the seed decides everything. In each of these the released code differs (docs/meta.md).
 *
 * @example
 * const run = new MetaTrainingRun({ task, data: splitsOf(task), engine, seed: 0 });
 * for await (const { step, learningRate } of run.records()) progress(step, learningRate);
 * await writeFile("schedule.safetensors", encodeSchedule(run.schedule({})));
 */
export class MetaTrainingRun {
  readonly steps: number;
  readonly updateEvery: number;
  readonly cell: CellConfig;
  readonly learner: Learner;
  readonly #options: MetaTrainingOptions;
  /** C, which γ is computed from. */
  readonly #classes: number;
  readonly #batches: Batches;
  readonly #validationBatches: Batches;
  readonly #validationBatch: Batch;
  readonly #snapshots: Snapshot[] = [];
  #metaLearner: MetaLearner | undefined;
  #context: MetaContext | undefined;
  #outcome: MetaTrainingOutcome | undefined;
  #identity: MetaRunIdentity | undefined;

  /** @throws {MlrSnetError} `INVALID_ARGUMENT`; `TASK_INVALID` for a regression; `STATE_MISMATCH` if `resume` is of another run. */
  constructor(options: MetaTrainingOptions) {
    checkOptionNames("`MetaTrainingRun`", options, optionNames);
    checkTraining(options.task, options.data, definitionOf);
    const { task, data, engine, seed, steps = task.steps, preset = "image-meta-train", resume } = options;
    this.#options = options;
    this.#classes = classesOf(task.name, data.train.classes);
    this.steps = checkCount("steps", steps);
    this.updateEvery = checkCount("updateEvery", options.updateEvery ?? defaultUpdateEvery(steps));
    this.cell = presets[preset];
    this.learner = new Learner(engine, definitionOf(task), task.batchSize, seed);
    this.#batches = trainingBatches(task, data.train, seed);
    const batchSize = Math.min(task.batchSize, exampleCount(data.validation));
    this.#validationBatches = batchesOf(task, data.validation, { batchSize, seed });
    const length = data.train.inputShape.reduce((product, size) => product * size, batchSize);
    const labels = allocateInputs(labelTypeOf(data.train), batchSize * (data.train.labelsPerExample ?? 1));
    this.#validationBatch = { inputs: allocateInputs(inputTypeOf(data.train), length), labels };
    if (resume) {
      if (resume.identity) checkSameRun(resume.identity, this.identity);
      this.learner.restore(resume.learner);
      this.#context = resume.context;
      this.#metaLearner = this.#createMetaLearner(resume.metaLearner);
      for (const { afterSteps, theta } of resume.snapshots)
        this.#snapshots.push({ afterSteps, theta: Float64Array.from(theta) });
    }
  }

  /** What a resumed run must have in common with this one. */
  get identity(): MetaRunIdentity {
    const { task, data, seed, preset = "image-meta-train" } = this.#options;
    this.#identity ??= {
      task: task.name,
      seed,
      steps: this.steps,
      updateEvery: this.updateEvery,
      preset,
      batchSize: task.batchSize,
      parameters: this.learner.parameterCount,
      optimizer: JSON.stringify(task.optimizer),
      data: checksumOf([data.train, data.validation]).slice(0, 16),
    };
    return this.#identity;
  }

  /** How the run ended; undefined while it goes on, and where its signal stopped it. */
  get outcome(): MetaTrainingOutcome | undefined {
    return this.#outcome;
  }

  /** L0 where γ needs it, C, T and the length of an epoch; known from the first record on. */
  get context(): MetaContext | undefined {
    return this.#context;
  }

  get snapshots(): readonly Snapshot[] {
    return this.#snapshots;
  }

  /** γ, once the run has begun. */
  get gamma(): number | undefined {
    return this.#metaLearner?.gamma;
  }

  async *records(): AsyncGenerator<MetaTrainingRecord, MetaTrainingOutcome | undefined> {
    const metaLearner = await this.#begin();
    if (!metaLearner) return this.#diverge(0);
    const { stepsPerEpoch } = this.#context!;
    const snapshotAt = snapshotSteps(this.steps, stepsPerEpoch);
    const evaluateEvery = this.#options.evaluateEvery ?? stepsPerEpoch;
    while (this.learner.step < this.steps && !this.#options.signal?.aborted) {
      const step = this.learner.step;
      this.learner.read(this.#batches);
      const { loss, learningRate, update } = await metaStep(
        this.learner,
        metaLearner,
        this.#validationBatchFor(step),
      );
      if (learningRate === undefined) return this.#diverge(step);
      for (const afterSteps of snapshotAt)
        if (afterSteps === step + 1) this.#snapshots.push({ afterSteps, theta: metaLearner.theta });
      const record: MetaTrainingRecord = { step, loss, learningRate, ...update };
      const { warning } = this.#range();
      if (step === 0 && warning) record.events = [{ step, kind: "gamma-guard", message: warning }];
      if ((step + 1) % evaluateEvery === 0 || step + 1 === this.steps)
        record.test = await this.learner.evaluate(this.#options.data.test);
      yield record;
    }
    if (this.learner.step === this.steps) this.#outcome = { status: "done", steps: this.steps };
    return this.#outcome;
  }

  /** Between two records: everything that a resumed run needs. */
  save(): MetaTrainingState {
    if (!this.#metaLearner || !this.#context)
      throw new MlrSnetError("INVALID_ARGUMENT", "Expected a run that has begun, got none to save.");
    return {
      learner: this.learner.save(),
      metaLearner: this.#metaLearner.state,
      context: this.#context,
      snapshots: this.#snapshots.map(({ afterSteps, theta }) => ({ afterSteps, theta: [...theta] })),
      identity: this.identity,
    };
  }

  /**
   * What was learned, ready for `encodeSchedule`: three snapshots that take thirds of a query's epochs.
   *
   * @param provenance what to say of it beside the run's own facts.
   * @throws {MlrSnetError} `NOT_FINITE` if the run diverged before its first snapshot.
   */
  schedule(provenance: Readonly<Record<string, unknown>> = {}): ScheduleFile {
    return learnedFile(this.#options, this, provenance);
  }

  async release(): Promise<void> {
    await this.learner.release();
  }

  #diverge(steps: number): MetaTrainingOutcome {
    this.#outcome = { status: "diverged", steps };
    return this.#outcome;
  }

  /** Undefined where the untrained network's loss is not finite. */
  async #begin(): Promise<MetaLearner | undefined> {
    if (this.#metaLearner) return this.#metaLearner;
    const { task, data, seed, preset = "image-meta-train" } = this.#options;
    this.#context = { ...contextOf(task, data.train, this.steps), classes: this.#classes };
    if (this.cell.output === "sigmoid") {
      const { loss: initialLoss } = await this.learner.evaluate(data.train);
      if (!Number.isFinite(initialLoss)) return undefined;
      this.#context = { initialLoss, ...this.#context };
    }
    this.#metaLearner = this.#createMetaLearner(
      initialiseParameters(this.cell, seed, presetInitialisations[preset]),
    );
    return this.#metaLearner;
  }

  #createMetaLearner(start: Float64Array | MetaLearnerState): MetaLearner {
    const { classes, totalSteps, usualRate } = this.#context!;
    const { warning: _, ...range } = this.#range();
    return new MetaLearner({ cell: this.cell, ...range, classes, totalSteps, usualRate }, start);
  }

  /** γ and what the gamma guard did; nothing for the integrating form, which has none. */
  #range(): Partial<ReturnType<typeof guardedGamma>> {
    const { initialLoss, classes } = this.#context!;
    return initialLoss === undefined
      ? {}
      : guardedGamma(initialLoss, classes, this.cell.range, defaultGammaGuard);
  }

  #validationBatchFor(step: number): Batch | undefined {
    if (step % this.updateEvery !== 0) return undefined;
    const { inputs, labels } = this.#validationBatch;
    this.#validationBatches.fill(step / this.updateEvery, inputs, labels);
    return this.#validationBatch;
  }
}

function classesOf(task: string, classes: number | undefined): number {
  if (classes !== undefined) return classes;
  throw new MlrSnetError(
    "TASK_INVALID",
    `Expected a task of classes for the paper's recipe, whose range γ is computed from their number, got ${task} with real targets: use the long-horizon recipe.`,
  );
}

function checkCount(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 1) return value;
  throw new MlrSnetError("INVALID_ARGUMENT", `Expected \`${name}\` to be an integer ≥ 1, got ${value}.`);
}
