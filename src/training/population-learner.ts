import { copyExamples, type Dataset, inputLength } from "../data/index.ts";
import type { BoundProgram, Engine, Program } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { initialWeights, type Layout, layOut, type Scope, views } from "../nn/index.ts";
import type { Evaluation } from "./learner.ts";
import { type Batch, layOutSlots } from "./memory.ts";
import { scalarsAt } from "./optimizers.ts";
import { populationEvaluationGraph, populationGradientGraph, tracePopulation } from "./population-graphs.ts";
import type { NetworkDefinition } from "./step-graphs.ts";

type Bound = { program: Program; bound: BoundProgram };

export type PopulationOptions = {
  engine: Engine;
  definition: NetworkDefinition;
  /** P ≥ 1. */
  members: number;
  batchSize: number;
  /** Examples that one call of the evaluation graph takes; evaluated data sets hold a multiple of it. Default 250. */
  evaluationBatch?: number;
};

/**
 * A population of networks of one kind in training: all members see the same batches from the same start, each takes
 * its own learning rate. One graph with a leading population axis advances them all, which is what makes thousands of
 * short trainings affordable. A member that diverges does not touch the others.
 *
 * A step is `gradients` (the batch to each member's loss and direction), the schedules, `apply`. Compiled once, a
 * population is started anew as often as wanted.
 *
 * @example
 * population.start(seed);
 * const losses = await population.gradients();
 * population.apply(losses.map((loss, m) => schedules[m].next({ loss }).learningRate));
 */
export class PopulationLearner {
  readonly members: number;
  /** Inputs [batch, ...inputShape] and labels [batch] of the next call of `gradients`: fill them in place. */
  readonly batch: Batch;
  readonly #definition: NetworkDefinition;
  readonly #scope: Scope;
  readonly #layout: Layout;
  readonly #weights: Float32Array;
  readonly #direction: Float32Array;
  readonly #optimizer: Float32Array;
  readonly #nextOptimizer: Float32Array;
  readonly #scalars: Readonly<Record<string, Float32Array>>;
  readonly #labels: Int32Array;
  readonly #losses: Float32Array;
  readonly #evaluationInputs: Batch;
  readonly #evaluated: { losses: Float32Array; correct: Float32Array };
  #training: Bound | undefined;
  #evaluation: Bound | undefined;
  #step = 0;

