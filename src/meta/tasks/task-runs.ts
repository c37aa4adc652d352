import type { Engine } from "../../engine/index.ts";
import { type CellConfig, learningRateRange, type Vector } from "../../schedules/index.ts";
import { usualRate } from "../../training/index.ts";
import { Population } from "../population/population.ts";
import type { PopulationRun } from "../population/run.ts";
import { architectures, definitionOf } from "./architectures.ts";
import { dataOf, type MetaTask } from "./task-distribution.ts";

/** What the schedules made of one task, each [members]. */
export type TaskOutcome = {
  /** Validation loss and share of right predictions after the last step; not finite where the run diverged. */
  losses: number[];
  correct: number[];
  /** Mean over the run of ln(L_t / L_0), each clipped to [-12, 1], 1 where a loss is no number. */
  progress: number[];
  /** L_0: training loss of the first batch, the same for all. */
  initialLoss: number;
  /** Whether classes are predicted: quadratics and regressions have a loss alone. */
  predicts: boolean;
};

/** Populations kept compiled at once: all of the grid with each optimizer. */
const mostCompiled = 128;

/**
 * Runs meta-tasks, each for a population of schedules at once, and keeps what it compiled.
 *
 * @example
 * const runs = new TaskRuns(await Engine.create({ threads: 1 }), presets.transfer);
 * const { losses } = await runs.run(drawTask(0, [0, 0]), thetas);
 */
export class TaskRuns {
  readonly #engine: Engine;
  readonly #cell: CellConfig;
  readonly #guarded: boolean;
  readonly #compiled = new Map<string, Population>();

  /** @param guarded see `PopulationOptions`. */
  constructor(engine: Engine, cell: CellConfig, guarded = true) {
    this.#engine = engine;
    this.#cell = cell;
    this.#guarded = guarded;
  }

  /** The compiled population of a task's kind, with so many members. */
  async population({ architecture, optimizer }: MetaTask, members: number): Promise<Population> {
    const key = `${architecture} ${optimizer} ${members}`;
    const known = this.#compiled.get(key);
    if (known) return known;
    const definition = definitionOf(architectures[architecture]!, optimizer);
    const made = await Population.create({
      engine: this.#engine,
      definition,
      cell: this.#cell,
      members,
      guarded: this.#guarded,
    });
    this.#compiled.set(key, made);
    for (const [oldest, population] of this.#compiled) {
      if (this.#compiled.size <= mostCompiled) break;
      this.#compiled.delete(oldest);
      await population.release();
    }
    return made;
  }

  /** Whole runs from fresh weights. @param thetas θ of each member. @param byHand see `PopulationRun`. */
  async run(
    task: MetaTask,
    thetas: readonly Vector[],
    byHand: Pick<PopulationRun, "logRates" | "shape"> = {},
  ): Promise<TaskOutcome> {
    const population = await this.population(task, thetas.length);
    const { train, validation } = dataOf(task);
    population.start({ ...runOf(task), train, ...byHand }, thetas);
    const sums = new Float64Array(thetas.length);
    let logInitial = 0;
    for (let step = 0; step < task.steps; step++) {
      await population.step();
      if (step === 0) logInitial = Math.log(population.losses[0]!);
      addProgress(sums, population.losses, logInitial);
    }
    const { losses, correct } = await population.evaluate(validation);
    return {
      losses: [...losses],
      correct: [...correct],
      progress: Array.from(sums, (sum) => sum / task.steps),
      initialLoss: Math.exp(logInitial),
      predicts: architectures[task.architecture]!.kind === "network",
    };
  }

  async release(): Promise<void> {
    for (const population of this.#compiled.values()) await population.release();
    this.#compiled.clear();
  }
}

/** What a population is told of a task, but for the data. γ, for cells that read it, is that of an initial loss of ln C. */
export function runOf({
  seed,
  steps,
  initialScale,
  optimizer,
  momentum,
  weightDecay,
  clipNorm,
  architecture,
}: MetaTask): Omit<PopulationRun, "train"> {
  const kind = architectures[architecture]!;
  const classes = kind.kind === "network" ? kind.network.classes : 10;
  const gamma = learningRateRange(Math.log(classes), classes, "loss");
  return {
    seed,
    totalSteps: steps,
    initialScale,
    momentum,
    weightDecay,
    gamma,
    usualRate: usualRate({
      kind: optimizer === "adam" ? "adamw" : "sgd",
      momentum: optimizer === "momentum" ? momentum : 0,
    }),
    ...(clipNorm !== null && { clipNorm }),
  };
}

/**
 * Adds ln(L_t / L_0), clipped to [-12, 1], of each member; 1 for a loss that is no number, from which a member may come back.
 * The mean over a run is its `progress`.
 */
export function addProgress(sums: Float64Array, losses: ArrayLike<number>, logInitial: number): void {
  for (let member = 0; member < sums.length; member++) {
    const ratio = Math.log(losses[member]!) - logInitial;
    sums[member]! += Number.isNaN(ratio) ? 1 : Math.min(1, Math.max(-12, ratio));
  }
}
