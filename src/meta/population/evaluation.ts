import { copyExamples, type Dataset, exampleCount } from "../../data/index.ts";
import type { BoundProgram, Engine, Program } from "../../engine/index.ts";
import { liveFootprint } from "../../graph/internal.ts";
import { layOut } from "../../nn/index.ts";
import { views } from "../../nn/internal.ts";
import type { Batch } from "../../training/index.ts";
import { inLanes, inTurn } from "../../training/internal.ts";
import { populationEvaluationGraph } from "./graph.ts";
import { allocateBatch } from "./memory.ts";
import type { Side } from "./side.ts";
import { type PopulationDefinition, type TracedPopulation, tracePopulation } from "./trace.ts";

/** Mean loss and fraction of right predictions of each member, [members]; the latter zeros where the targets are real numbers. */
export type PopulationEvaluation = { losses: Float64Array; correct: Float64Array };

/** The most examples that one call of the evaluation graph takes, and of how many bytes in between, about: 256 MiB. */
const mostEvaluated = 250;
const mostBytes = 2 ** 28;

/** The evaluation of a population, compiled: it reads the one side or the other. */
export class PopulationEvaluator {
  readonly program: Program;
  readonly #members: number;
  readonly #batchSize: number;
  readonly #batch: Batch;
  readonly #outputs: Record<"losses" | "correct", Float32Array>;
  readonly #carried: { now: Float32Array; next: Float32Array };
  readonly #bound: readonly [BoundProgram, BoundProgram];

  private constructor(
    program: Program,
    definition: PopulationDefinition,
    { losses: { shape }, correct, carried }: TracedPopulation,
    sides: readonly [Side, Side],
  ) {
    const [members, batchSize] = shape as [number, number];
    this.program = program;
    this.#members = members;
    this.#batchSize = batchSize;
    this.#batch = allocateBatch(definition, batchSize);
    const { inputs: x, labels: y } = this.#batch;
    const size = members * batchSize;
    this.#outputs = { losses: new Float32Array(size), correct: new Float32Array(size) };
    const layout = layOut(carried);
    this.#carried = { now: new Float32Array(layout.size), next: new Float32Array(layout.size) };
    const { losses } = this.#outputs;
    const outputs = {
      losses,
      ...(correct && { correct: this.#outputs.correct }),
      ...views(layout, this.#carried.next, "next.c."),
    };
    const bind = ({ tensors }: Side): BoundProgram =>
      program.bind({ x, y, ...tensors, ...views(layout, this.#carried.now, "c.") }, outputs);
    this.#bound = [bind(sides[0]), bind(sides[1])];
  }

  static async create(
    engine: Engine,
    definition: PopulationDefinition,
    members: number,
    sides: readonly [Side, Side],
  ): Promise<PopulationEvaluator> {
    const traced = traceForMemory(definition, members);
    const program = await engine.compile(populationEvaluationGraph(traced));
    return new PopulationEvaluator(program, definition, traced, sides);
  }

  /** @param side whose weights are evaluated. */
  async evaluate(dataset: Dataset, side: 0 | 1): Promise<PopulationEvaluation> {
    const [members, batchSize] = [this.#members, this.#batchSize];
    const sums = { losses: new Float64Array(members), correct: new Float64Array(members) };
    const { inputs, labels } = this.#batch;
    const { now, next } = this.#carried;
    const count = exampleCount(dataset);
    now.fill(0);
    for (const { indices, isCounted } of (now.length === 0 ? inTurn : inLanes)(count, batchSize)) {
      copyExamples(dataset, indices, inputs, labels);
      await this.#bound[side].run();
      now.set(next);
      for (const name of ["losses", "correct"] as const)
        for (const [place, value] of this.#outputs[name].entries())
          if (isCounted[place % batchSize]) sums[name][Math.floor(place / batchSize)]! += value / count;
    }
    return sums;
  }
}

/** Traced for as many examples at once as memory allows; where state is carried, for as many lanes as in training. */
function traceForMemory(definition: PopulationDefinition, members: number): TracedPopulation {
  const trace = (size: number) => tracePopulation(definition, "eval", members, size);
  const largest = trace(mostEvaluated);
  if (largest.carried.length > 0) return trace(definition.batchSize);
  const bytesEach = (4 * liveFootprint(populationEvaluationGraph(largest))) / mostEvaluated;
  const size = Math.max(1, Math.min(mostEvaluated, Math.floor(mostBytes / bytesEach)));
  return size === mostEvaluated ? largest : trace(size);
}
