import { generateMnist1d } from "../../data/index.ts";
import { Engine } from "../../engine/index.ts";
import { Population } from "../../meta/index.ts";
import { drawnNetwork, populationNetwork } from "../../models/index.ts";
import { presets } from "../../schedules/index.ts";
import { initialiseParameters } from "../../schedules/internal.ts";
import { crossEntropy } from "../../training/index.ts";
import type { StartWorker } from "../../workers/index.ts";

/* One core's share of `population/mlp-40-64-64-10`: told a number of steps, it makes them and answers. */

const network = {
  family: "mlp",
  width: 64,
  depth: 2,
  activation: "relu",
  normalization: "none",
  classes: 10,
} as const;

export type PopulationSettings = { members: number; batchSize: number };

export const start: StartWorker<PopulationSettings, number, void> = async ({ members, batchSize }) => {
  const cell = presets.transfer;
  const population = await Population.create({
    engine: await Engine.create({ threads: 1, arena: false }),
    definition: {
      model: drawnNetwork(network),
      together: populationNetwork(network),
      inputShape: [40],
      loss: crossEntropy,
      optimizer: { kind: "sgd" },
      batchSize,
    },
    cell,
    members,
  });
  // With a readout of zero, as meta-training begins, rates keep still: no run diverges, however many steps are timed.
  const thetas = Array.from({ length: members }, (_, member) => {
    const theta = initialiseParameters(cell, member);
    return theta.fill(0, theta.length - cell.hidden - 1);
  });
  population.start({ seed: 0, train: generateMnist1d().train, totalSteps: 1_000_000 }, thetas);
  return {
    async answer(steps) {
      for (let step = 0; step < steps; step++) await population.step();
    },
  };
};
