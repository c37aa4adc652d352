import spirals from "../examples/custom-task.ts";
import { add, multiply, reduceSum, scalar, sqrt, square, subtract } from "../src/graph/index.ts";
import type { Task } from "../src/training/index.ts";

/** The largest squared length of an input that still has a loss: those of the spirals have less than 1.3. */
const most = 4;

const { train } = spirals.data;
const inputs = train.inputs.slice();
inputs.set([2, 2]);

/** A task whose loss is no number wherever a batch holds its first example: once an epoch, whatever the rate. */
const task: Task = {
  ...spirals,
  name: "nan",
  data: { ...spirals.data, train: { ...train, inputs } },
  model: (scope, x) => {
    const outputs = spirals.model(scope, x);
    if (scope.mode === "eval") return outputs;
    const room = subtract(scalar(most), reduceSum(square(x), [1], { keepDimensions: true }));
    return add(outputs, multiply(sqrt(room), 0));
  },
};

// biome-ignore lint/style/noDefaultExport: a task file has one.
export default task;
