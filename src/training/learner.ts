import type { Batches, Dataset } from "../data/index.ts";
import type { BoundProgram, Engine, Program } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { elements } from "../graph/internal.ts";
import { type Evaluation, Evaluator } from "./evaluation.ts";
import { copyState, type LearnerState, putBack } from "./learner-state.ts";
import { allocateMasks, drawMasks, type Masks, maskInputs } from "./masks.ts";
import { allocateBatch, allocateMemory, type Batch, type LearnerMemory } from "./memory.ts";
import { scalarsAt } from "./optimizers.ts";
import {
  type GradientQuantity,
  gradientGraph,
  lookAheadGraph,
  type NetworkDefinition,
  traceNetwork,
} from "./step-graphs.ts";

/** The loss of a batch, and the gradient quantities that were asked for. */
export type GradientResult = { loss: number } & Partial<Record<GradientQuantity, number>>;

type Compiled<Output extends string> = {
  bound: BoundProgram;
  batch: Batch;
  /** Where a batch has another size than those of training. */
  masks?: Masks;
  outputs: Record<Output, Float32Array>;
};

/**
 * A network in training, its step in parts, so that a schedule of any kind sits between them:
 * `gradients` (batch to loss and direction d), the schedule, `apply` (w - α d); and `lookAhead` for meta-learning.
 */
export class Learner {
  readonly definition: NetworkDefinition;
  readonly batchSize: number;
  readonly #engine: Engine;
  readonly #seed: number;
  readonly #memory: LearnerMemory;
  readonly #programs: Program[] = [];
  readonly #gradientPrograms = new Map<string, Promise<Compiled<"loss" | GradientQuantity>>>();
  readonly #lookAheadPrograms = new Map<number, Promise<Compiled<"loss" | "innerProduct">>>();
  #evaluator: Promise<Evaluator> | undefined;
  #step = 0;
  #updates = 0;

  /** @param seed of the initial weights and the dropout masks. */
  constructor(engine: Engine, definition: NetworkDefinition, batchSize: number, seed: number) {
    this.definition = definition;
    this.batchSize = batchSize;
    this.#engine = engine;
    this.#seed = seed;
    const { scope } = traceNetwork(definition, "train", batchSize);
    this.#memory = allocateMemory(scope, definition.optimizer, allocateBatch(definition, batchSize), seed);
  }

  /** t: number of steps made, skipped ones too. */
  get step(): number {
    return this.#step;
  }

  /** The batch that the next call of `gradients` reads: fill it in place. */
  get batch(): Batch {
    return this.#memory.batch;
  }

  /** The weights w, the direction d of the last `gradients`, the weights ŵ of the last `lookAhead`, all flat, and where each parameter lies. */
  get memory(): Pick<LearnerMemory, "weights" | "direction" | "lookAheadWeights" | "layout"> {
    return this.#memory;
  }

  /** Number of trainable numbers. */
  get parameterCount(): number {
    return this.#memory.layout.entries.reduce((sum, { length }) => sum + length, 0);
  }

