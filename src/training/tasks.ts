import { generateMnist1d } from "../data/index.ts";
import { cnn, cnnBatchNormalization, gru, logistic, mlp } from "../models/index.ts";
import type { Model } from "../nn/index.ts";
import { unknownName } from "../schedules/internal.ts";
import { dataTasks } from "./data-tasks.ts";
import type { OptimizerOptions } from "./optimizers.ts";
import type { Task } from "./task.ts";

/** What is known of a task before its data are loaded. */
export type TaskEntry = {
  name: string;
  summary: string;
  steps: number;
  load(options?: { dataDirectory?: string }): Promise<Task>;
};

/** The paper's optimizer for images: SGD without momentum, weight decay 5e-4. */
const paperSgd: OptimizerOptions = { kind: "sgd", weightDecay: 5e-4 };

const mnist1dModels: Record<
  string,
  { model: Model; summary: string; steps: number; optimizer?: OptimizerOptions }
> = {
  logistic: { model: logistic, summary: "logistic regression, 410 parameters", steps: 1000 },
  mlp: { model: mlp, summary: "residual MLP 40-100-100-10, 15,210 parameters", steps: 2000 },
  cnn: { model: cnn, summary: "three 1-D convolutions of 25 channels, 5,210 parameters", steps: 2000 },
  "cnn-bn": {
    model: cnnBatchNormalization,
    summary: "three 1-D convolutions of 32 channels with batch normalisation",
    steps: 1000,
  },
  gru: {
    model: gru,
    summary: "bidirectional GRU of 6 units over 40 steps, gradient clipped at norm 1, 5,134 parameters",
    steps: 2000,
    optimizer: { ...paperSgd, clipNorm: 1 },
  },
};

const mnist1dTasks: readonly TaskEntry[] = Object.entries(mnist1dModels).map(
  ([name, { model, summary, steps, optimizer }]) => ({
    name: `mnist1d/${name}`,
    summary: `MNIST-1D (generated), ${summary}`,
    steps,
    load: async () => ({
      name: `mnist1d/${name}`,
      data: generateMnist1d(),
      model,
      optimizer: optimizer ?? paperSgd,
      batchSize: 100,
      steps,
    }),
  }),
);

/** All built-in tasks, in the order in which they are listed. */
export const tasks: readonly TaskEntry[] = [...mnist1dTasks, ...dataTasks];

/** @throws {MlrSnetError} `UNKNOWN_NAME` with all names and the nearest. */
export function findTask(name: string): TaskEntry {
  const found = tasks.find((task) => task.name === name);
  if (found) return found;
  throw unknownName("task", name, [...tasks.map((task) => task.name), "a file such as ./task.mjs"]);
}
