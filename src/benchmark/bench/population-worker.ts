import { parentPort, workerData } from "node:worker_threads";
import { Engine } from "../../engine/index.ts";
import { softmaxCrossEntropy } from "../../graph/index.ts";
import { plainMlp } from "../../models/index.ts";
import { Random } from "../../random.ts";
import { PopulationLearner } from "../../training/index.ts";

/* One core's share of `population/mlp-40-64-64-10`: told a number of steps, it makes them and answers. */

const { members, batchSize } = workerData as { members: number; batchSize: number };
const population = await PopulationLearner.create({
  engine: await Engine.create({ threads: 1 }),
  definition: {
    model: plainMlp(64),
    loss: softmaxCrossEntropy,
    optimizer: { kind: "sgd" },
    inputShape: [40],
  },
  members,
  batchSize,
});
population.start(0);
const random = new Random(0, "bench");
const { inputs, labels } = population.batch;
for (let i = 0; i < inputs.length; i++) inputs[i] = random.normal();
for (let i = 0; i < labels.length; i++) labels[i] = random.integer(10);
const rates = new Float64Array(members).fill(1e-3);

parentPort!.on("message", async (steps: number) => {
  for (let step = 0; step < steps; step++) {
    await population.gradients();
    population.apply(rates);
  }
  parentPort!.postMessage("done");
});
parentPort!.postMessage("ready");
