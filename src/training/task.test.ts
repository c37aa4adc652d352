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
