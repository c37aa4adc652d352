import { describe, expect, it } from "vitest";
import type { Dataset } from "../data/index.ts";
import { allDataOf, checkTask, splitsOf, type Task } from "./task.ts";

const part = (labels: readonly number[]): Dataset => ({
  name: "points",
  inputs: new Float32Array(labels.length),
  inputShape: [1],
  labels: Int32Array.from(labels),
  classes: 2,
});

/** The second class has a single example, which stays in training. */
const task: Task = {
  name: "points/none",
  data: { train: part([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), test: part([0, 1]) },
  model: (_scope, x) => x,
  optimizer: { kind: "sgd" },
  batchSize: 4,
  steps: 2,
};

describe("splitsOf", () => {
  it("leaves a class of a single example in the training data, classes in proportion otherwise.", () => {
    const { train, validation } = splitsOf(task);
    expect([...validation.labels]).toEqual([0, 0]);
    expect([...train.labels].filter((label) => label === 1)).toHaveLength(1);
    expect(allDataOf(task).train.labels).toHaveLength(16);
    expect(allDataOf(task).validation.labels).toHaveLength(2);
  });

  it("refuses data of which nothing can be spared, with what to do.", () => {
    const few = { ...task, data: { train: part([0, 1]), test: part([0, 1]) } };
    const refusal = {
      code: "TASK_INVALID",
      message: expect.stringMatching(/`data.validation`.*of each class/),
    };
    expect(() => splitsOf(few)).toThrow(expect.objectContaining(refusal));
    expect(() => allDataOf(few).validation).toThrow(expect.objectContaining(refusal));
    expect(allDataOf(few).train.labels).toHaveLength(2);
  });
});

describe("checkTask", () => {
  const invalid = (message: RegExp) =>
    expect.objectContaining({ code: "TASK_INVALID", message: expect.stringMatching(message) });

  it("refuses fields that it does not know, with the nearest, and says where validation data belong.", () => {
    expect(checkTask(task)).toBe(task);
    const misspelt = { ...task, batchsize: 8 } as Task;
    expect(() => checkTask(misspelt)).toThrow(invalid(/`batchsize`. Did you mean `batchSize`\?$/));
    const beside = { ...task, validation: part([0, 1]) } as Task;
    expect(() => checkTask(beside)).toThrow(
      invalid(/`validation`. Put `validation` into `data`: \{ train, test, validation \}.$/),
    );
    const data = { ...task.data, valid: part([0, 1]) };
    expect(() => checkTask({ ...task, data })).toThrow(invalid(/`valid`/));
  });
});

describe("a task of real targets", () => {
  const real = (count: number): Dataset => ({
    name: "line",
    inputs: new Float32Array(count),
    inputShape: [1],
    labels: new Float32Array(count),
  });
  const regression: Task = {
    ...task,
    data: { train: real(16), test: real(4) },
    loss: "squared-error",
  };
  const refusal = (words: string) =>
    expect.objectContaining({ code: "TASK_INVALID", message: expect.stringContaining(words) });

  it("is accepted with a squared or an absolute error or a function, and has a validation part split off.", () => {
    for (const loss of ["squared-error", "absolute-error", () => task.model] as Task["loss"][])
      expect(checkTask({ ...regression, loss: loss! }).loss).toBe(loss);
    const { train, validation } = splitsOf(regression);
    expect([train.labels.length, validation.labels.length]).toEqual([14, 2]);
  });

  it("is refused with cross-entropy, given or by default, and classes are with an error of real numbers.", () => {
    const { loss: _, ...byDefault } = regression;
    for (const wrong of [byDefault, { ...regression, loss: "cross-entropy" as const }])
      expect(() => checkTask(wrong)).toThrow(
        refusal('`loss` for real targets to be "squared-error" or "absolute-error", or a function, got'),
      );
    expect(() => checkTask({ ...task, loss: "squared-error" })).toThrow(
      refusal('`loss` for classes to be "cross-entropy", or a function, got "squared-error"'),
    );
    expect(() => checkTask({ ...task, loss: "huber" as "squared-error" })).toThrow(refusal('got "huber"'));
  });

  it("is refused where its parts have different kinds of labels or numbers of targets.", () => {
    const { train } = regression.data;
    const two = { ...real(4), labels: new Float32Array(8), labelsPerExample: 2 };
    for (const test of [part([0, 1]), two])
      expect(() => checkTask({ ...regression, data: { train, test } })).toThrow(
        refusal("`data.test` to be like the training data, float32 [1], real targets, got"),
      );
  });
});
