/*
 * A task of your own. Wherever `mlr-snet` asks for a task, this file may stand:
 *
 *     mlr-snet transfer --schedule cosine --base-rate 0.5 --task ./custom-task.ts
 *
 * Node 22.18 and later run TypeScript as it is; for older ones see custom-task.mjs.
 */
import type { Dataset } from "mlr-snet/data";
import { relu } from "mlr-snet/graph";
import { linearLayer, type Model } from "mlr-snet/nn";
import type { Task } from "mlr-snet/training";

/** Two interleaved spirals: [N, 2] coordinates, two classes. Point i lies at angle and radius t, 0.5 to 3.5 half turns. */
function spirals(name: string, count: number, offset: number): Dataset {
  const inputs = new Float32Array(count * 2);
  const labels = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const label = i % 2;
    const t = Math.PI * (0.5 + (3 * (i + offset)) / count);
    inputs.set([(t * Math.cos(t + label * Math.PI)) / 10, (t * Math.sin(t + label * Math.PI)) / 10], i * 2);
    labels[i] = label;
  }
  return { name, inputs, inputShape: [2], labels, classes: 2 };
}

/** 2-32-32-2 with relu: from inputs [batch, 2] to logits [batch, 2]. */
const model: Model = (scope, x) => {
  const first = relu(linearLayer(scope.child("first"), x, 32));
  const second = relu(linearLayer(scope.child("second"), first, 32));
  return linearLayer(scope.child("third"), second, 2);
};

const task: Task = {
  name: "spirals/mlp",
  // Without `validation`, an eighth of the training data is split off where a schedule is learned or a rate searched.
  data: { train: spirals("spirals", 1000, 0), test: spirals("spirals-test", 400, 0.5) },
  model,
  loss: "cross-entropy",
  optimizer: { kind: "sgd", momentum: 0.9 },
  batchSize: 50,
  steps: 600,
};

export default task;
