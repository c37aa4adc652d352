/*
 * A regression of your own, in plain JavaScript: real targets, judged by their loss.
 *
 *     mlr-snet transfer --schedule zoo:default --task ./regression-task.mjs
 *     mlr-snet compare --schedules zoo:default,cosine,constant --task ./regression-task.mjs
 *
 * A schedule whose range is computed from the number of classes, such as zoo:paper, has none here.
 */
import { tanh } from "mlr-snet/graph";
import { linearLayer } from "mlr-snet/nn";

/**
 * Friedman's first function of five of ten inputs, with noise: 10 sin(π x₁x₂) + 20 (x₃ - ½)² + 10 x₄ + 5 x₅ + ε, ε of
 * variance 1. The targets are standardised by the function's own mean and deviation, so that predicting the mean has a
 * loss of about 1, and the noise leaves 0.04 of it.
 *
 * @returns {import("mlr-snet/data").Dataset} real targets are a Float32Array, and there are no `classes`.
 */
function friedman(name, count, seed) {
  const random = generator(seed);
  const inputs = Float32Array.from({ length: 10 * count }, random);
  const labels = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const [x1, x2, x3, x4, x5] = inputs.subarray(10 * i, 10 * i + 5);
    const noise = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const y = 10 * Math.sin(Math.PI * x1 * x2) + 20 * (x3 - 0.5) ** 2 + 10 * x4 + 5 * x5 + noise;
    labels[i] = (y - 14.4) / 5;
  }
  return { name, inputs, inputShape: [10], labels };
}

/** Numbers in [0, 1), always the same for a seed (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** 10-64-64-1 with tanh: from inputs [batch, 10] to one number for each target, [batch, 1]. */
function model(scope, x) {
  const first = tanh(linearLayer(scope.child("first"), x, 64));
  const second = tanh(linearLayer(scope.child("second"), first, 64));
  return linearLayer(scope.child("third"), second, 1);
}

/** @type {import("mlr-snet/training").Task} */
const task = {
  name: "friedman/mlp",
  // Without `validation`, an eighth of the training data is split off at random where a rate is searched.
  data: { train: friedman("friedman", 2000, 1), test: friedman("friedman-test", 1000, 2) },
  model,
  loss: "squared-error", // or "absolute-error", or a function (outputs, labels) => [batch]
  optimizer: { kind: "adam" },
  batchSize: 50,
  steps: 1500,
};

export default task;
