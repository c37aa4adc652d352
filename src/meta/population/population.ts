import { type Batches, type Dataset, ShuffledBatches } from "../../data/index.ts";
import type { BoundProgram, Engine, Program } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { initialWeights } from "../../nn/index.ts";
import type { CellConfig, Vector } from "../../schedules/index.ts";
import { checkOptionNames, type OptionNames } from "../../schedules/internal.ts";
import { biasCorrections, drawMasks } from "../../training/internal.ts";
import { allocateCell, arrangeTheta, clearCell, writeTime } from "./cell-memory.ts";
import { type PopulationEvaluation, PopulationEvaluator } from "./evaluation.ts";
import { populationStepGraph } from "./graph.ts";
import { isGuarded, type MemberCount, PopulationGuard } from "./guard.ts";
import { allocatePopulation, type PopulationMemory, stepInputs } from "./memory.ts";
import { type PopulationRun, type PopulationState, textOf } from "./run.ts";
import { allocateSide, arraysOf, type Side } from "./side.ts";
import { type PopulationDefinition, type TracedPopulation, tracePopulation } from "./trace.ts";

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

/**
 * A population of networks of one kind in training, each driven by a schedule with a θ of its own. All members start
 * from the same weights and see the same batches, so that they differ by their schedules alone. One graph advances
 * them, network, cell and update together, which is what makes thousands of short trainings affordable. A member that
 * diverges does not touch the others. The network is any model, as one run has it.
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
  readonly #definition: PopulationDefinition;
  readonly #traced: TracedPopulation;
  readonly #memory: PopulationMemory;
  /** What each member would go back to; null where they are not guarded. */
  readonly #guard: PopulationGuard | null;
  #program: Program | undefined;
  #steps: readonly [BoundProgram, BoundProgram] | undefined;
  #evaluator: PopulationEvaluator | undefined;
  #loader: Batches | undefined;
  #run: PopulationRun | undefined;
  #counts: MemberCount[] = [];
  #step = 0;

  private constructor({ definition, cell, members, guarded = true }: PopulationOptions) {
    this.members = members;
    this.cell = cell;
    this.#definition = definition;
    this.#traced = tracePopulation(definition, "train", members, definition.batchSize);
    this.#memory = allocatePopulation(definition, this.#traced, cell, members);
    const { layouts } = this.#memory;
    const copy = (): Side => allocateSide(layouts, allocateCell(cell, members).state);
    this.#guard =
      guarded && isGuarded(cell) ? new PopulationGuard(cell, layouts, members, [copy(), copy()]) : null;
  }

  /**
   * Compiles the graphs.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` for a cell without a form in the graph, `NO_BATCHING` for a model with an
   * operator of its own that has no batching rule, `ENGINE_FAILED`; what `traceNetwork` says of the model.
   */
  static async create(options: PopulationOptions): Promise<Population> {
    checkOptionNames("`Population.create`", options, optionNames);
    const population = new Population(options);
    await population.#compile(options.engine);
    return population;
  }

  /** L_t of the last step, [members]; overwritten by the next step. */
  get losses(): Float32Array {
    return this.#memory.losses;
  }

  /** α_t of the last step, [members]; overwritten by the next step. */
  get rates(): Float32Array {
    return this.#memory.rates;
  }

  /** Number of trainable numbers of one member. */
  get parameterCount(): number {
    return this.#memory.layouts.w.entries.reduce((sum, { length }) => sum + length, 0) / this.members;
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
    const { layouts, sides, cell } = this.#memory;
    const { weights, optimizer, statistics, carried } = sides[0];
    weights.set(initialWeights(this.#traced.parameters, layouts.w, seed));
    if (initialScale !== 1) for (let i = 0; i < weights.length; i++) weights[i]! *= initialScale;
    optimizer.fill(0);
    carried.fill(0);
    for (const [index, { initial }] of this.#traced.statistics.entries()) {
      const { offset, length } = layouts.s.entries[index]!;
      statistics.fill(initial, offset, offset + length);
    }
    clearCell(cell, run.logRates);
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
    return { ...arraysOf(this.#memory.sides[this.#side]), ...this.#guard?.arrays };
  }

  /** The side that holds the present. */
  get #side(): 0 | 1 {
    return (this.#step % 2) as 0 | 1;
  }

  /** One update of every member; `losses` and `rates` are those of this step afterwards. */
  async step(): Promise<void> {
    const { optimizer } = this.#definition;
    const { momentum = optimizer.momentum ?? 0, clipNorm = optimizer.clipNorm ?? 0 } = this.#run!;
    const { weightDecay = optimizer.weightDecay ?? 0, seed } = this.#run!;
    const { masks, scalars, cell, corrections } = this.#memory;
    const step = this.#step;
    this.#read(step);
    drawMasks(masks, seed, step);
    scalars.set([momentum, weightDecay, clipNorm]);
    writeTime(this.cell, cell, step, this.#run!);
    for (const [member, { updates, isFresh }] of this.#counts.entries()) {
      corrections.set(biasCorrections(updates, optimizer.betas), 2 * member);
      cell.own.set([this.#guard?.factorOf(member) ?? 1, isFresh ? 1 : 0], 2 * member);
    }
    await this.#steps![this.#side].run();
    this.#judge();
    this.#step++;
  }

  /** The batch of a step. Where its rows start afresh, what the members carry is zero again. */
  #read(step: number): void {
    const { batch, sides } = this.#memory;
    const { carried } = sides[this.#side];
    this.#loader!.fill(step, batch.inputs, batch.labels);
    if (carried.length === 0) return;
    if (!this.#loader!.startsAfresh)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        "Expected a stream for a network that carries state from step to step, got batches without `startsAfresh`.",
      );
    if (this.#loader!.startsAfresh(step)) carried.fill(0);
  }

  #judge(): void {
    const step = this.#step;
    const { sides, losses, rates } = this.#memory;
    const [before, after] = [sides[this.#side], sides[this.#side === 0 ? 1 : 0]];
    const { totalSteps, usualRate = 0.1 } = this.#run!;
    const seen = { step, totalSteps, usualRate, losses, rates };
    for (const [member, count] of this.#counts.entries())
      if (this.#guard) this.#counts[member] = this.#guard.judge(member, before, after, count, seen);
      else this.#counts[member] = { updates: count.updates + 1, isFresh: false };
  }

  /** Mean loss and fraction of right predictions of each member over a data set, in evaluation mode. */
  async evaluate(dataset: Dataset): Promise<PopulationEvaluation> {
    return await this.#evaluator!.evaluate(dataset, this.#side);
  }

  /** Frees the runtime's memory. */
  async release(): Promise<void> {
    await this.#program?.release();
    await this.#evaluator?.program.release();
  }

  #attach(run: PopulationRun, thetas: readonly Vector[]): void {
    this.#run = run;
    const { batchSize } = this.#definition;
    this.#loader = run.batches ?? new ShuffledBatches(run.train, { batchSize, seed: run.seed });
    for (let member = 0; member < this.members; member++)
      arrangeTheta(this.cell, thetas[member]!, member, this.#memory.cell);
  }

  async #compile(engine: Engine): Promise<void> {
    const { sides, losses, rates } = this.#memory;
    const program = await engine.compile(populationStepGraph(this.#definition, this.cell, this.members));
    this.#program = program;
    const common = stepInputs(this.#definition, this.#memory);
    const bind = (from: Side, to: Side): BoundProgram => {
      const next = Object.entries(to.tensors).map(([name, array]) => [`next.${name}`, array]);
      return program.bind({ ...common, ...from.tensors }, { losses, rates, ...Object.fromEntries(next) });
    };
    this.#steps = [bind(sides[0], sides[1]), bind(sides[1], sides[0])];
    this.#evaluator = await PopulationEvaluator.create(engine, this.#definition, this.members, sides);
  }
}
