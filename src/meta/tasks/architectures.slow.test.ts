import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../../engine/index.ts";
import { presets } from "../../schedules/index.ts";
import { initialiseParameters } from "../../schedules/internal.ts";
import { Population } from "../population/population.ts";
import { architectures, definitionOf, type PopulationOptimizer } from "./architectures.ts";
import { dataOf, drawTask } from "./task-distribution.ts";
import { runOf } from "./task-runs.ts";

const cell = presets.transfer;
const optimizers: readonly PopulationOptimizer[] = ["sgd", "momentum", "adam"];
const rows = [...architectures.entries()].map(([index, { name }]) => {
  const optimizer = optimizers[index % 3]!;
  return { index, name, optimizer };
});

let engine: Engine;
const populations: Population[] = [];
beforeAll(async () => {
  engine = await Engine.create({ threads: 1, planFolder: null, arena: false });
});
afterAll(async () => {
  for (const population of populations) await population.release();
});

describe("architectures", () => {
  it("have names of their own, of every family and kind of data.", () => {
    expect(new Set(architectures.map(({ name }) => name)).size).toBe(architectures.length);
    const networks = architectures.flatMap((architecture) =>
      architecture.kind === "network" ? [architecture] : [],
    );
    const families = ["linear", "mlp", "residual-mlp", "conv1d", "conv2d", "gru", "attention", "bag"];
    expect(new Set(networks.map(({ network }) => network.family))).toEqual(new Set(families));
    const kinds = ["mnist1d", "mixture", "teacher", "images", "markov", "patterns"];
    expect(new Set(networks.map(({ data }) => data))).toEqual(new Set(kinds));
  });

  it.each(rows)(
    "$name with $optimizer: compile and make finite steps that move the loss, a lost member beside them.",
    async ({ index, optimizer }) => {
      const definition = definitionOf(architectures[index]!, optimizer);
      const task = {
        ...drawTask(0, ["architectures", index]),
        architecture: index,
        optimizer,
        examples: 500,
      };
      const { train, validation } = dataOf(task);
      const population = await Population.create({ engine, definition, cell, members: 3 });
      populations.push(population);
      const theta = initialiseParameters(cell, 0);
      const run = { ...runOf(task), train, logRates: [-2, -1, -2] };
      const trained = async (second: Float64Array) => {
        population.start(run, [theta, second, theta]);
        for (let step = 0; step < 2; step++) await population.step();
        const { losses, correct } = await population.evaluate(validation);
        return { losses: [...losses], correct: [...correct], weights: population.save().arrays.weights! };
      };
      const healthy = await trained(theta);
      expect(healthy.losses.every((loss) => Number.isFinite(loss) && loss > 0)).toBe(true);
      expect(healthy.weights.every(Number.isFinite)).toBe(true);
      expect(healthy.losses[2]).toBe(healthy.losses[0]);
      expect(healthy.losses[1]).not.toBe(healthy.losses[0]);
      expect(healthy.correct.every((share) => share >= 0 && share <= 1)).toBe(true);
      // A member whose rate is no number loses its weights, and nobody else's.
      const broken = await trained(theta.map(() => Number.NaN));
      expect(broken.losses[1]).toBeNaN();
      expect([broken.losses[0], broken.losses[2]]).toEqual([healthy.losses[0], healthy.losses[0]]);
    },
  );
});
