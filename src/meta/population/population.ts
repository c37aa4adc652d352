import { BatchLoader, type Dataset, exampleCount, type Inputs } from "../../data/index.ts";
import { allocateInputs, inputLength } from "../../data/internal.ts";
import type { BoundProgram, Engine, Program } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { initialWeights, layOut, type Scope } from "../../nn/index.ts";
import type { CellConfig, Vector } from "../../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../../schedules/internal.ts";
import { biasCorrections } from "../../training/internal.ts";
import { allocateCell, arrangeTheta, type CellMemory, clearCell, writeTime } from "./cell-memory.ts";
import {
  optimizerScalars,
  type PopulationDefinition,
  populationEvaluationGraph,
  populationSlots,
  populationStepGraph,
  tracePopulation,
} from "./graph.ts";
import { isGuarded, type MemberCount, type MemberGuard, PopulationGuard } from "./guard.ts";
import { allocateSide, arraysOf, type PopulationLayouts, type Side } from "./side.ts";

/** One run of a population: what all members have in common. */
export type PopulationRun = {
  /** Of the initial weights and the order of the batches. */
  seed: number;
  train: Dataset;
  /** T, which the schedules are told. */
  totalSteps: number;
  /** Default 1: what initial weights are multiplied by. */
  initialScale?: number;
  /** μ of the optimizer `momentum`; default 0.9. */
  momentum?: number;
  /** Largest norm of a member's gradient, for networks that clip; default none. */
  clipNorm?: number;
  /** λ; default 0. */
  weightDecay?: number;
  /** γ of cells of the sigmoid form. */
  gamma?: number;
  /** What is usual for the optimizer, for cells whose rates are in units of it; default 0.1. */
  usualRate?: number;
  /**
   * u_{-1} of each member in the integrating form, [members]; default 0. With a θ of zeros the rate stays start · exp(u):
   * the schedules made by hand that a learned one is measured against.
   */
  logRates?: readonly number[];
  /**
   * What all rates are multiplied by at step t, ≥ 0, in the place of what the integrating form makes of t and T. With a θ of
   * zeros, any schedule made by hand that depends on the step alone, from as many rates as there are members.
   */
  shape?: (step: number) => number;
};

/** Everything that changes from step to step; JSON-safe once the arrays are lists. */
export type PopulationState = {
  step: number;
  arrays: Record<string, Float32Array>;
  counts: MemberCount[];
  /** Of each member, where they are guarded; the copies are in the arrays `newest.<name>` and `older.<name>` then. */
  guards: MemberGuard[];
  /** Which run it is of; absent in states of earlier releases, and where it is kept elsewhere. */
  run?: string;
};

type Evaluation = { losses: Float32Array; correct: Float32Array };

/** Examples that one call of the evaluation graph takes. */
const evaluationBatch = 250;

/**
 * A population of networks of one kind in training, each driven by a schedule with a θ of its own. All members start
 * from the same weights and see the same batches, so that they differ by their schedules alone. One graph advances
 * them, network, cell and update together, which is what makes thousands of short trainings affordable. A member that
 * diverges does not touch the others.
 *
 * Compiled once, a population is started anew as often as wanted.
 *
 * @example
 * const population = await Population.create({ engine, definition, cell, members: 24 });
 * population.start({ seed: 0, train, totalSteps: 100 }, thetas);
 * for (let step = 0; step < 100; step++) await population.step();
 * const { losses } = await population.evaluate(validation);
 */
export class Population {
  readonly members: number;
  readonly cell: CellConfig;
  /** L_t of the last step, and its α_t, both [members]; overwritten by the next step. */
  readonly losses: Float32Array;
  readonly rates: Float32Array;
  readonly #definition: PopulationDefinition;
  readonly #scope: Scope;
  readonly #layouts: PopulationLayouts;
  /** Two copies of all that changes: a step reads one and writes the other. */
  readonly #sides: readonly [Side, Side];
  /** What each member would go back to; null where they are not guarded. */
  readonly #guard: PopulationGuard | null;
  readonly #cellMemory: CellMemory;
  readonly #scalars = new Float32Array(optimizerScalars.length);
  /** Bias corrections of each member, [members, 2]. */
  readonly #corrections: Float32Array;
  readonly #batch: { inputs: Inputs; labels: Int32Array };
  readonly #labels: Int32Array;
  readonly #evaluationBatch: { inputs: Inputs; labels: Int32Array };
  readonly #evaluated: Evaluation;
  #programs: Program[] = [];
  #steps: readonly [BoundProgram, BoundProgram] | undefined;
  #evaluations: readonly [BoundProgram, BoundProgram] | undefined;
  #loader: BatchLoader | undefined;
  #run: PopulationRun | undefined;
  #counts: MemberCount[] = [];
  #step = 0;

