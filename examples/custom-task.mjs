/*
 * A task of your own, in JavaScript. Wherever `mlr-snet` asks for a task, this file may stand, in any folder:
 *
 *     mlr-snet transfer --schedule cosine --base-rate 0.1 --task ./custom-task.mjs
 *
 * Its imports of `mlr-snet` are the package that runs it. With types: custom-task.ts, for Node 22.18 and later.
 */
import { relu } from "mlr-snet/graph";
import { linearLayer } from "mlr-snet/nn";

/** Two rings, one around the other: [N, 2] coordinates, two classes. Radius 1 or 2, with a noise that repeats. */
function rings(name, count, offset) {
  const inputs = new Float32Array(count * 2);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = i % 2;
    const angle = (2 * Math.PI * (i + offset)) / count;
    const radius = 1 + label + 0.3 * Math.sin(37 * angle);
    inputs.set([radius * Math.cos(angle), radius * Math.sin(angle)], i * 2);
    labels[i] = label;
  }
  return { name, inputs, inputShape: [2], labels, classes: 2 };
}

/** @type {import("mlr-snet/training").Task} */
const task = {
  name: "rings/mlp",
  // Without `validation`, an eighth of the training data is split off where a schedule is learned or a rate searched.
  data: { train: rings("rings", 1000, 0), test: rings("rings-test", 400, 0.5) },
  /** 2-32-2 with relu: from inputs [batch, 2] to logits [batch, 2]. Each layer has a part of the scope of its own. */
  model: (scope, x) => {
    const hidden = relu(linearLayer(scope.child("hidden"), x, 32));
    return linearLayer(scope.child("output"), hidden, 2);
  },
  loss: "cross-entropy",
  optimizer: { kind: "sgd", momentum: 0.9 },
  batchSize: 50,
  steps: 300,
};

export default task;