  /**
   * Fills `batch` for the step that comes. Where its rows start afresh, the state that the network carries is zero again.
   *
   * @throws {MlrSnetError} `INVALID_ARGUMENT` for a network that carries state where rows do not go on from those before.
   */
  read(batches: Batches): void {
    batches.fill(this.#step, this.batch.inputs, this.batch.labels);
    const { carried } = this.#memory;
    if (carried.length === 0) return;
    if (!batches.startsAfresh)
      throw new MlrSnetError(
        "INVALID_ARGUMENT",
        "Expected a stream for a network that carries state from step to step, got batches without `startsAfresh`.",
      );
    if (batches.startsAfresh(this.#step)) carried.fill(0);
  }

  /** First part of a step: L_t and d_t at the current weights on `batch`. Nothing else changes until `apply`. */
  async gradients(quantities: readonly GradientQuantity[] = []): Promise<GradientResult> {
    drawMasks(this.#memory.masks, this.#seed, this.#step);
    this.#setScalars();
    const key = quantities.join();
    let compiling = this.#gradientPrograms.get(key);
    if (!compiling) {
      compiling = this.#compileGradients(quantities);
      this.#gradientPrograms.set(key, compiling);
    }
    const { bound, outputs } = await compiling;
    await bound.run();
    const result: GradientResult = { loss: outputs.loss[0]! };
    for (const name of quantities) result[name] = outputs[name][0]!;
    return result;
  }

  /** Last part of a step: w - α d; the new optimizer state, statistics and carried state come into force. */
  async apply(learningRate: number): Promise<void> {
    const memory = this.#memory;
    memory.update(memory.weights, learningRate);
    memory.optimizer.set(memory.nextOptimizer);
    memory.statistics.set(memory.nextStatistics);
    memory.carried.set(memory.nextCarried);
    memory.previousDirection.set(memory.direction);
    this.#step++;
    this.#updates++;
  }

  /** Instead of `apply`: no update; weights, optimizer, statistics and carried state stay as they are, the next step has the next batch and masks. */
  skip(): void {
    this.#step++;
  }

  /**
   * The paper's look-ahead: ŵ = w - α d, then L_val and <∇L_val, d> at ŵ on a validation batch. Weights and state stay:
   * a network that carries state begins the batch with that of training, which is not moved on.
   *
   * @throws {MlrSnetError} `SHAPE_MISMATCH` if the batch has not as many inputs as its labels need, or another number of
   * rows than the state that the network carries.
   * @see arXiv 2007.14546; differs from the released code, which differentiates twice for the same number.
   */
  async lookAhead(
    learningRate: number,
    batch: Batch,
  ): Promise<{ validationLoss: number; innerProduct: number }> {
    const { inputShape, labelsPerExample = 1 } = this.definition;
    const size = batch.labels.length / labelsPerExample;
    // A shorter batch would leave numbers of the last one in the program's memory.
    if (!Number.isInteger(size) || size < 1 || batch.inputs.length !== elements([size, ...inputShape]))
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected inputs [batch, ${inputShape}] and ${labelsPerExample} labels for each, got ${batch.inputs.length} inputs and ${batch.labels.length} labels.`,
      );
    let compiling = this.#lookAheadPrograms.get(size);
    if (!compiling) {
      compiling = this.#compileLookAhead(size);
      this.#lookAheadPrograms.set(size, compiling);
    }
    const compiled = await compiling;
    if (compiled.masks) drawMasks(compiled.masks, this.#seed, this.#step);
    compiled.batch.inputs.set(batch.inputs);
    compiled.batch.labels.set(batch.labels);
    this.#memory.update(this.#memory.lookAheadWeights, learningRate);
    await compiled.bound.run();
    return { validationLoss: compiled.outputs.loss[0]!, innerProduct: compiled.outputs.innerProduct[0]! };
  }

  /** Mean loss and, of classes, accuracy over a data set, in evaluation mode at the evaluation weights. */
  async evaluate(dataset: Dataset): Promise<Evaluation> {
    return await (await this.#evaluation()).evaluate(dataset);
  }

  /**
   * The weights that evaluations use and that are worth keeping, flat and laid out as in `memory`: those of training, or
   * what the optimizer makes of them, such as a running mean. Overwritten by the next evaluation.
   */
  async evaluationWeights(): Promise<Float32Array> {
    return await (await this.#evaluation()).evaluationWeights();
  }

  /**
   * A copy of everything that the next step depends on.
   *
   * @param into an older copy of this learner, which is overwritten instead of allocating another.
   */
  save(into?: LearnerState): LearnerState {
    return copyState(this.#memory, this.#step, this.#updates, into);
  }

  /**
   * Goes back to a saved state of the same network.
   *
   * @param step where the count of steps goes on; default: where it was saved.
   */
  restore(state: LearnerState, step: number = state.step): void {
    putBack(this.#memory, state);
    this.#step = step;
    this.#updates = state.updates;
  }

  /** Frees the runtime's memory. */
  async release(): Promise<void> {
    for (const program of this.#programs.splice(0)) await program.release();
  }

  async #compileGradients(
    quantities: readonly GradientQuantity[],
  ): Promise<Compiled<"loss" | GradientQuantity>> {
    const program = await this.#compile(gradientGraph(this.definition, this.batchSize, quantities));
    const names: ("loss" | GradientQuantity)[] = ["loss", ...quantities];
    const outputs = Object.fromEntries(names.map((name) => [name, new Float32Array(1)])) as Compiled<
      "loss" | GradientQuantity
    >["outputs"];
    const bound = program.bind(this.#memory.inputs, { ...this.#memory.outputs, ...outputs });
    return { bound, batch: this.batch, outputs };
  }

  async #compileLookAhead(batchSize: number): Promise<Compiled<"loss" | "innerProduct">> {
    if (batchSize !== this.batchSize && this.#memory.carried.length > 0)
      throw new MlrSnetError(
        "SHAPE_MISMATCH",
        `Expected a batch of ${this.batchSize} rows, as many as the network carries state of, got ${batchSize}.`,
      );
    const program = await this.#compile(lookAheadGraph(this.definition, batchSize));
    const batch = allocateBatch(this.definition, batchSize);
    const outputs = { loss: new Float32Array(1), innerProduct: new Float32Array(1) };
    const inputs = { ...this.#memory.lookAheadInputs, x: batch.inputs, y: batch.labels };
    if (batchSize === this.batchSize) return { bound: program.bind(inputs, outputs), batch, outputs };
    const masks = allocateMasks(traceNetwork(this.definition, "train", batchSize).scope.masks);
    return { bound: program.bind({ ...inputs, ...maskInputs(masks) }, outputs), batch, masks, outputs };
  }

  async #evaluation(): Promise<Evaluator> {
    this.#setScalars();
    const compile = (graph: Parameters<Engine["compile"]>[0]) => this.#compile(graph);
    this.#evaluator ??= Evaluator.create(compile, this.definition, this.#memory, this.batchSize);
    return await this.#evaluator;
  }

  /** What the optimizer is told of the count of its updates. */
  #setScalars(): void {
    for (const [name, value] of Object.entries(scalarsAt(this.definition.optimizer, this.#updates)))
      this.#memory.scalars[name]![0] = value;
  }

  async #compile(graph: Parameters<Engine["compile"]>[0]): Promise<Program> {
    const program = await this.#engine.compile(graph);
    this.#programs.push(program);
    return program;
  }
}
