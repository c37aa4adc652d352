import { copyExamples, type Dataset, exampleCount } from "../../data/index.ts";
import type { BoundProgram, Engine, Program } from "../../engine/index.ts";
import type { Batch } from "../../training/index.ts";
import { populationEvaluationGraph } from "./graph.ts";
import { allocateBatch } from "./memory.ts";
import type { Side } from "./side.ts";
import type { PopulationDefinition } from "./trace.ts";

/** Mean loss and fraction of right predictions of each member, [members]; the latter zeros where the targets are real numbers. */
export type PopulationEvaluation = { losses: Float64Array; correct: Float64Array };

/** Examples that one call of the evaluation graph takes. */
const evaluationBatch = 250;

/** The evaluation of a population, compiled: it reads the one side or the other. */
export class PopulationEvaluator {
  readonly program: Program;
  readonly #members: number;
  readonly #batch: Batch;
  readonly #outputs: Record<string, Float32Array>;
  readonly #bound: readonly [BoundProgram, BoundProgram];

  private constructor(program: Program, members: number, batch: Batch, sides: readonly [Side, Side]) {
    this.program = program;
    this.#members = members;
    this.#batch = batch;
    const { inputs: x, labels: y } = batch;
    const outputs = program.allocateOutputs() as Record<string, Float32Array>;
    this.#outputs = outputs;
    const bind = ({ tensors }: Side): BoundProgram => program.bind({ x, y, ...tensors }, outputs);
    this.#bound = [bind(sides[0]), bind(sides[1])];
  }

  static async create(
    engine: Engine,
    definition: PopulationDefinition,
    members: number,
    sides: readonly [Side, Side],
  ): Promise<PopulationEvaluator> {
    const program = await engine.compile(populationEvaluationGraph(definition, members, evaluationBatch));
    return new PopulationEvaluator(program, members, allocateBatch(definition, evaluationBatch), sides);
  }

  /** @param side whose weights are evaluated. */
  async evaluate(dataset: Dataset, side: 0 | 1): Promise<PopulationEvaluation> {
    const members = this.#members;
    const sums = { losses: new Float64Array(members), correct: new Float64Array(members) };
    const { inputs, labels } = this.#batch;
    const count = exampleCount(dataset);
    for (let start = 0; start < count; start += evaluationBatch) {
      const size = Math.min(evaluationBatch, count - start);
      // A short last batch is filled up with its own examples again, which are not counted.
      const indices = Uint32Array.from({ length: evaluationBatch }, (_, row) => start + (row % size));
      copyExamples(dataset, indices, inputs, labels);
      await this.#bound[side].run();
      for (const [name, values] of Object.entries(this.#outputs))
        for (let member = 0; member < members; member++) {
          const offset = member * evaluationBatch;
          for (let row = offset; row < offset + size; row++)
            sums[name as keyof typeof sums][member]! += values[row]! / count;
        }
    }
    return sums;
  }
}
