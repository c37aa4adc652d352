import { beforeAll, describe, expect, it } from "vitest";
import { BatchLoader, generateMnist1d } from "../data/index.ts";
import { Engine } from "../engine/index.ts";
import { softmaxCrossEntropy } from "../graph/index.ts";
import { cnnBatchNormalization, plainMlp } from "../models/index.ts";
import { Learner } from "./learner.ts";
import type { OptimizerOptions } from "./optimizers.ts";
import { PopulationLearner } from "./population-learner.ts";

const { train, test } = generateMnist1d();
const rates = [0.02, 0.3, 1.2];
let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

function definitionWith(optimizer: OptimizerOptions) {
  return { model: plainMlp(16), loss: softmaxCrossEntropy, optimizer, inputShape: [40] };
}

async function createPopulation(
  optimizer: OptimizerOptions,
  members = rates.length,
): Promise<PopulationLearner> {
  const definition = definitionWith(optimizer);
  const population = await PopulationLearner.create({ engine, definition, members, batchSize: 32 });
  population.start(7);
  return population;
}

describe("PopulationLearner", () => {
  it.each<OptimizerOptions>([
    { kind: "sgd", weightDecay: 5e-4 },
    { kind: "sgd", momentum: 0.9, nesterov: true },
    { kind: "adamw", weightDecay: 0.01 },
  ])("trains each member as a learner of its own would with $kind", async (optimizer) => {
    const population = await createPopulation(optimizer);
    const scale = optimizer.kind === "sgd" ? 0.2 : 0.01;
    const learners = rates.map(() => new Learner(engine, definitionWith(optimizer), 32, 7));
    const loader = new BatchLoader(train, { batchSize: 32, seed: 1 });
    for (let step = 0; step < 12; step++) {
      loader.fill(step, population.batch.inputs, population.batch.labels);
      const losses = await population.gradients();
      for (const [member, learner] of learners.entries()) {
        loader.fill(step, learner.batch.inputs, learner.batch.labels);
        const { loss } = await learner.gradients();
        expect(Math.abs(losses[member]! - loss), `step ${step}, member ${member}`).toBeLessThan(
          1e-4 * (1 + loss),
        );
        await learner.apply(rates[member]! * scale);
      }
      population.apply(rates.map((rate) => rate * scale));
    }
    const evaluations = await population.evaluate(test);
    for (const [member, learner] of learners.entries()) {
      const { loss, accuracy } = await learner.evaluate(test);
      expect(evaluations[member]!.loss).toBeCloseTo(loss, 3);
      expect(Math.abs(evaluations[member]!.accuracy - accuracy)).toBeLessThanOrEqual(0.003);
    }
    await population.release();
    for (const learner of learners) await learner.release();
  });

  it("leaves the others alone where one member diverges, and starts all anew from a seed", async () => {
    const population = await createPopulation({ kind: "sgd" }, 2);
    const alone = await createPopulation({ kind: "sgd" }, 2);
    const loader = new BatchLoader(train, { batchSize: 32, seed: 1 });
    const run = async (learner: PopulationLearner, given: number[]) => {
      learner.start(3);
      const all: number[][] = [];
      for (let step = 0; step < 8; step++) {
        loader.fill(step, learner.batch.inputs, learner.batch.labels);
        all.push([...(await learner.gradients())]);
        learner.apply(given);
      }
      return all;
    };
    const broken = await run(population, [1e30, 0.1]);
    const healthy = await run(alone, [0.1, 0.1]);
    expect(broken.at(-1)![0]).toBeNaN();
    expect(broken.map(([, second]) => second)).toEqual(healthy.map(([, second]) => second));
    expect(await run(population, [0.1, 0.1])).toEqual(healthy);
  });

  it("says which layers have no population form yet", async () => {
    const definition = { ...definitionWith({ kind: "sgd" }), model: cnnBatchNormalization };
    const creating = PopulationLearner.create({ engine, definition, members: 2, batchSize: 8 });
    await expect(creating).rejects.toThrow(/no population form|SHAPE_MISMATCH|Expected/);
  });
});
