import { type Dataset, exampleCount } from "../data/index.ts";
import { allocateInputs, copyExamples } from "../data/internal.ts";
import type { BoundProgram, Engine, Program } from "../engine/index.ts";
import { MlrSnetError } from "../errors.ts";
import { elements } from "../graph/internal.ts";
import { Random } from "../random.ts";
import { allocateMasks, allocateMemory, type Batch, type LearnerMemory, maskInputs } from "./memory.ts";
import { scalarsAt } from "./optimizers.ts";
import {
  evaluationBatch,
  evaluationGraph,
  type GradientQuantity,
  gradientGraph,
  lookAheadGraph,
  type NetworkDefinition,
  traceNetwork,
} from "./step-graphs.ts";

/**
 * Mean loss, in nats per label for classes; and the fraction of correct predictions, 0 to 1, absent where the targets are
 * real numbers.
 */
export type Evaluation = { loss: number; accuracy?: number };

/** The loss of a batch, and the gradient quantities that were asked for. */
export type GradientResult = { loss: number } & Partial<Record<GradientQuantity, number>>;

/** A copy of everything that the next step depends on; arrays are flat. `updates`: how many the optimizer's state has seen. */
export type LearnerState = { step: number; updates: number } & Record<
  "weights" | "optimizer" | "statistics" | "previousDirection",
  Float32Array
>;

type Compiled<Output extends string> = {
  bound: BoundProgram;
  batch: Batch;
  /** Where a batch has another size than those of training. */
  masks?: LearnerMemory["masks"];
  outputs: Record<Output, Float32Array>;
};

