import { describe, expect, it } from "vitest";
import type { Dataset } from "../data/index.ts";
import { allDataOf, splitsOf, type Task } from "./task.ts";

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
