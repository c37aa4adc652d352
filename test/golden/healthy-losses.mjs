// Records the mini-batch losses of healthy runs on MNIST-1D: the best rates of a grid, small batches, label noise, warm
// restarts, rates at the edge of stability. Writes healthy-losses.json beside it. Usage, after npm run build:
// node test/golden/healthy-losses.mjs
import { writeFileSync } from "node:fs";
import { Engine } from "../../dist/engine/index.js";
import { scheduleNamed } from "../../dist/schedules/index.js";
import { loadTask, splitsOf, TrainingRun } from "../../dist/training/index.js";

// network, schedule, base rate, batch size, share of the training labels that are random, steps
const runs = [
  ["logistic", "cosine", 0.8, 100, 0, 600],
  ["logistic", "cosine", 0.4, 16, 0, 600],
  ["mlp", "constant", 1.6, 100, 0, 600],
  ["mlp", "cosine", 1.6, 100, 0, 600],
  ["mlp", "sgdr", 1.6, 100, 0, 600],
  ["mlp", "cosine", 0.8, 16, 0, 600],
  ["mlp", "cosine", 0.4, 16, 0.3, 600],
  ["mlp", "constant", 0.01, 16, 0, 600],
  ["cnn", "constant", 0.4, 100, 0, 600],
  ["cnn", "sgdr", 0.4, 100, 0, 600],
  ["cnn", "cosine", 0.4, 16, 0, 600],
  ["cnn", "sgdr", 0.4, 16, 0, 600],
  ["cnn", "cosine", 0.4, 16, 0.3, 600],
  ["cnn", "constant", 0.01, 16, 0, 600],
  ["cnn-bn", "cosine", 1.6, 100, 0, 600],
  ["cnn-bn", "constant", 3.2, 100, 0, 600],
  ["cnn-bn", "sgdr", 3.2, 100, 0, 600],
  ["cnn-bn", "cosine", 0.8, 16, 0, 600],
  ["cnn-bn", "constant", 1.6, 16, 0.3, 600],
  ["gru", "constant", 1.6, 100, 0, 300],
  ["gru", "cosine", 1.6, 100, 0, 300],
  ["gru", "cosine", 3.2, 100, 0, 300],
];

const engine = await Engine.create({ threads: 1, planFolder: null });
const curves = [];
for (const [network, schedule, baseRate, batchSize, noise, steps] of runs) {
  const plain = { ...(await loadTask(`mnist1d/${network}`)), batchSize };
  const task = { ...plain, data: { ...plain.data, train: withNoise(plain.data.train, noise) } };
  const run = new TrainingRun({
    task,
    data: splitsOf(task),
    schedule: { ...scheduleNamed(schedule).create(baseRate), needs: ["initialLoss"] },
    engine,
    seed: 0,
    steps,
  });
  const losses = [];
  let accuracy = 0;
  for await (const record of run.records()) {
    losses.push(Number(record.loss.toPrecision(4)));
    accuracy = record.validation?.accuracy ?? accuracy;
  }
  const { initialLoss } = run.context;
  curves.push({ network, schedule, baseRate, batchSize, noise, accuracy, initialLoss, losses });
  await run.release();
}
const lines = curves.map((curve) => JSON.stringify(curve)).join(",\n");
writeFileSync(new URL("healthy-losses.json", import.meta.url), `[\n${lines}\n]\n`);

/** Every k-th label, k = 1 / noise, is that of another example. */
function withNoise(train, noise) {
  if (noise === 0) return train;
  const labels = train.labels.slice();
  for (let i = 0; i < labels.length; i++)
    if ((i * noise) % 1 < noise) labels[i] = train.labels[(i * 7919 + 13) % labels.length];
  return { ...train, labels };
}
