import { expect } from "vitest";
import { type Dataset, generateMnist1d } from "../src/data/index.ts";
import { inputTypeOf } from "../src/data/internal.ts";
import { Engine } from "../src/engine/index.ts";
import { Population, type PopulationDefinition, type PopulationRun } from "../src/meta/index.ts";
import { drawnNetwork, type NetworkSpec, populationNetwork } from "../src/models/index.ts";
import { type CellConfig, type IntegratingOutput, presets, type Vector } from "../src/schedules/index.ts";
import { guardedSchedule, initialiseParameters } from "../src/schedules/internal.ts";
import { crossEntropy, type OptimizerOptions, TrainingRun, usualRate } from "../src/training/index.ts";

const data = generateMnist1d();
export const train: Dataset = data.train;
export const test: Dataset = data.test;
export const steps = 21;
/** After odd and even numbers of steps: a population keeps its weights in two places in turns. */
export const evaluateEvery = 7;
export const batchSize = 32;
export const spec: NetworkSpec = {
  family: "mlp",
  width: 16,
  depth: 2,
  activation: "relu",
  normalization: "none",
  classes: 10,
};
export function newEngine(): Promise<Engine> {
  return Engine.create({ threads: 1, planFolder: null, arena: false });
}

/** The cell of the preset `transfer`, beginning with another rate, in units of the usual one. */
export function cellFrom(start: number, ceiling = 1000): CellConfig {
  return {
    ...presets.transfer,
    output: { ...(presets.transfer.output as IntegratingOutput), start, ceiling },
  };
}
export const cell: CellConfig = cellFrom(0.5);

/** Schedules that differ, and heed what they read. */
export function thetasOf(of: CellConfig, members = 3): Float64Array[] {
  return Array.from({ length: members }, (_, member) =>
    initialiseParameters(of, member).map((value) => 3 * value),
  );
}
export const thetas: Float64Array[] = thetasOf(cell);
export const zeros: Float64Array[] = thetas.map((theta) => new Float64Array(theta.length));

export function definitionOf(
  changes: Partial<PopulationDefinition> = {},
  network: NetworkSpec = spec,
): PopulationDefinition {
  return {
    model: drawnNetwork(network),
    together: populationNetwork(network),
    inputShape: [40],
    inputType: "float32",
    loss: crossEntropy,
    optimizer: { kind: "sgd", momentum: 0.9 },
    batchSize,
    ...changes,
  };
}

export type Recorded = {
  /** [steps][members] */
  losses: number[][];
  rates: number[][];
  /** After every so many steps, the last one the end of the run. */
  evaluated: { losses: number[]; correct: number[] }[];
};

export async function createPopulation(
  on: Engine,
  changes: Partial<PopulationDefinition> = {},
  of: CellConfig = cell,
): Promise<Population> {
  return await Population.create({ engine: on, definition: definitionOf(changes), cell: of, members: 3 });
}

export function runOf(changes: Partial<PopulationRun> = {}): PopulationRun {
  return { seed: 7, train, totalSteps: steps, ...changes };
}

/** Goes on to the end of the run. */
export async function finish(population: Population, dataset: Dataset = test): Promise<Recorded> {
  const recorded: Recorded = { losses: [], rates: [], evaluated: [] };
  while (population.stepCount < steps) {
    await population.step();
    recorded.losses.push([...population.losses]);
    recorded.rates.push([...population.rates]);
    if (population.stepCount % evaluateEvery !== 0) continue;
    const { losses, correct } = await population.evaluate(dataset);
    recorded.evaluated.push({ losses: [...losses], correct: [...correct] });
  }
  return recorded;
}

export async function wholeRun(
  population: Population,
  members: readonly Vector[],
  changes: Partial<PopulationRun> = {},
): Promise<Recorded> {
  population.start(runOf(changes), members);
  return await finish(population);
}

export function expectNear(got: number, expected: number, what: string): void {
  expect(Math.abs(got / expected - 1), `${what}: ${got} and ${expected}`).toBeLessThan(1e-3);
}

export type Twins = {
  definition: PopulationDefinition;
  run: PopulationRun;
  evaluated: Dataset;
  cell: CellConfig;
  /** How both read the training data; default: shuffled. */
  batches?: "stream";
  /** Of the run of its own, where it differs. */
  optimizer?: OptimizerOptions;
};

/** What the guards of all runs did, by the kinds of their events. */
export type Acts = Record<"skip" | "rollback" | "cut", number>;

/** Holds each member to a training run of its own: every loss, every rate, and the evaluations. */
export async function expectTwins(
  engine: Engine,
  { definition, run, evaluated, cell: of, ...own }: Twins,
): Promise<Acts> {
  const members = thetasOf(of);
  const reading = own.batches && { batches: own.batches };
  const { model, batchSize, loss } = definition;
  const { optimizer = definition.optimizer } = own;
  const population = await Population.create({ engine, definition, cell: of, members: members.length });
  population.start({ ...run, usualRate: usualRate(optimizer) }, members);
  const together = await finish(population, evaluated);
  const acts: Acts = { skip: 0, rollback: 0, cut: 0 };
  expect(inputTypeOf(run.train)).toBe(definition.inputType ?? "float32");
  for (const [member, theta] of members.entries()) {
    const data = { train: run.train, validation: evaluated, test: evaluated };
    const snapshots = { switchRule: "fractions", fractions: [0], thetas: [theta] } as const;
    const gamma = of.output === "sigmoid" ? { gamma: run.gamma! } : {};
    const alone = new TrainingRun({
      task: { name: "twin", data, model, loss, optimizer, batchSize, steps, ...reading },
      data,
      schedule: guardedSchedule({ cell: of, snapshots, provenance: {} }, gamma),
      engine,
      seed: run.seed,
      evaluateEvery,
      evaluateOn: ["test"],
    });
    for await (const { step, loss: trained, learningRate, test, events = [] } of alone.records()) {
      for (const { kind } of events) if (kind in acts) acts[kind as keyof Acts]++;
      const where = `step ${step}, member ${member}`;
      expectNear(together.losses[step]![member]!, trained, `loss, ${where}`);
      const rate = together.rates[step]![member]!;
      if (learningRate === 0) expect(rate, `rate, ${where}`).toBe(0);
      else expectNear(rate, learningRate, `rate, ${where}`);
      if (!test) continue;
      const { losses, correct } = together.evaluated[Math.floor(step / evaluateEvery)]!;
      expectNear(losses[member]!, test.loss, `test loss, ${where}`);
      expect(Math.abs(correct[member]! - (test.accuracy ?? 0))).toBeLessThan(1.5 / evaluated.labels.length);
    }
    expect(alone.outcome?.status).toBe("done");
    await alone.release();
  }
  expect(new Set(together.losses.at(-1)).size).toBe(members.length);
  await population.release();
  return acts;
}