  /** @throws {MlrSnetError} `INVALID_ARGUMENT` for gradient clipping and layers that have no population form. */
  private constructor({ definition, members, batchSize, evaluationBatch = 250 }: PopulationOptions) {
    if (definition.optimizer.clipNorm !== undefined)
      throw new MlrSnetError("INVALID_ARGUMENT", "Expected no `clipNorm`: a population has none yet.");
    this.members = members;
    this.#definition = definition;
    this.#scope = tracePopulation(definition, "train", members, batchSize).scope;
    this.#layout = layOut(this.#scope.parameters);
    this.#weights = new Float32Array(this.#layout.size);
    this.#direction = new Float32Array(this.#layout.size);
    const slots = layOutSlots(this.#definition.optimizer, this.#scope);
    this.#optimizer = new Float32Array(slots.size);
    this.#nextOptimizer = new Float32Array(slots.size);
    this.#scalars = Object.fromEntries(
      Object.keys(scalarsAt(definition.optimizer, 0)).map((name) => [name, new Float32Array(1)]),
    );
    const length = inputLength(definition);
    this.batch = { inputs: new Float32Array(batchSize * length), labels: new Int32Array(batchSize) };
    this.#labels = new Int32Array(members * batchSize);
    this.#losses = new Float32Array(members);
    this.#evaluationInputs = {
      inputs: new Float32Array(evaluationBatch * length),
      labels: new Int32Array(members * evaluationBatch),
    };
    this.#evaluated = { losses: new Float32Array(members), correct: new Float32Array(members) };
  }

  /** Compiles the graphs. @throws {MlrSnetError} `INVALID_ARGUMENT`, `ENGINE_FAILED`. */
  static async create(options: PopulationOptions): Promise<PopulationLearner> {
    const population = new PopulationLearner(options);
    await population.#compile(options);
    return population;
  }

  /** Number of trainable numbers of one member. */
  get parameterCount(): number {
    return this.#layout.entries.reduce((sum, { length }) => sum + length, 0) / this.members;
  }

  /** Initial weights from a seed, the same as one network's of that seed, and an empty optimizer state. */
  start(seed: number): void {
    this.#weights.set(initialWeights(this.#scope.parameters, this.#layout, seed));
    this.#optimizer.fill(0);
    this.#step = 0;
  }

  /** First part of a step: L_t of each member on `batch`, [members]; overwritten by the next call. */
  async gradients(): Promise<Float32Array> {
    for (const [name, value] of Object.entries(scalarsAt(this.#definition.optimizer, this.#step)))
      this.#scalars[name]![0] = value;
    for (let member = 0; member < this.members; member++)
      this.#labels.set(this.batch.labels, member * this.batch.labels.length);
    await this.#training!.bound.run();
    return this.#losses;
  }

  /** Last part of a step: w - α d of each member with its own α, [members]. */
  apply(learningRates: ArrayLike<number>): void {
    for (const { offset, length } of this.#layout.entries) {
      const own = length / this.members;
      for (let member = 0; member < this.members; member++) {
        const rate = Math.fround(learningRates[member]!);
        const start = offset + member * own;
        for (let i = start; i < start + own; i++)
          this.#weights[i] = this.#weights[i]! - Math.fround(rate * this.#direction[i]!);
      }
    }
    this.#optimizer.set(this.#nextOptimizer);
    this.#step++;
  }

  /**
   * Mean loss and accuracy of each member over a data set.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` if its size is no multiple of the evaluation batch.
   */
  async evaluate(dataset: Dataset): Promise<Evaluation[]> {
    const { inputs, labels } = this.#evaluationInputs;
    const size = labels.length / this.members;
    const chunks = dataset.labels.length / size;
    if (!Number.isInteger(chunks))
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        `Expected a multiple of ${size} examples to evaluate, got ${dataset.labels.length}.`,
      );
    const results = Array.from({ length: this.members }, () => ({ loss: 0, accuracy: 0 }));
    for (let chunk = 0; chunk < chunks; chunk++) {
      const indices = Uint32Array.from({ length: size }, (_, row) => chunk * size + row);
      copyExamples(dataset, indices, inputs, labels.subarray(0, size));
      for (let member = 1; member < this.members; member++) labels.copyWithin(member * size, 0, size);
      await this.#evaluation!.bound.run();
      for (const [member, result] of results.entries()) {
        result.loss += this.#evaluated.losses[member]! / chunks;
        result.accuracy += this.#evaluated.correct[member]! / chunks;
      }
    }
    return results;
  }

  /** Frees the runtime's memory. */
  async release(): Promise<void> {
    await this.#training?.program.release();
    await this.#evaluation?.program.release();
  }

  async #compile({
    engine,
    definition,
    members,
    batchSize,
    evaluationBatch = 250,
  }: PopulationOptions): Promise<void> {
    const slots = layOutSlots(this.#definition.optimizer, this.#scope);
    const weights = views(this.#layout, this.#weights, "w.");
    const training = await engine.compile(populationGradientGraph(definition, members, batchSize));
    const state = views(slots, this.#optimizer, "o.");
    this.#training = {
      program: training,
      bound: training.bind(
        { x: this.batch.inputs, y: this.#labels, ...weights, ...state, ...this.#scalars },
        {
          losses: this.#losses,
          ...views(this.#layout, this.#direction, "d."),
          ...views(slots, this.#nextOptimizer, "next.o."),
        },
      ),
    };
    const evaluation = await engine.compile(populationEvaluationGraph(definition, members, evaluationBatch));
    const { inputs, labels } = this.#evaluationInputs;
    this.#evaluation = {
      program: evaluation,
      bound: evaluation.bind({ x: inputs, y: labels, ...weights }, this.#evaluated),
    };
  }
}