  private constructor({ definition, cell, members, guarded = true }: PopulationOptions) {
    const { batchSize, inputType, optimizer } = definition;
    this.members = members;
    this.cell = cell;
    this.losses = new Float32Array(members);
    this.rates = new Float32Array(members);
    this.#definition = definition;
    this.#scope = tracePopulation(definition, "train", members, batchSize).scope;
    const slots = populationSlots(optimizer).flatMap((slot) =>
      this.#scope.parameters.map(({ name, shape }) => ({ name: `${slot}.${name}`, shape })),
    );
    this.#layouts = {
      w: layOut(this.#scope.parameters),
      o: layOut(slots),
      s: layOut(this.#scope.statistics),
    };
    this.#cellMemory = allocateCell(cell, members);
    const other = allocateCell(cell, members).state;
    const side = (state = allocateCell(cell, members).state): Side => allocateSide(this.#layouts, state);
    this.#sides = [side(this.#cellMemory.state), side(other)];
    this.#guard =
      guarded && isGuarded(cell) ? new PopulationGuard(cell, this.#layouts, members, [side(), side()]) : null;
    this.#corrections = new Float32Array(2 * members);
    const length = inputLength(definition);
    this.#batch = {
      inputs: allocateInputs(inputType, batchSize * length),
      labels: new Int32Array(batchSize),
    };
    this.#labels = new Int32Array(members * batchSize);
    this.#evaluationBatch = {
      inputs: allocateInputs(inputType, evaluationBatch * length),
      labels: new Int32Array(members * evaluationBatch),
    };
    this.#evaluated = { losses: new Float32Array(members), correct: new Float32Array(members) };
  }

  /** Compiles the graphs. @throws {MlrSnetError} `INVALID_ARGUMENT` for a cell without a form in the graph, `ENGINE_FAILED`. */
  static async create(options: PopulationOptions): Promise<Population> {
    checkOptionNames("`Population.create`", options, optionNames);
    const population = new Population(options);
    await population.#compile(options.engine);
    return population;
  }

  /** Number of trainable numbers of one member. */
  get parameterCount(): number {
    return this.#layouts.w.entries.reduce((sum, { length }) => sum + length, 0) / this.members;
  }

  /** Steps made since the start. */
  get stepCount(): number {
    return this.#step;
  }

  /**
   * Begins a run, all members from the same fresh weights.
   *
   * @param thetas θ of each member's schedule, flat.
   */
  start(run: PopulationRun, thetas: readonly Vector[]): void {
    const { seed, initialScale = 1 } = run;
    const { weights, optimizer, statistics } = this.#sides[0];
    weights.set(initialWeights(this.#scope.parameters, this.#layouts.w, seed));
    if (initialScale !== 1) for (let i = 0; i < weights.length; i++) weights[i]! *= initialScale;
    optimizer.fill(0);
    for (const [index, { initial }] of this.#scope.statistics.entries()) {
      const { offset, length } = this.#layouts.s.entries[index]!;
      statistics.fill(initial, offset, offset + length);
    }
    clearCell(this.#cellMemory, run.logRates);
    this.#step = 0;
    this.#counts = Array.from({ length: this.members }, () => ({ updates: 0, isFresh: true }));
    this.#guard?.start();
    this.#attach(run, thetas);
  }

  /**
   * Goes on from where a run was saved; `run` as it was then, the schedules may be others.
   *
   * @throws {MlrSnetError} `STATE_MISMATCH` if the state is of another run.
   */
  restore(state: PopulationState, run: PopulationRun, thetas: readonly Vector[]): void {
    if ((state.run ?? textOf(run)) !== textOf(run))
      throw new MlrSnetError(
        "STATE_MISMATCH",
        `Expected the state of the run ${textOf(run)}, got that of ${state.run}: restore it into the run that it was saved from.`,
      );
    this.#step = state.step;
    this.#counts = structuredClone(state.counts);
    if (this.#guard) this.#guard.guards = state.guards;
    for (const [name, array] of Object.entries(this.#arrays)) array.set(state.arrays[name]!);
    this.#attach(run, thetas);
  }

  /** Copies of all that a restored run needs. */
  save(): PopulationState {
    return {
      step: this.#step,
      arrays: Object.fromEntries(Object.entries(this.#arrays).map(([name, array]) => [name, array.slice()])),
      counts: structuredClone(this.#counts),
      guards: this.#guard?.guards ?? [],
      run: textOf(this.#run!),
    };
  }

  /** All that changes, as it is now. */
  get #arrays(): Record<string, Float32Array> {
    return { ...arraysOf(this.#sides[this.#step % 2]!), ...this.#guard?.arrays };
  }

  /** One update of every member; `losses` and `rates` are those of this step afterwards. */
  async step(): Promise<void> {
    const { momentum = 0.9, weightDecay = 0, clipNorm = 1e30 } = this.#run!;
    const step = this.#step;
    this.#loader!.fill(step, this.#batch.inputs, this.#batch.labels);
    this.#scalars.set([momentum, weightDecay, clipNorm]);
    writeTime(this.cell, this.#cellMemory, step, this.#run!);
    const { own } = this.#cellMemory;
    for (const [member, { updates, isFresh }] of this.#counts.entries()) {
      this.#labels.set(this.#batch.labels, member * this.#batch.labels.length);
      this.#corrections.set(biasCorrections(updates), 2 * member);
      own.set([this.#guard?.factorOf(member) ?? 1, isFresh ? 1 : 0], 2 * member);
    }
    await this.#steps![(step % 2) as 0 | 1].run();
    this.#judge();
    this.#step++;
  }

  #judge(): void {
    const step = this.#step;
    const [before, after] = [this.#sides[step % 2]!, this.#sides[(step + 1) % 2]!];
    const { totalSteps, usualRate = 0.1 } = this.#run!;
    const { losses, rates } = this;
    const seen = { step, totalSteps, usualRate, losses, rates };
    this.#counts = this.#counts.map((count, member) =>
      this.#guard
        ? this.#guard.judge(member, before, after, count, seen)
        : { updates: count.updates + 1, isFresh: false },
    );
  }

  /**
   * Mean loss and share of right predictions of each member over a data set, [members].
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if its size is no multiple of 250.
   */
  async evaluate(dataset: Dataset): Promise<Evaluation> {
    const chunks = exampleCount(dataset) / evaluationBatch;
    if (!Number.isInteger(chunks))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a multiple of ${evaluationBatch} examples to evaluate, got ${exampleCount(dataset)}.`,
      );
    const { inputs, labels } = this.#evaluationBatch;
    const sum = { losses: new Float32Array(this.members), correct: new Float32Array(this.members) };
    for (let chunk = 0; chunk < chunks; chunk++) {
      inputs.set(dataset.inputs.subarray(chunk * inputs.length, (chunk + 1) * inputs.length));
      const own = dataset.labels.subarray(chunk * evaluationBatch, (chunk + 1) * evaluationBatch);
      for (let member = 0; member < this.members; member++) labels.set(own, member * evaluationBatch);
      await this.#evaluations![(this.#step % 2) as 0 | 1].run();
      for (let member = 0; member < this.members; member++) {
        sum.losses[member]! += this.#evaluated.losses[member]! / chunks;
        sum.correct[member]! += this.#evaluated.correct[member]! / chunks;
      }
    }
    return sum;
  }

  /** Frees the runtime's memory. */
  async release(): Promise<void> {
    for (const program of this.#programs) await program.release();
  }

  #attach(run: PopulationRun, thetas: readonly Vector[]): void {
    this.#run = run;
    this.#loader = new BatchLoader(run.train, { batchSize: this.#definition.batchSize, seed: run.seed });
    for (let member = 0; member < this.members; member++)
      arrangeTheta(this.cell, thetas[member]!, member, this.#cellMemory);
  }

  async #compile(engine: Engine): Promise<void> {
    const step = await engine.compile(populationStepGraph(this.#definition, this.cell, this.members));
    const evaluation = await engine.compile(
      populationEvaluationGraph(this.#definition, this.members, evaluationBatch),
    );
    this.#programs = [step, evaluation];
    const common = {
      x: this.#batch.inputs,
      y: this.#labels,
      "o.scalars": this.#scalars,
      ...(this.#definition.optimizer === "adam" && { "o.corrections": this.#corrections }),
      "k.time": this.#cellMemory.time,
      "k.own": this.#cellMemory.own,
      ...this.#cellMemory.theta,
    };
    const bind = (from: Side, to: Side): BoundProgram =>
      step.bind(
        { ...common, ...from.tensors },
        {
          losses: this.losses,
          rates: this.rates,
          ...Object.fromEntries(Object.entries(to.tensors).map(([name, array]) => [`next.${name}`, array])),
        },
      );
    const [a, b] = this.#sides;
    this.#steps = [bind(a, b), bind(b, a)];
    const { inputs: x, labels: y } = this.#evaluationBatch;
    this.#evaluations = [
      evaluation.bind({ x, y, ...a.tensors }, this.#evaluated),
      evaluation.bind({ x, y, ...b.tensors }, this.#evaluated),
    ];
  }
}

export type PopulationOptions = {
  engine: Engine;
  definition: PopulationDefinition;
  /** One plain LSTM layer that reads losses; see `checkGraphCell`. */
  cell: CellConfig;
  /** P ≥ 1. */
  members: number;
  /** Whether members of the integrating form are guarded, as `guardedSchedule` is; default true. */
  guarded?: boolean;
};

const optionNames: OptionNames<PopulationOptions> = {
  engine: true,
  definition: true,
  cell: true,
  members: true,
  guarded: true,
};

/** A run by what decides its steps beside the schedules. */
function textOf({ train, logRates: _, ...run }: PopulationRun): string {
  return JSON.stringify(Object.entries({ ...run, examples: exampleCount(train) }).sort());
}
