import { beforeAll, describe, expect, it } from "vitest";
import { type Dataset, generateData, generateMnist1d } from "../../data/index.ts";
import { inputTypeOf } from "../../data/internal.ts";
import { Engine } from "../../engine/index.ts";
import { matMul, reduceMean, relu } from "../../graph/index.ts";
import { type NetworkSpec, populationNetwork } from "../../models/index.ts";
import {
  batchNormalizationLayer,
  embeddingLayer,
  layOut,
  linearLayer,
  type Model,
  uniformFanIn,
} from "../../nn/index.ts";
import {
  type CellConfig,
  type IntegratingOutput,
  insured,
  presets,
  type Schedule,
  type Vector,
} from "../../schedules/index.ts";
import { guardedSchedule, initialiseParameters, learnedLimits } from "../../schedules/internal.ts";
import { type OptimizerOptions, TrainingRun, usualRate } from "../../training/index.ts";
import { type PopulationDefinition, tracePopulation } from "./graph.ts";
import { Population, type PopulationRun } from "./population.ts";

const { train, test } = generateMnist1d();
const steps = 21;
/** After odd and even numbers of steps: a population keeps its weights in two places in turns. */
const evaluateEvery = 7;
const batchSize = 32;
const spec: NetworkSpec = {
  family: "mlp",
  width: 16,
  depth: 2,
  activation: "relu",
  normalization: "none",
  classes: 10,
};
let engine: Engine;
beforeAll(async () => {
  engine = await newEngine();
});

function newEngine(): Promise<Engine> {
  return Engine.create({ threads: 1, planFolder: null, arena: false });
}

/** The cell of the preset `transfer`, beginning with another rate, in units of the usual one. */
function cellFrom(start: number, ceiling = 1000): CellConfig {
  return {
    ...presets.transfer,
    output: { ...(presets.transfer.output as IntegratingOutput), start, ceiling },
  };
}
const cell = cellFrom(0.5);

/** Schedules that differ, and heed what they read. */
function thetasOf(of: CellConfig, members = 3): Float64Array[] {
  return Array.from({ length: members }, (_, member) =>
    initialiseParameters(of, member).map((value) => 3 * value),
  );
}
const thetas = thetasOf(cell);
const zeros = thetas.map((theta) => new Float64Array(theta.length));

function definitionOf(changes: Partial<PopulationDefinition> = {}, network = spec): PopulationDefinition {
  return {
    model: populationNetwork(network),
    inputShape: [40],
    inputType: "float32",
    loss: "cross-entropy",
    optimizer: "momentum",
    batchSize,
    ...changes,
  };
}

/** The network of `spec` by plain layers: parameters of the same names, so that a seed gives the same numbers. */
function plainNetwork({ family, width, depth, normalization, classes }: NetworkSpec): Model {
  return (scope, x) => {
    let h = family === "bag" ? reduceMean(embeddingLayer(scope.child("embedding"), x, 32, width), [1]) : x;
    for (let layer = 1; layer <= depth; layer++) {
      const part = scope.child(`hidden${layer}`);
      const features = h.shape[1]!;
      if (normalization === "none") h = linearLayer(part, h, width);
      else {
        const weight = part.parameter("weight", [width, features], uniformFanIn(features));
        h = matMul(h, weight, { transposeB: true });
        h = batchNormalizationLayer(scope.child(`norm${layer}`), h);
      }
      h = relu(h);
    }
    return linearLayer(scope.child("linear"), h, classes);
  };
}

type Recorded = {
  /** [steps][members] */
  losses: number[][];
  rates: number[][];
  /** After every so many steps, the last one the end of the run. */
  evaluated: { losses: number[]; correct: number[] }[];
};

async function createPopulation(
  changes: Partial<PopulationDefinition> = {},
  of: CellConfig = cell,
  on: Engine = engine,
): Promise<Population> {
  return await Population.create({ engine: on, definition: definitionOf(changes), cell: of, members: 3 });
}

function runOf(changes: Partial<PopulationRun> = {}): PopulationRun {
  return { seed: 7, train, totalSteps: steps, ...changes };
}

