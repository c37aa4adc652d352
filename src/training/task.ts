import {
  type Augmentation,
  type Batches,
  checkDataset,
  type DataSplits,
  type Dataset,
  exampleCount,
  splitEnd,
  splitValidation,
  type TrainTest,
} from "../data/index.ts";
import { inputTypeOf, labelTypeOf } from "../data/internal.ts";
import { MlrSnetError } from "../errors.ts";
import type { Value } from "../graph/index.ts";
import type { Model } from "../nn/index.ts";
import { checkOptionNames, type OptionNames } from "../schedules/internal.ts";
import { absoluteErrors, crossEntropy, squaredErrors } from "./losses.ts";
import { checkOptimizer, type OptimizerOptions } from "./optimizers.ts";

/**
 * Loss of each example: outputs of the network [batch, ...] and labels [batch] or [batch, labelsPerExample], int32 for
 * classes and float32 for real targets, to [batch].
 */
export type Loss = (outputs: Value, labels: Value) => Value;

/** The losses that have a name, by the kind of labels they are for. */
const losses = {
  int32: { "cross-entropy": crossEntropy },
  float32: { "squared-error": squaredErrors, "absolute-error": absoluteErrors },
} as const;

export type LossName = "cross-entropy" | "squared-error" | "absolute-error";

/** Makes the batches of a data set; whatever is random in them comes from the seed and the step alone. */
export type MakeBatches = (dataset: Dataset, options: { batchSize: number; seed: number }) => Batches;

/** Everything that a training run needs but its learning rates. */
export type Task = {
  name: string;
  /** Example data; without `validation`, an eighth of the training data is split off where validation is called for. */
  data: TrainTest & { validation?: DataSplits["validation"] };
  /**
   * From inputs [batch, ...inputShape] to outputs: for `cross-entropy` logits [batch, classes] or [batch, labelsPerExample,
   * classes], for `squared-error` and `absolute-error` a number for each target, [batch, labelsPerExample] or [batch].
   */
  model: Model;
  /** Of classes `cross-entropy`, the default; of real targets `squared-error` or `absolute-error`; or a function of one's own. */
  loss?: LossName | Loss;
  optimizer: OptimizerOptions;
  batchSize: number;
  /**
   * `shuffled`, the default: examples in a random order. `stream`: examples that follow each other, such as windows of a text,
   * `batchSize` of them side by side, each row going on from that of the step before (`StreamBatches`). Or a function that
   * makes others.
   */
  batches?: "shuffled" | "stream" | MakeBatches;
  /** Changes each training example, such as `cropAndFlip()`; default: none. Evaluation sees the examples as they are. */
  augment?: Augmentation;
  /** Default length of a run, in updates. */
  steps: number;
};

const taskNames: OptionNames<Task> = {
  name: true,
  data: true,
  model: true,
  loss: true,
  optimizer: true,
  batchSize: true,
  batches: true,
  augment: true,
  steps: true,
};

const partNames: OptionNames<Task["data"]> = { train: true, test: true, validation: true };

/** How much of a training set without a validation part is split off for validation. */
const validationFraction = 1 / 8;

/**
 * Checks a task that someone else made.
 *
 * @throws {MlrSnetError} `TASK_INVALID` naming the field; what is wrong with the data as `checkDataset` says it.
 */
