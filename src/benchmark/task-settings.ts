import { exampleCount } from "../data/index.ts";
import { checksumOf, inputTypeOf } from "../data/internal.ts";
import { sha256 } from "../files/internal.ts";
import { input } from "../graph/index.ts";
import { elements } from "../graph/internal.ts";
import { Scope } from "../nn/index.ts";
import { type OptimizerOptions, splitsOf, type Task } from "../training/index.ts";
import { type Measure, measureOf } from "./score.ts";

/**
 * How schedules are compared: to be counted up where a change of code makes old figures another measurement, such as
 * another search, other seeds, other data for the final runs, another score. Figures of another version are refused.
 */
export const protocolVersion = 2;

/** What decides the result of a run on a task, beside the schedule, the number of steps and the seed; JSON-safe. */
export type TaskSettings = {
  task: string;
  optimizer: OptimizerOptions;
  batchSize: number;
  /** `own` for a function. */
  loss: string;
  judgedBy: Measure;
  /** Number of trainable numbers. */
  parameters: number;
  inputShape: readonly number[];
  classes: number | null;
  labelsPerExample: number;
  /** Numbers of examples of the parts. */
  examples: { train: number; validation: number; test: number };
  /** SHA-256 of the inputs and labels of all parts. */
  data: string;
};

/** @throws {MlrSnetError} `TASK_INVALID` for data that cannot be split. */
export function settingsOf(task: Task): TaskSettings {
  const { name, optimizer, batchSize, model, loss = "cross-entropy" } = task;
  const { train, validation, test } = splitsOf(task);
  const scope = new Scope("train");
  model(scope, input("x", [batchSize, ...train.inputShape], inputTypeOf(train)));
  return {
    task: name,
    optimizer,
    batchSize,
    loss: typeof loss === "string" ? loss : "own",
    judgedBy: measureOf(task, train),
    parameters: scope.parameters.reduce((sum, { shape }) => sum + elements(shape), 0),
    inputShape: train.inputShape,
    classes: train.classes ?? null,
    labelsPerExample: train.labelsPerExample ?? 1,
    examples: {
      train: exampleCount(train),
      validation: exampleCount(validation),
      test: exampleCount(test),
    },
    data: checksumOf([train, validation, test]),
  };
}

/** Sixteen hexadecimal digits, the same for equal settings whatever the order of their fields. */
export function hashOf(settings: TaskSettings): string {
  return sha256(sortedJson(settings)).slice(0, 16);
}

/** JSON with the fields of every object in alphabetical order. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
