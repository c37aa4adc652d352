import { beforeAll, describe, expect, it } from "vitest";
import { evaluate } from "../../test/evaluate.ts";
import { cutWindows } from "../data/index.ts";
import { Engine } from "../engine/index.ts";
import { input } from "../graph/index.ts";
import { characterGru } from "../models/index.ts";
import { constant } from "../schedules/index.ts";
import { absoluteErrors, crossEntropy, fractionCorrect, squaredErrors } from "./losses.ts";
import type { TrainingRecord } from "./run.ts";
import { checkTask, type Task } from "./task.ts";
import { TrainingRun } from "./train.ts";

let engine: Engine;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
});

describe("crossEntropy", () => {
  it("is the mean over the labels of an example, and so is the fraction that is correct", async () => {
    const logits = input("logits", [2, 2, 2]);
    const labels = input("labels", [2, 2], "int32");
    const values = await evaluate(
      engine,
      { loss: crossEntropy(logits, labels), correct: fractionCorrect(logits, labels) },
      { logits: [0, Math.log(3), 0, 0, 5, 5, 0, 0], labels: [1, 0, 0, 1] },
    );
    // Probabilities 3/4 and 1/2; 1/2 and 1/2. Of equal logits the first counts as the prediction.
    expect(values.loss![0]).toBeCloseTo((Math.log(4 / 3) + Math.log(2)) / 2, 6);
    expect(values.loss![1]).toBeCloseTo(Math.log(2), 6);
    expect(Array.from(values.correct!, Number)).toEqual([1, 0.5]);
  });

  it("refuses logits without an axis for the labels", () => {
    expect(() => crossEntropy(input("logits", [2, 3]), input("labels", [2, 4], "int32"))).toThrow(
      expect.objectContaining({ code: "SHAPE_MISMATCH" }),
    );
  });
});

describe("squaredErrors and absoluteErrors", () => {
  it("are means over the targets of an example, worked out by hand", async () => {
    const outputs = input("outputs", [2, 3]);
    const targets = input("targets", [2, 3]);
    const values = await evaluate(
      engine,
      { squared: squaredErrors(outputs, targets), absolute: absoluteErrors(outputs, targets) },
      { outputs: [1, 2, 3, 0, 0, 0], targets: [1, 0, 6, 0.5, -0.5, 1] },
    );
    // Errors 0, 2, -3 and -1/2, 1/2, -1.
    expect([...values.squared!].map(Number)).toEqual([expect.closeTo(13 / 3, 6), expect.closeTo(1.5 / 3, 6)]);
    expect([...values.absolute!].map(Number)).toEqual([expect.closeTo(5 / 3, 6), expect.closeTo(2 / 3, 6)]);
  });

  it("take each example by itself where a single target has the shape [batch] and its output [batch, 1]", async () => {
    const loss = squaredErrors(input("outputs", [3, 1]), input("targets", [3]));
    const values = await evaluate(engine, { loss }, { outputs: [1, 2, 3], targets: [1, 2, 5] });
    expect([...values.loss!].map(Number)).toEqual([0, 0, 4]);
  });

  it("refuse another number of outputs than targets", () => {
    for (const loss of [squaredErrors, absoluteErrors])
      expect(() => loss(input("outputs", [4, 2]), input("targets", [4, 3]))).toThrow(
        expect.objectContaining({
          code: "TASK_INVALID",
          message:
            "Expected the task's `model` to give 3 outputs an example, as many as it has targets, [4, 3], got [4,2].",
        }),
      );
  });
});

describe("a task of sequences with a label at each position", () => {
  /** The text 0, 1, 2, 3, 0, 1, ...: the next token follows from the last one. */
  const windows = (count: number) =>
    cutWindows(
      "cycle",
      Int32Array.from({ length: 5 * count + 1 }, (_, index) => index % 4),
      5,
      4,
    );
  const task: Task = {
    name: "cycle/gru",
    data: { train: windows(40), validation: windows(8), test: windows(8) },
    model: characterGru(4, 3, 8),
    optimizer: { kind: "adam" },
    batchSize: 8,
    steps: 120,
  };

  it("is learned from chance to almost certainty, by tokens, and resumes with the same bits", async () => {
    checkTask(task);
    const options = { task, data: { ...task.data, validation: task.data.validation! }, engine, seed: 0 };
    const schedule = constant({ baseRate: 0.03 });
    const run = new TrainingRun({ ...options, schedule, evaluateEvery: 1 });
    const records = [];
    let saved: ReturnType<typeof run.save> | undefined;
    for await (const record of run.records()) {
      records.push(record);
      if (record.step === 99) saved = run.save();
    }
    expect(records[0]!.loss).toBeGreaterThan(1);
    expect(records.at(-1)!.test!.loss).toBeLessThan(0.1);
    expect(records.at(-1)!.test!.accuracy).toBe(1);
    const resumed = new TrainingRun({ ...options, schedule, evaluateEvery: 1, resume: saved! });
    const rest: TrainingRecord[] = [];
    for await (const record of resumed.records()) rest.push(record);
    expect(rest).toEqual(records.slice(100));
    await run.release();
    await resumed.release();
  });

  it("is refused where training and test data are of different kinds", () => {
    const { vocabulary: _none, ...measured } = task.data.test;
    const test = { ...measured, inputs: Float32Array.from(task.data.test.inputs) };
    expect(() => checkTask({ ...task, data: { ...task.data, test } })).toThrow(
      '`data.test` to be like the training data, int32 [5], 4 classes, 5 labels each, got "float32',
    );
  });
});
