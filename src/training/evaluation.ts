import { copyExamples, type Dataset, exampleCount } from "../data/index.ts";
import type { BoundProgram, Program } from "../engine/index.ts";
import { liveFootprint } from "../graph/internal.ts";
import { layOut } from "../nn/index.ts";
import { views } from "../nn/internal.ts";
import { allocateBatch, type Batch, type LearnerMemory } from "./memory.ts";
import {
  evaluationGraph,
  evaluationWeightsGraph,
  type NetworkDefinition,
  type Traced,
  traceNetwork,
} from "./step-graphs.ts";

/**
 * Mean loss, in nats per label for classes; and the fraction of correct predictions, 0 to 1, absent where the targets are
 * real numbers.
 */
export type Evaluation = { loss: number; accuracy?: number };

/** The most examples that are evaluated at once, and of how many bytes in between, about: 64 MiB. */
export const mostEvaluated = 500;
const mostBytes = 2 ** 26;

/**
 * How many examples the evaluation graph takes at once: as many as memory allows, 500 at most. A network that carries state
 * reads as many lanes as in training, whatever its size, since the lanes decide what each example is told of those before.
 *
 * @param largest the network for evaluation, traced for as many as are ever taken. @param lanes rows of a batch in training.
 */
export function evaluationBatchSize(largest: Traced, lanes: number): number {
  if (largest.scope.carriedTensors.length > 0) return lanes;
  const bytesEach = (4 * liveFootprint(evaluationGraph(largest))) / mostEvaluated;
  return Math.max(1, Math.min(mostEvaluated, Math.floor(mostBytes / bytesEach)));
}

/** Compiles a graph, for the one who has it released. */
type Compile = (graph: ReturnType<typeof evaluationGraph>) => Promise<Program>;

/** A network's evaluation, compiled; it reads the learner's memory. */
export class Evaluator {
  /** The weights at which evaluation happens, once `evaluationWeights` has been called: flat, laid out as those of training. */
  readonly weights: Float32Array;
  readonly #bound: BoundProgram;
  /** Computes `weights`; undefined where they are those of training themselves. */
  readonly #averages: BoundProgram | undefined;
  readonly #batch: Batch;
  readonly #batchSize: number;
  readonly #outputs: { losses: Float32Array; correct: Float32Array };
  readonly #carried: { now: Float32Array; next: Float32Array };
  readonly #predicts: boolean;

  private constructor(
    definition: NetworkDefinition,
    memory: LearnerMemory,
    { scope, losses: { shape } }: Traced,
    program: Program,
    averages: Program | undefined,
  ) {
    const [batchSize] = shape as [number];
    this.#batchSize = batchSize;
    this.#batch = allocateBatch(definition, batchSize);
    this.#outputs = { losses: new Float32Array(batchSize), correct: new Float32Array(batchSize) };
    this.#predicts = definition.labelType !== "float32";
    this.weights = averages ? new Float32Array(memory.layout.size) : memory.weights;
    this.#averages = averages?.bind(memory.inputs, views(memory.layout, this.weights, "e."));
    const layout = layOut(scope.carriedTensors);
    this.#carried = { now: new Float32Array(layout.size), next: new Float32Array(layout.size) };
    const { losses, correct } = this.#outputs;
    this.#bound = program.bind(
      {
        ...memory.inputs,
        ...views(memory.layout, this.weights, "w."),
        ...views(layout, this.#carried.now, "c."),
        x: this.#batch.inputs,
        y: this.#batch.labels,
      },
      { losses, ...(this.#predicts && { correct }), ...views(layout, this.#carried.next, "next.c.") },
    );
  }

  /** @param lanes rows of a batch in training. */
  static async create(
    compile: Compile,
    definition: NetworkDefinition,
    memory: LearnerMemory,
    lanes: number,
  ): Promise<Evaluator> {
    const largest = traceNetwork(definition, "eval", mostEvaluated);
    const batchSize = evaluationBatchSize(largest, lanes);
    const traced = batchSize === mostEvaluated ? largest : traceNetwork(definition, "eval", batchSize);
    const program = await compile(evaluationGraph(traced));
    const averaging = evaluationWeightsGraph(definition.optimizer, memory.layout.entries);
    return new Evaluator(definition, memory, traced, program, averaging && (await compile(averaging)));
  }

  /** The weights at which evaluation happens, of now; overwritten by the next call. */
  async evaluationWeights(): Promise<Float32Array> {
    await this.#averages?.run();
    return this.weights;
  }

  /** Mean loss and, of classes, accuracy over a data set, in evaluation mode. */
  async evaluate(dataset: Dataset): Promise<Evaluation> {
    await this.evaluationWeights();
    const { losses, correct } = this.#outputs;
    const { now, next } = this.#carried;
    const count = exampleCount(dataset);
    const batches = now.length === 0 ? inTurn(count, this.#batchSize) : inLanes(count, this.#batchSize);
    let loss = 0;
    let hits = 0;
    now.fill(0);
    for (const { indices, isCounted } of batches) {
      copyExamples(dataset, indices, this.#batch.inputs, this.#batch.labels);
      await this.#bound.run();
      now.set(next);
      for (const [row, counts] of isCounted.entries()) {
        if (!counts) continue;
        loss += losses[row]!;
        hits += correct[row]!;
      }
    }
    return this.#predicts ? { loss: loss / count, accuracy: hits / count } : { loss: loss / count };
  }
}

/** The examples of an evaluation's batch; those that only fill it up are not counted. */
type Chosen = { indices: Uint32Array; isCounted: boolean[] };

/** All examples in their order. A short last batch is filled up with its own examples again. */
export function* inTurn(count: number, batchSize: number): Generator<Chosen> {
  for (let start = 0; start < count; start += batchSize) {
    const size = Math.min(batchSize, count - start);
    const indices = Uint32Array.from({ length: batchSize }, (_, row) => start + (row % size));
    yield { indices, isCounted: Array.from(indices, (_, row) => row < size) };
  }
}

/**
 * The examples as a stream in lanes of equal length, one step of all lanes after the other. Where lanes are not quite equal
 * the shorter ones are filled up at their end, and every example is counted once.
 */
export function* inLanes(count: number, lanes: number): Generator<Chosen> {
  const startOf = (lane: number) => Math.floor((lane * count) / lanes);
  for (let step = 0; step < Math.ceil(count / lanes); step++) {
    const wanted = Array.from({ length: lanes }, (_, lane) => startOf(lane) + step);
    yield {
      indices: Uint32Array.from(wanted, (index) => Math.min(index, count - 1)),
      isCounted: wanted.map((index, lane) => index < startOf(lane + 1)),
    };
  }
}