const stateArrays = ["weights", "optimizer", "statistics", "previousDirection"] as const;

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
  #evaluationProgram: Promise<Compiled<"losses" | "correct">> | undefined;
  #step = 0;
  #updates = 0;

  /** @param seed of the initial weights and the dropout masks. */
  constructor(engine: Engine, definition: NetworkDefinition, batchSize: number, seed: number) {
    this.definition = definition;
    this.batchSize = batchSize;
    this.#engine = engine;
    this.#seed = seed;
    const { scope } = traceNetwork(definition, "train", batchSize);
    this.#memory = allocateMemory(scope, definition.optimizer, this.#allocateBatch(batchSize), seed);
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

  /** First part of a step: L_t and d_t at the current weights on `batch`. Nothing else changes until `apply`. */
  async gradients(quantities: readonly GradientQuantity[] = []): Promise<GradientResult> {
    this.#drawMasks();
    for (const [name, value] of Object.entries(scalarsAt(this.definition.optimizer, this.#updates)))
      this.#memory.scalars[name]![0] = value;
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

  /** Last part of a step: w - α d; the new optimizer state and statistics come into force. */
  async apply(learningRate: number): Promise<void> {
    const { weights, direction, previousDirection, optimizer, nextOptimizer, statistics, nextStatistics } =
      this.#memory;
    this.#memory.update(weights, learningRate);
    optimizer.set(nextOptimizer);
    statistics.set(nextStatistics);
    previousDirection.set(direction);
    this.#step++;
    this.#updates++;
  }

  /** Instead of `apply`: no update; weights, optimizer and statistics stay as they are, the next step has the next batch and masks. */
  skip(): void {
    this.#step++;
  }

  /**
   * The paper's look-ahead: ŵ = w - α d, then L_val and <∇L_val, d> at ŵ on a validation batch. Weights and state stay.
   *
   * @throws {MlrSnetError} `SHAPE_MISMATCH` if the batch has not as many inputs as its labels need.
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
    if (compiled.masks) this.#drawMasks(compiled.masks);
    compiled.batch.inputs.set(batch.inputs);
    compiled.batch.labels.set(batch.labels);
    this.#memory.update(this.#memory.lookAheadWeights, learningRate);
    await compiled.bound.run();
    return { validationLoss: compiled.outputs.loss[0]!, innerProduct: compiled.outputs.innerProduct[0]! };
  }

  /** Mean loss and, of classes, accuracy over a data set, in evaluation mode. */
  async evaluate(dataset: Dataset): Promise<Evaluation> {
    this.#evaluationProgram ??= this.#compileEvaluation();
    const { bound, batch, outputs } = await this.#evaluationProgram;
    const count = exampleCount(dataset);
    let loss = 0;
    let hits = 0;
    for (let start = 0; start < count; start += evaluationBatch) {
      const size = Math.min(evaluationBatch, count - start);
      // A short last batch is filled up with its own examples again, which are not counted.
      const indices = Uint32Array.from({ length: evaluationBatch }, (_, row) => start + (row % size));
      copyExamples(dataset, indices, batch.inputs, batch.labels);
      await bound.run();
      for (let row = 0; row < size; row++) {
        loss += outputs.losses[row]!;
        hits += outputs.correct[row]!;
      }
    }
    return this.#predicts ? { loss: loss / count, accuracy: hits / count } : { loss: loss / count };
  }

  /**
   * A copy of everything that the next step depends on.
   *
   * @param into an older copy of this learner, which is overwritten instead of allocating another.
   */
  save(into?: LearnerState): LearnerState {
    const { weights, optimizer, statistics, previousDirection } = this.#memory;
    if (into) {
      for (const name of stateArrays) into[name].set(this.#memory[name]);
      into.step = this.#step;
      into.updates = this.#updates;
      return into;
    }
    return {
      step: this.#step,
      updates: this.#updates,
      weights: weights.slice(),
      optimizer: optimizer.slice(),
      statistics: statistics.slice(),
      previousDirection: previousDirection.slice(),
    };
  }

  /**
   * Goes back to a saved state of the same network.
   *
   * @param step where the count of steps goes on; default: where it was saved.
   */
  restore(state: LearnerState, step: number = state.step): void {
    for (const name of stateArrays) {
      const expected = this.#memory[name].length;
      if (state[name].length !== expected)
        throw new MlrSnetError(
          "STATE_MISMATCH",
          `Expected ${expected} numbers of ${name} for this network, got ${state[name].length}.`,
        );
    }
    for (const name of stateArrays) this.#memory[name].set(state[name]);
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
    const program = await this.#compile(lookAheadGraph(this.definition, batchSize));
    const batch = this.#allocateBatch(batchSize);
    const outputs = { loss: new Float32Array(1), innerProduct: new Float32Array(1) };
    const inputs = { ...this.#memory.lookAheadInputs, x: batch.inputs, y: batch.labels };
    if (batchSize === this.batchSize) return { bound: program.bind(inputs, outputs), batch, outputs };
    const masks = allocateMasks(traceNetwork(this.definition, "train", batchSize).scope);
    return { bound: program.bind({ ...inputs, ...maskInputs(masks) }, outputs), batch, masks, outputs };
  }

  async #compileEvaluation(): Promise<Compiled<"losses" | "correct">> {
    const program = await this.#compile(evaluationGraph(this.definition, evaluationBatch));
    const batch = this.#allocateBatch(evaluationBatch);
    const outputs = { losses: new Float32Array(evaluationBatch), correct: new Float32Array(evaluationBatch) };
    const inputs = { ...this.#memory.inputs, x: batch.inputs, y: batch.labels };
    const { losses } = outputs;
    return { bound: program.bind(inputs, this.#predicts ? outputs : { losses }), batch, outputs };
  }

  /** Whether the labels are classes, of which right predictions are counted. */
  get #predicts(): boolean {
    return this.definition.labelType !== "float32";
  }

  async #compile(graph: Parameters<Engine["compile"]>[0]): Promise<Program> {
    const program = await this.#engine.compile(graph);
    this.#programs.push(program);
    return program;
  }

  #allocateBatch(batchSize: number): Batch {
    const { inputShape, inputType = "float32", labelType = "int32", labelsPerExample = 1 } = this.definition;
    const length = inputShape.reduce((product, size) => product * size, batchSize);
    return {
      inputs: allocateInputs(inputType, length),
      labels: allocateInputs(labelType, batchSize * labelsPerExample),
    };
  }

  /** Masks are a function of seed and step alone, so that a resumed run draws the same; a smaller one is the start of a larger. */
  #drawMasks(masks: LearnerMemory["masks"] = this.#memory.masks): void {
    for (const { name, probability, buffer } of masks) {
      const random = new Random(this.#seed, "dropout", name, this.#step);
      const kept = 1 / (1 - probability);
      for (let i = 0; i < buffer.length; i++)
        buffer[i] = random.word() < probability * 0x100000000 ? 0 : kept;
    }
  }
}