export function checkTask(task: Task): Task {
  const fail = (expected: string, got: unknown): never => {
    throw new MlrSnetError("TASK_INVALID", `Expected the task's ${expected}, got ${describe(got)}.`);
  };
  if (typeof task !== "object" || task === null) fail("default export to be an object", task);
  checkNames("a task", task, taskNames);
  if (typeof task.name !== "string" || !task.name) fail("`name` to be a text", task.name);
  if (typeof task.model !== "function") fail("`model` to be a function (scope, x) => outputs", task.model);
  if (!Number.isInteger(task.batchSize) || task.batchSize < 1)
    fail("`batchSize` to be an integer ≥ 1", task.batchSize);
  if (!Number.isInteger(task.steps) || task.steps < 1) fail("`steps` to be an integer ≥ 1", task.steps);
  if (typeof task.optimizer !== "object" || task.optimizer === null)
    fail("`optimizer` to be an object", task.optimizer);
  checkOptimizer(task.optimizer);
  if (typeof task.data !== "object" || task.data === null) fail("`data` to be { train, test }", task.data);
  checkNames("a task's `data`", task.data, partNames);
  for (const part of ["train", "test", "validation"] as const) {
    const dataset = task.data[part];
    if (!dataset && part !== "validation") fail(`\`data.${part}\` to be a data set`, dataset);
    if (dataset) checkDataset(dataset);
  }
  const { train } = task.data;
  const { loss = "cross-entropy" } = task;
  const names = Object.keys(losses[labelTypeOf(train)]);
  if (typeof loss !== "function" && !names.includes(loss))
    fail(
      `\`loss\` for ${train.classes === undefined ? "real targets" : "classes"} to be ${names.map((name) => JSON.stringify(name)).join(" or ")}, or a function`,
      task.loss,
    );
  const { batches = "shuffled", augment } = task;
  if (typeof batches !== "function" && batches !== "shuffled" && batches !== "stream")
    fail('`batches` to be "shuffled" or "stream", or a function', batches);
  if (augment !== undefined && (typeof augment !== "function" || inputTypeOf(train) !== "float32"))
    fail("`augment` to be a function that changes measurements, float32", augment);
  for (const part of ["test", "validation"] as const) {
    const dataset = task.data[part];
    if (dataset && formOf(dataset) !== formOf(train))
      fail(`\`data.${part}\` to be like the training data, ${formOf(train)}`, formOf(dataset));
  }
  if (task.batchSize > exampleCount(train))
    fail(`\`batchSize\` to be at most the ${exampleCount(train)} training examples`, task.batchSize);
  return task;
}

/**
 * Training, validation and test data, disjoint. Validation data serve to learn schedules (the paper's meta data) and
 * to choose learning rates; where the task has none, an eighth of the training data is taken, its classes in
 * proportion where there are classes, always the same examples; of a stream the last ones, so that both parts stay in one
 * piece.
 */
export function splitsOf(task: Task): DataSplits {
  const { train, test, validation } = task.data;
  if (validation) return { train, test, validation };
  const count = Math.max(1, Math.round(exampleCount(train) * validationFraction));
  try {
    if (task.batches === "stream") {
      const { remaining, heldOut } = splitEnd(train, count);
      return { train: remaining, validation: heldOut, test };
    }
    return splitValidation({ train, test }, count, 0);
  } catch (cause) {
    if (!(cause instanceof MlrSnetError)) throw cause;
    throw new MlrSnetError(
      "TASK_INVALID",
      `Expected the task to have \`data.validation\`, or training data that give ${count} for it: ${cause.message}`,
      { cause },
    );
  }
}

/**
 * The data of a final run: all training data, so that a split-off validation part is trained on too and must not be
 * used to choose anything any more.
 */
export function allDataOf(task: Task): DataSplits {
  const { train, test } = task.data;
  let splits: DataSplits | undefined;
  return {
    train,
    test,
    // Split off where a schedule asks for it alone: data that are few cannot always be.
    get validation() {
      splits ??= splitsOf(task);
      return splits.validation;
    },
  };
}

/** `checkOptionNames` with the code of a task's errors, and where a part of the data belongs that lies beside them. */
function checkNames<Fields extends object>(what: string, given: Fields, known: OptionNames<Fields>): void {
  try {
    checkOptionNames(what, given, known);
  } catch (cause) {
    const part = Object.keys(given).find(
      (name) => !Object.hasOwn(known, name) && Object.hasOwn(partNames, name),
    );
    const cure = part === undefined ? "" : ` Put \`${part}\` into \`data\`: { train, test, validation }.`;
    throw new MlrSnetError(
      "TASK_INVALID",
      `${(cause as Error).message.replace("options", "fields")}${cure}`,
      {
        cause,
      },
    );
  }
}

/** The task's loss as a function of outputs and labels. */
export function lossOf({ loss = "cross-entropy" }: Pick<Task, "loss">): Loss {
  return typeof loss === "function" ? loss : { ...losses.int32, ...losses.float32 }[loss];
}

/** What must be the same in all parts of a task's data. */
function formOf(dataset: Dataset): string {
  const { inputShape, classes, labelsPerExample = 1 } = dataset;
  const kind = classes === undefined ? "real targets" : `${classes} classes`;
  const labels = labelsPerExample === 1 ? "" : `, ${labelsPerExample} labels each`;
  return `${inputTypeOf(dataset)} [${inputShape}], ${kind}${labels}`;
}

function describe(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "number") return String(value);
  return value === null ? "null" : typeof value;
}
