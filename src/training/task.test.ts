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

/** The second class has a single example, which cannot be split off. */
const task: Task = {
  name: "points/none",
  data: { train: part([0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]), test: part([0, 1]) },
  model: (_scope, x) => x,
  optimizer: { kind: "sgd" },
  batchSize: 4,
  steps: 2,
};

describe("data that cannot be split", () => {
  it("can be trained on as a whole by a schedule that needs no validation data.", () => {
    expect(allDataOf(task).train.labels).toHaveLength(16);
  });

  it("are refused where validation data are called for, with what to do.", () => {
    const refusal = { code: "TASK_INVALID", message: expect.stringMatching(/`data.validation`.*class 1/) };
    expect(() => splitsOf(task)).toThrow(expect.objectContaining(refusal));
    expect(() => allDataOf(task).validation).toThrow(expect.objectContaining(refusal));
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
