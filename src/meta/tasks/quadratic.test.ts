import { beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../../../test/evaluate.ts";
import { Engine } from "../../engine/index.ts";
import { type IntegratingOutput, parameterCount, presets } from "../../schedules/index.ts";

import { Population } from "../population/population.ts";
import { type PopulationDefinition, tracePopulation } from "../population/trace.ts";
import { halfSquare, quadraticData, quadraticNetwork } from "./quadratic.ts";

function definitionOf(dimensions: number, condition: number, batchSize: number): PopulationDefinition {
  return {
    model: quadraticNetwork(dimensions, condition),
    inputShape: [dimensions],
    labelType: "float32",
    loss: halfSquare,
    optimizer: { kind: "sgd" },
    batchSize,
  };
}

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ threads: 1, planFolder: null });
});

describe("quadraticNetwork", () => {
  it("has the losses that one finds by hand, with curvatures in equal ratios from 1 down to 1 / condition.", async () => {
    const { losses, correct } = tracePopulation(definitionOf(3, 16, 2), "train", 2, 2);
    const feeds = { "w.w": [1, 2, 4, 0, 0, 8], x: [0, 0, 0, 1, 2, 4] };
    const results = await evaluate(engine, { losses }, feeds);
    // h = 1, 1/4, 1/16: the first member is 1/2 (1 + 4/4 + 16/16) from the first example and on the second; the other
    // is 1/2 (64/16) from the first and 1/2 (1 + 4/4 + 16/16) from the second.
    for (const [index, expected] of [1.5, 0, 2, 1.5].entries())
      expect(results.losses[index]).toBeCloseTo(expected, 6);
    expect(correct).toBeUndefined();
  });

  it("has the curvature 1 in one dimension, and 1 everywhere where the condition is 1.", async () => {
    const one = tracePopulation(definitionOf(1, 100, 1), "train", 1, 1).losses;
    expect((await evaluate(engine, { one }, { "w.w": [3], x: [1] })).one).toEqual([2]);
    const round = tracePopulation(definitionOf(2, 1, 1), "train", 1, 1).losses;
    expect((await evaluate(engine, { round }, { "w.w": [3, 4], x: [0, 0] })).round).toEqual([12.5]);
  });

  it("is trained by w - α h (w - x) on the mean of the examples.", async () => {
    const [dimensions, condition, batchSize] = [2, 4, 8];
    const cell = presets.transfer;
    const definition = definitionOf(dimensions, condition, batchSize);
    const population = await Population.create({ engine, definition, cell, members: 2 });
    // All examples are in each batch.
    const { train } = quadraticData(dimensions, batchSize, 0.5, 3);
    const zeros = new Float64Array(parameterCount(cell));
    const logRates = [-3, -2]; // of the start
    const unit = 0.1 * Math.cbrt(1000 / 40);
    const { start } = cell.output as IntegratingOutput;
    population.start({ seed: 1, train, totalSteps: 40, logRates }, [zeros, zeros]);
    const before = population.save().arrays.weights!;
    await population.step();
    const after = population.save().arrays.weights!;
    for (const [member, rate] of logRates.map((u) => unit * start * Math.exp(u)).entries())
      for (const [k, curvature] of [1, 0.25].entries()) {
        const own = [...train.inputs].filter((_, index) => index % 2 === k);
        const mean = own.reduce((a, b) => a + b) / batchSize;
        const [w, index] = [before[2 * member + k]!, 2 * member + k];
        expect(after[index]).toBeCloseTo(w - rate * curvature * (w - mean), 5);
      }
    await population.release();
  });
});

describe("quadraticData", () => {
  const optimumOf = (seed: number) => quadraticData(4, 10, 0, seed).train.inputs.slice(0, 4);

  it("puts every example onto the optimum where there is no noise, validation too.", () => {
    const { train, validation } = quadraticData(4, 10, 0, 5);
    expect([train.inputs.length, train.labels.length]).toEqual([40, 10]);
    expect([validation.inputs.length, validation.labels.length]).toEqual([2000, 500]);
    const optimum = optimumOf(5);
    for (const { inputs, labels, inputShape } of [train, validation]) {
      expect(inputShape).toEqual([4]);
      expect([...inputs].every((value, index) => value === optimum[index % 4])).toBe(true);
      expect(new Set(labels)).toEqual(new Set([0]));
    }
  });

  it("draws optima with deviation 3, and the same for the same seed.", () => {
    expect(optimumOf(9)).toEqual(optimumOf(9));
    const all = Array.from({ length: 500 }, (_, seed) => [...optimumOf(seed)]).flat();
    const mean = all.reduce((a, b) => a + b) / all.length;
    const deviation = Math.sqrt(all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length);
    expect(Math.abs(mean)).toBeLessThan(0.25);
    expect(Math.abs(deviation - 3)).toBeLessThan(0.15);
  });

  it("spreads examples around the optimum by the noise, training and validation differently.", () => {
    const { train, validation } = quadraticData(4, 1000, 0.4, 5);
    const optimum = optimumOf(5);
    for (const { inputs } of [train, validation]) {
      const strays = [...inputs].map((value, index) => value - optimum[index % 4]!);
      const deviation = Math.sqrt(strays.reduce((sum, stray) => sum + stray ** 2, 0) / strays.length);
      expect(Math.abs(deviation - 0.4)).toBeLessThan(0.02);
    }
    expect(train.inputs.slice(0, 4)).not.toEqual(validation.inputs.slice(0, 4));
  });
});