/** Goes on to the end of the run. */
async function finish(population: Population, dataset: Dataset = test): Promise<Recorded> {
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

async function wholeRun(
  population: Population,
  members: readonly Vector[],
  changes: Partial<PopulationRun> = {},
): Promise<Recorded> {
  population.start(runOf(changes), members);
  return await finish(population);
}

function expectNear(got: number, expected: number, what: string): void {
  expect(Math.abs(got / expected - 1), `${what}: ${got} and ${expected}`).toBeLessThan(1e-3);
}

type Twins = {
  definition: PopulationDefinition;
  run: PopulationRun;
  evaluated: Dataset;
  cell: CellConfig;
  plain: { model: Model; optimizer: OptimizerOptions };
};

/** What the guards of all runs did, by the kinds of their events. */
type Acts = Record<"skip" | "rollback" | "cut", number>;

/** Holds each member to a training run of its own: every loss, every rate, and the evaluations. */
async function expectTwins({ definition, run, evaluated, cell: of, plain }: Twins): Promise<Acts> {
  const members = thetasOf(of);
  const population = await Population.create({ engine, definition, cell: of, members: members.length });
  population.start({ ...run, usualRate: usualRate(plain.optimizer) }, members);
  const together = await finish(population, evaluated);
  const acts: Acts = { skip: 0, rollback: 0, cut: 0 };
  expect(inputTypeOf(run.train)).toBe(definition.inputType);
  for (const [member, theta] of members.entries()) {
    const data = { train: run.train, validation: evaluated, test: evaluated };
    const snapshots = { switchRule: "fractions", fractions: [0], thetas: [theta] } as const;
    const gamma = of.output === "sigmoid" ? { gamma: run.gamma! } : {};
    const alone = new TrainingRun({
      task: { name: "twin", data, ...plain, batchSize: definition.batchSize, steps },
      data,
      schedule: guardedSchedule({ cell: of, snapshots, provenance: {} }, gamma),
      engine,
      seed: run.seed,
      evaluateEvery,
      evaluateOn: ["test"],
    });
    for await (const { step, loss, learningRate, test, events = [] } of alone.records()) {
      for (const { kind } of events) if (kind in acts) acts[kind as keyof Acts]++;
      const where = `step ${step}, member ${member}`;
      expectNear(together.losses[step]![member]!, loss, `loss, ${where}`);
      const rate = together.rates[step]![member]!;
      if (learningRate === 0) expect(rate, `rate, ${where}`).toBe(0);
      else expectNear(rate, learningRate, `rate, ${where}`);
      if (!test) continue;
      const { losses, correct } = together.evaluated[Math.floor(step / evaluateEvery)]!;
      expectNear(losses[member]!, test.loss, `test loss, ${where}`);
      expect(Math.abs(correct[member]! - test.accuracy!)).toBeLessThan(1.5 / evaluated.labels.length);
    }
    expect(alone.outcome?.status).toBe("done");
    await alone.release();
  }
  expect(new Set(together.losses.at(-1)).size).toBe(members.length);
  await population.release();
  return acts;
}

describe("Population", () => {
  it.each<{ title: string; optimizer: OptimizerOptions; start: number; momentum?: number }>([
    { title: "plain gradients", optimizer: { kind: "sgd" }, start: 0.5 },
    { title: "decayed gradients", optimizer: { kind: "sgd", weightDecay: 0.03 }, start: 0.5 },
    {
      title: "momentum and decay",
      optimizer: { kind: "sgd", momentum: 0.8, weightDecay: 0.03 },
      start: 1,
    },
    { title: "momentum 0.9, the default", optimizer: { kind: "sgd", momentum: 0.9 }, start: 2 },
    { title: "Adam", optimizer: { kind: "adam" }, start: 3 },
    { title: "AdamW with its decay", optimizer: { kind: "adamw", weightDecay: 0.5 }, start: 3 },
  ])("$title: trains each member as a run of its own would, and evaluates it so.", async (row) => {
    const { kind, momentum, weightDecay } = row.optimizer;
    const optimizer = kind === "sgd" ? (momentum === undefined ? "sgd" : "momentum") : "adam";
    const own = { ...(momentum === 0.8 && { momentum }), ...(weightDecay !== undefined && { weightDecay }) };
    await expectTwins({
      definition: definitionOf({ optimizer }),
      run: runOf(own),
      evaluated: test,
      cell: cellFrom(row.start),
      plain: { model: plainNetwork(spec), optimizer: row.optimizer },
    });
  });

  it("trains each member as a run of its own would with a cell of the sigmoid form and its γ.", async () => {
    await expectTwins({
      definition: definitionOf({ optimizer: "sgd" }),
      run: runOf({ gamma: 0.3 }),
      evaluated: test,
      cell: { ...cell, output: "sigmoid" },
      plain: { model: plainNetwork(spec), optimizer: { kind: "sgd" } },
    });
  });

  it("evaluates a network with batch normalisation by its running statistics, as plain runs do.", async () => {
    const network: NetworkSpec = { ...spec, normalization: "batch" };
    await expectTwins({
      definition: definitionOf({}, network),
      run: runOf(),
      evaluated: test,
      cell: cellFrom(2),
      plain: { model: plainNetwork(network), optimizer: { kind: "sgd", momentum: 0.9 } },
    });
  });

  it.each<{ title: string; optimizer: OptimizerOptions; starts: number[] }>([
    { title: "plain gradients", optimizer: { kind: "sgd" }, starts: [60] },
    // The first skips most, the second goes back most.
    { title: "momentum", optimizer: { kind: "sgd", momentum: 0.9 }, starts: [95, 405] },
    { title: "Adam", optimizer: { kind: "adam" }, starts: [120] },
  ])("$title: skips steps and goes back to a copy as a run of its own does.", async (row) => {
    const optimizer = row.optimizer.kind === "adam" ? "adam" : row.optimizer.momentum ? "momentum" : "sgd";
    const all: Acts[] = [];
    for (const start of row.starts)
      all.push(
        await expectTwins({
          definition: definitionOf({ optimizer }),
          run: runOf(),
          evaluated: test,
          cell: cellFrom(start),
          plain: { model: plainNetwork(spec), optimizer: row.optimizer },
        }),
      );
    for (const kind of ["skip", "rollback"] as const)
      expect(all.reduce((sum, acts) => sum + acts[kind], 0)).toBeGreaterThan(3);
  });

  it.each<{ title: string; optimizer: OptimizerOptions }>([
    { title: "plain gradients", optimizer: { kind: "sgd" } },
    { title: "momentum", optimizer: { kind: "sgd", momentum: 0.9 } },
    { title: "Adam", optimizer: { kind: "adam" } },
  ])(
    "$title: goes back in mid-run, and farther back the next time, with the optimizer as it was then, as a run of its own does.",
    async (row) => {
      const optimizer = row.optimizer.kind === "adam" ? "adam" : row.optimizer.momentum ? "momentum" : "sgd";
      const definition = definitionOf({ optimizer });
      const usual = usualRate(row.optimizer);
      const totalSteps = 135;
      const logRates = [0, 0.5, -0.5];
      // Two updates at an absurd rate, in a run whose rate is usual otherwise.
      const shape = (step: number): number => (step === 105 || step === 115 ? 1e30 : 1);
      const population = await Population.create({ engine, definition, cell: cellFrom(1), members: 3 });
      population.start(runOf({ totalSteps, logRates, shape, usualRate: usual }), zeros);
      const together: { losses: number[]; rates: number[]; weights: Float32Array; updates: number[] }[] = [];
      while (population.stepCount < totalSteps) {
        const { arrays, counts } = population.save();
        await population.step();
        const updates = counts.map((count) => count.updates);
        const { losses, rates } = population;
        together.push({ losses: [...losses], rates: [...rates], weights: arrays.weights!, updates });
      }
      for (const [member, logRate] of logRates.entries()) {
        const byHand: Schedule<null> = {
          init: () => null,
          next: (state, { step }) => ({ learningRate: usual * Math.exp(logRate) * shape(step), state }),
        };
        const data = { train, validation: test, test };
        const plain = { model: plainNetwork(spec), optimizer: row.optimizer, batchSize, steps: totalSteps };
        const alone = new TrainingRun({
          task: { name: "twin", data, ...plain },
          data,
          schedule: insured(byHand, { restore: true, ...learnedLimits(cell) }) as Schedule<unknown>,
          engine,
          seed: 7,
        });
        const acts: string[] = [];
        for await (const { step, loss, learningRate, events = [] } of alone.records()) {
          const where = `step ${step}, member ${member}`;
          const { losses, rates } = together[step]!;
          if (Number.isFinite(loss)) expectNear(losses[member]!, loss, `loss, ${where}`);
          else expect(losses[member], `loss, ${where}`).not.toSatisfy(Number.isFinite);
          if (learningRate === 0) expect(rates[member], `rate, ${where}`).toBe(0);
          else expectNear(rates[member]!, learningRate, `rate, ${where}`);
          acts.push(
            ...events.map(({ kind, message }) => `${kind} ${/before (step \d+)/.exec(message)?.[1] ?? step}`),
          );
          const updates = together[step + 1]?.updates[member];
          if (updates !== undefined) expect(updates, where).toBe(alone.learner.save().updates);
        }
        expect(acts).toEqual([
          ...["skip 106", "skip 107", "rollback step 100"],
          ...["skip 116", "skip 117", "rollback step 0"],
        ]);
        await alone.release();
      }
      expect(together[109]!.updates).toEqual([100, 100, 100]);
      expect(together[119]!.updates).toEqual([0, 0, 0]);
      await population.release();
      if (optimizer !== "adam") return;
      // Adam's first direction is ±1 wherever there is a gradient, after going back too: its count is that of updates.
      const { entries } = layOut(tracePopulation(definition, "train", 3, batchSize).scope.parameters);
      const sizeAt = (step: number, member: number): number => {
        const [before, after] = [together[step]!.weights, together[step + 1]!.weights];
        const moved = entries.flatMap(({ offset, length }) => {
          const start = offset + (member * length) / 3;
          return [...after.subarray(start, start + length / 3)].map((w, k) =>
            Math.abs(w - before[start + k]!),
          );
        });
        const trained = moved.filter((size) => size > 0);
        expect(trained.length).toBeGreaterThan(moved.length / 2);
        return trained.reduce((sum, size) => sum + size, 0) / trained.length / together[step]!.rates[member]!;
      };
      for (const member of [0, 1, 2]) {
        for (const step of [0, 119]) expect(sizeAt(step, member), `step ${step}`).toBeCloseTo(1, 2);
        // The count of steps would make it 1.5 times as large as it was ten updates after the beginning.
        expect(Math.abs(sizeAt(129, member) / sizeAt(10, member) - 1)).toBeLessThan(0.1);
      }
    },
  );

  it("takes tokens as inputs.", async () => {
    const network: NetworkSpec = { ...spec, family: "bag", depth: 1, classes: 5 };
    const data = { seed: 3, examples: 500, classes: 5, labelNoise: 0, inputNoise: 0 };
    const generated = generateData({ kind: "markov", ...data });
    await expectTwins({
      definition: definitionOf(
        { inputShape: generated.train.inputShape, inputType: "int32" },
        { ...network, vocabulary: 32 },
      ),
      run: runOf({ train: generated.train }),
      evaluated: generated.validation,
      cell: cellFrom(2),
      plain: { model: plainNetwork(network), optimizer: { kind: "sgd", momentum: 0.9 } },
    });
  });

  it.each([
    { cut: 7, start: 0.03, what: "quiet members" },
    { cut: 8, start: 0.03, what: "quiet members" },
    { cut: 7, start: 250, what: "members that skip steps and go back" },
    { cut: 8, start: 250, what: "members that skip steps and go back" },
  ])(
    "goes on from what was saved after $cut steps of $what bit for bit, in another population too.",
    async ({ cut, start }) => {
      const network: NetworkSpec = { ...spec, normalization: "batch" };
      const definition = definitionOf({ optimizer: "adam" }, network);
      const options = { engine, definition, cell: cellFrom(start), members: 3 };
      const [first, second] = [await Population.create(options), await Population.create(options)];
      const run = runOf({ weightDecay: 0.1 });
      first.start(run, thetas);
      let stopped = 0;
      for (let step = 0; step < cut; step++) {
        await first.step();
        stopped += first.rates.filter((rate) => rate === 0).length;
      }
      const saved = first.save();
      const expected = await finish(first);
      const later = expected.rates.flat().filter((rate) => rate === 0).length;
      expect([stopped > 0, later > 0]).toEqual(start > 1 ? [true, true] : [false, false]);
      expect(expected.losses).toHaveLength(steps - cut);
      await wholeRun(first, zeros, { seed: 8 });
      for (const population of [first, second]) {
        population.restore(structuredClone(saved), run, thetas);
        expect(population.stepCount).toBe(cut);
        expect(await finish(population)).toEqual(expected);
        for (const other of [{ weightDecay: 0.2 }, { weightDecay: 0.1, seed: 99 }])
          expect(() => population.restore(saved, runOf(other), thetas)).toThrow(
            expect.objectContaining({ code: "STATE_MISMATCH" }),
          );
      }
      await first.release();
      await second.release();
    },
  );

  it("saves a copy, which later steps leave alone.", async () => {
    const population = await createPopulation();
    population.start(runOf(), thetas);
    const saved = population.save();
    const before = structuredClone(saved);
    await finish(population);
    expect(saved).toEqual(before);
    await population.release();
  });

  it("gives the same bits when it is started again, whatever it ran in between, and others for another seed.", async () => {
    const population = await createPopulation();
    const expected = await wholeRun(population, thetas);
    const other = await wholeRun(population, thetas.toReversed(), {
      seed: 8,
      initialScale: 2,
      momentum: 0.5,
    });
    expect(await wholeRun(population, thetas)).toEqual(expected);
    expect(other.losses[0]).not.toEqual(expected.losses[0]);
    await population.release();
  });

  it("gives the same bits whatever other populations run on its engine, before and in turns.", async () => {
    const alone = await createPopulation({}, cell, await newEngine());
    const expected = await wholeRun(alone, thetas);
    const network: NetworkSpec = { ...spec, width: 32, normalization: "layer" };
    const definition = definitionOf({ optimizer: "adam", batchSize: 16 }, network);
    const neighbour = await Population.create({ engine, definition, cell, members: 5 });
    neighbour.start(runOf(), thetasOf(cell, 5));
    for (let step = 0; step < 3; step++) await neighbour.step();
    const population = await createPopulation();
    population.start(runOf(), thetas);
    for (let step = 0; step < 10; step++) {
      await population.step();
      await neighbour.step();
      if (step === 5) await neighbour.evaluate(test);
    }
    const { losses, evaluated } = await finish(population);
    expect(losses).toEqual(expected.losses.slice(10));
    expect(evaluated).toEqual(expected.evaluated.slice(1));
    for (const each of [alone, neighbour, population]) await each.release();
  });

  it("keeps members with equal θ equal bit for bit, beside one that differs.", async () => {
    const population = await createPopulation();
    const [theta, other] = thetas as [Float64Array, Float64Array];
    const { losses, rates, evaluated } = await wholeRun(population, [theta, other, theta]);
    for (const [first, second, third] of [...losses.slice(1), ...rates]) {
      expect(third).toBe(first);
      expect(second).not.toBe(first);
    }
    const [, , last] = evaluated;
    expect(last!.losses[2]).toBe(last!.losses[0]);
    expect(last!.correct[2]).toBe(last!.correct[0]);
    await population.release();
  });

  it.each(["none", "batch", "layer"] as const)(
    "leaves the other members' bits alone where one diverges, normalization %s.",
    async (normalization) => {
      const definition = definitionOf({}, { ...spec, normalization });
      const options = { engine, definition, cell: cellFrom(0.05), members: 3, guarded: false };
      const population = await Population.create(options);
      const decay = { weightDecay: 0.1 };
      const healthy = await wholeRun(population, zeros, decay);
      const broken = await wholeRun(population, zeros, { ...decay, logRates: [0, Math.log(20_000), 0] });
      expect(broken.losses.at(-1)![1]).toBeNaN();
      const [brokenEnd, healthyEnd] = [broken.evaluated.at(-1)!, healthy.evaluated.at(-1)!];
      expect(brokenEnd.losses[1]).toBeNaN();
      const others = ([first, , third]: readonly number[]) => [first, third];
      for (const name of ["losses", "rates"] as const)
        expect(broken[name].map(others)).toEqual(healthy[name].map(others));
      for (const name of ["losses", "correct"] as const)
        expect(others(brokenEnd[name])).toEqual(others(healthyEnd[name]));
      // And the next run is a fresh one for the member that was lost.
      expect(await wholeRun(population, zeros, decay)).toEqual(healthy);
      await population.release();
    },
  );

  it("keeps a rate at its unit · start · exp(u) · (1 - t/T) where θ is zero, with a u for each member.", async () => {
    const population = await createPopulation();
    const { rates } = await wholeRun(population, zeros, { logRates: [0, Math.log(2), -1] });
    for (const [step, [first, second, third]] of rates.entries()) {
      const annealed = 0.05 * Math.cbrt(1000 / steps) * (1 - step / steps);
      expectNear(first!, annealed, `step ${step}`);
      expectNear(second!, 2 * annealed, `step ${step}`);
      expectNear(third!, annealed / Math.E, `step ${step}`);
    }
    await population.release();
  });

  it("multiplies the initial weights by the scale.", async () => {
    const population = await createPopulation();
    population.start(runOf(), thetas);
    const plain = population.save().arrays.weights!;
    population.start(runOf({ initialScale: 0.5 }), thetas);
    expect(population.save().arrays.weights).toEqual(plain.map((value) => 0.5 * value));
    expect(population.parameterCount).toBe(40 * 16 + 16 + 16 * 16 + 16 + 16 * 10 + 10);
    await population.release();
  });

  it("refuses to evaluate what is no multiple of 250 examples, and cells without a form in the graph.", async () => {
    const population = await createPopulation();
    population.start(runOf(), thetas);
    const part = { ...test, inputs: test.inputs.subarray(0, 40 * 260), labels: test.labels.subarray(0, 260) };
    await expect(population.evaluate(part)).rejects.toThrow("Expected a multiple of 250 examples");
    await population.release();
    await expect(createPopulation({}, presets["meta-test"])).rejects.toThrow("one plain LSTM layer");
  });
});
