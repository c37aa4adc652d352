import { beforeAll, describe, expect, it } from "vitest";
import type { Task } from "../training/index.ts";
import { findTask } from "../training/internal.ts";
import { hashOf, settingsOf, sortedJson } from "./task-settings.ts";

let task: Task;
beforeAll(async () => {
  task = await findTask("mnist1d/logistic").load();
});

describe("settingsOf", () => {
  it("holds what decides a run beside schedule, length and seed.", () => {
    expect(settingsOf(task)).toMatchObject({
      task: "mnist1d/logistic",
      optimizer: { kind: "sgd", weightDecay: 5e-4 },
      batchSize: 100,
      loss: "cross-entropy",
      judgedBy: "accuracy",
      parameters: 410,
      inputShape: [40],
      classes: 10,
      examples: { train: 3500, validation: 500, test: 1000 },
      data: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
  });

  it("are others for another optimizer, batch, network or a single other label.", () => {
    const labels = task.data.test.labels.slice();
    labels[17] = (labels[17]! + 1) % 10;
    const others: Task[] = [
      task,
      { ...task, optimizer: { kind: "adam" } },
      { ...task, batchSize: 99 },
      { ...task, name: "other" },
      { ...task, data: { ...task.data, test: { ...task.data.test, labels } } },
    ];
    expect(new Set(others.map((other) => hashOf(settingsOf(other)))).size).toBe(others.length);
    expect(hashOf(settingsOf({ ...task }))).toBe(hashOf(settingsOf(task)));
  });
});

describe("sortedJson", () => {
  it("does not depend on the order of fields at any depth, but on that of lists.", () => {
    expect(sortedJson({ b: { d: 1, c: [2, 1] }, a: null })).toBe('{"a":null,"b":{"c":[2,1],"d":1}}');
  });
});
