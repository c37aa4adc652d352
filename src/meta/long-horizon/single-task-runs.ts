import type { DataSplits, Dataset } from "../../data/index.ts";
import type { Engine } from "../../engine/index.ts";
import { MlrSnetError } from "../../errors.ts";
import { footprint } from "../../graph/internal.ts";
import type { CellConfig, Vector } from "../../schedules/index.ts";
import { defaultGammaGuard, guardedGamma } from "../../schedules/internal.ts";
import { definitionOf, loadTask, splitsOf, type Task, usualRate } from "../../training/index.ts";
import { gradientGraph, trainingBatches } from "../../training/internal.ts";
import { Population } from "../population/population.ts";
import type { PopulationDefinition } from "../population/trace.ts";
import type { MetaTask } from "../tasks/task-distribution.ts";
import { addProgress, type TaskOutcome } from "../tasks/task-runs.ts";
import type { LongHorizonOptions } from "./options.ts";

/** 1 GiB. */
const defaultMostNumbers = 2 ** 28;

type Loaded = {
  task: Task;
  data: DataSplits;
  definition: PopulationDefinition;
  /** The most members that train at once. */
  most: number;
};

/**
 * Runs one given task again and again, for meta-training on it alone: any task, all candidates at once as a population.
 * The drawn task gives the seed, and its T, between a tenth of the task's and all of it.
 */
export class SingleTaskRuns {
  readonly #engine: Engine;
  readonly #cell: CellConfig;
  readonly #reference: NonNullable<LongHorizonOptions["task"]>;
  readonly #mostNumbers: number;
  #loading: Promise<Loaded> | undefined;
  readonly #populations = new Map<number, Promise<Population>>();

  /** @param mostNumbers that the graph of all candidates may hold at once: larger networks train in groups, one after the other. */
  constructor(
    engine: Engine,
    cell: CellConfig,
    reference: NonNullable<LongHorizonOptions["task"]>,
    mostNumbers: number = defaultMostNumbers,
  ) {
    this.#mostNumbers = mostNumbers;
    this.#engine = engine;
    this.#cell = cell;
    this.#reference = reference;
  }

  /**
   * Whole runs from fresh weights on the training data, judged on validation data.
   *
   * @param thetas θ of each candidate. One that has no finite rate is lost.
   * @throws {MlrSnetError} `NO_BATCHING` for a model with an operator of its own that has no batching rule; what
   * `loadTask` says of the task.
   */
  async run({ seed }: Pick<MetaTask, "seed">, thetas: readonly Vector[]): Promise<TaskOutcome> {
    this.#loading ??= this.#load();
    const { task, data, most } = await this.#loading;
    const groups = Math.ceil(thetas.length / most);
    const size = Math.ceil(thetas.length / groups);
    const predicts = task.data.train.classes !== undefined;
    const outcome: TaskOutcome = { losses: [], correct: [], progress: [], initialLoss: 1, predicts };
    for (let start = 0; start < thetas.length; start += size) {
      // The last group is filled up, so that all are of one size and compiled once.
      const group = Array.from({ length: size }, (_, member) => thetas[start + member] ?? thetas[start]!);
      const { losses, correct, progress, initialLoss } = await this.#train(group, data, seed);
      outcome.losses.push(...losses);
      outcome.correct.push(...correct);
      outcome.progress.push(...progress);
      outcome.initialLoss = initialLoss;
    }
    for (const name of ["losses", "correct", "progress"] as const) outcome[name].length = thetas.length;
    return outcome;
  }

  async release(): Promise<void> {
    for (const population of this.#populations.values()) await (await population).release();
    this.#populations.clear();
  }

  async #load(): Promise<Loaded> {
    const { reference, dataDirectory } = this.#reference;
    const task = await loadTask(reference, dataDirectory ? { dataDirectory } : {});
    const definition = { ...definitionOf(task), batchSize: task.batchSize };
    const numbers = footprint(gradientGraph(definition, task.batchSize));
    const most = Math.max(1, Math.floor(this.#mostNumbers / numbers));
    return { task, data: splitsOf(task), definition, most };
  }

  /** The compiled population of so many members. */
  async #population(members: number): Promise<Population> {
    const { definition } = await this.#loading!;
    let made = this.#populations.get(members);
    if (!made) {
      made = Population.create({ engine: this.#engine, definition, cell: this.#cell, members });
      this.#populations.set(members, made);
    }
    return await made;
  }

  async #train(
    thetas: readonly Vector[],
    { train, validation }: DataSplits,
    seed: number,
  ): Promise<Omit<TaskOutcome, "predicts">> {
    const { task } = await this.#loading!;
    const population = await this.#population(thetas.length);
    const most = this.#reference.steps;
    const shortest = Math.min(most, Math.max(20, most / 10));
    // The low bits of the seed are as random as the high ones, and independent of what is drawn from it.
    const totalSteps = Math.round(shortest * (most / shortest) ** ((seed % 1009) / 1008));
    const batches = trainingBatches(task, train, seed);
    const run = { seed, train, batches, totalSteps, usualRate: usualRate(task.optimizer) };
    population.start(run, thetas);
    const gamma = await this.#gamma(population, train);
    if (gamma !== undefined) population.start({ ...run, gamma }, thetas);

    const sums = new Float64Array(thetas.length);
    const lost = new Set<number>();
    let initialLoss = Number.NaN;
    for (let step = 0; step < totalSteps; step++) {
      await population.step();
      const { losses, rates } = population;
      // The same for all: they begin with the same weights.
      if (!Number.isFinite(initialLoss)) initialLoss = losses.find(Number.isFinite) ?? Number.NaN;
      addProgress(sums, losses, Math.log(initialLoss));
      for (const [member, rate] of rates.entries()) if (!Number.isFinite(rate)) lost.add(member);
    }
    const { losses, correct } = await population.evaluate(validation);
    return {
      // A rate that is not finite loses the run as a loss that is not.
      losses: [...losses].map((loss, member) => (lost.has(member) ? Number.NaN : loss)),
      correct: [...correct],
      progress: [...sums].map((sum) => sum / totalSteps),
      initialLoss: Number.isFinite(initialLoss) ? initialLoss : 1,
    };
  }

  /** γ, for cells that read it, from the untrained network's loss on the training data, as a run of its own has it. */
  async #gamma(population: Population, train: Dataset): Promise<number | undefined> {
    if (this.#cell.output !== "sigmoid") return undefined;
    if (train.classes === undefined)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a task with classes for a cell of the sigmoid form, whose γ they decide, got real targets in \`${train.name}\`.`,
      );
    const { losses } = await population.evaluate(train);
    return guardedGamma(losses[0]!, train.classes, this.#cell.range, defaultGammaGuard).gamma;
  }
}
