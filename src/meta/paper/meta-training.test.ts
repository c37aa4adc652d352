import { beforeAll, describe, expect, it } from "vitest";
import { recordsOf } from "../../../test/records-of.ts";
import { subset } from "../../data/index.ts";
import { Engine } from "../../engine/index.ts";
import { multiply, softmaxCrossEntropy, type Value } from "../../graph/index.ts";
import { dropoutLayer, linearLayer, type Model } from "../../nn/index.ts";
import { decodeSchedule } from "../../schedules/index.ts";
import { encodeSchedule } from "../../schedules/internal.ts";
import { splitsOf, type Task } from "../../training/index.ts";
import { findTask } from "../../training/internal.ts";
import { checkSameRun, decodeMetaCheckpoint, encodeMetaCheckpoint } from "./checkpoint.ts";
import { MetaTrainingRun } from "./meta-training.ts";
import { defaultUpdateEvery, snapshotSteps } from "./plan.ts";
import type { MetaTrainingOptions } from "./run.ts";

let engine: Engine;
let task: Task;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
  task = { ...(await findTask("mnist1d/logistic").load()), batchSize: 500 };
});

function createRun(options: Partial<MetaTrainingOptions> = {}): MetaTrainingRun {
  return new MetaTrainingRun({
    task,
    data: splitsOf(task),
    engine,
    seed: 0,
    steps: 21,
    updateEvery: 2,
    ...options,
  });
}

describe("MetaTrainingRun", () => {
  it("updates θ every T_val iterations counted over the whole run, across epochs", async () => {
    const run = createRun();
    const records = await recordsOf(run);
    // Epochs have 7 iterations: a counter that starts again with each would update at 7 too.
    expect(run.context?.stepsPerEpoch).toBe(7);
    const updated = records.filter(({ innerProduct }) => innerProduct !== undefined).map(({ step }) => step);
    expect(updated).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20]);
  });

  it("says in its first record, and there alone, that the gamma guard acted", async () => {
    const loss = (outputs: Value, labels: Value) => multiply(softmaxCrossEntropy(outputs, labels), 0.01);
    const run = createRun({ task: { ...task, loss }, steps: 2 });
    const [first, second] = await recordsOf(run);
    expect(first?.events).toEqual([
      { step: 0, kind: "gamma-guard", message: expect.stringContaining("the gamma guard") },
    ]);
    expect(run.gamma).toBeGreaterThan(0);
    expect(second).not.toHaveProperty("events");
    expect((await recordsOf(createRun(), 1))[0]).not.toHaveProperty("events");
  });

  it("takes snapshots after the first epoch, half the epochs and all, and writes them as a schedule file", async () => {
    const run = createRun();
    await recordsOf(run);
    expect(run.snapshots.map(({ afterSteps }) => afterSteps)).toEqual([7, 7, 21]);
    const file = decodeSchedule(encodeSchedule(run.schedule({ note: "test" })));
    expect(file.snapshots.switchRule).toBe("epoch-thirds");
    expect(file.snapshots.thetas).toHaveLength(3);
    expect(file.provenance).toMatchObject({
      recipe: "paper",
      task: "mnist1d/logistic",
      updateEvery: 2,
      note: "test",
    });
  });

  it("moves the rate to where validation wants it: up where the inner product is above zero, else down", async () => {
    for (const seed of [0, 1, 2, 3]) {
      // The first update alone: later ones carry Adam's momentum.
      const [first] = await recordsOf(createRun({ seed }), 1);
      expect(Math.sign(first!.learningRate - first!.lookAheadRate!)).toBe(Math.sign(first!.innerProduct!));
    }
  });

  it("takes networks with dropout where the validation part is smaller than a batch", async () => {
    const model: Model = (scope, x) =>
      linearLayer(scope.child("out"), dropoutLayer(scope, linearLayer(scope.child("in"), x, 8), 0.5), 10);
    const { train, validation, test } = splitsOf(task);
    const few = subset(validation, [0, 1, 2, 3, 4, 5, 6]);
    const options = { task: { ...task, model }, data: { train, validation: few, test }, steps: 3 };
    const records = await recordsOf(createRun(options));
    expect(records.map(({ lookAheadLoss }) => typeof lookAheadLoss)).toEqual([
      "number",
      "undefined",
      "number",
    ]);
    expect(await recordsOf(createRun(options))).toEqual(records);
  });

  it("goes on from a checkpoint with the same learning rates and the same file, bit for bit", async () => {
    const whole = createRun();
    const expected = await recordsOf(whole);
    const first = createRun();
    const before = await recordsOf(first, 10);
    const bytes = encodeMetaCheckpoint({ identity: first.identity, plan: engine.plan, state: first.save() });
    const { state, identity } = decodeMetaCheckpoint(bytes);
    const resumed = createRun({ resume: state });
    checkSameRun(identity, resumed.identity);
    expect([...before, ...(await recordsOf(resumed))]).toEqual(expected);
    expect(encodeSchedule(resumed.schedule())).toEqual(encodeSchedule(whole.schedule()));
  });

  it("refuses to resume a run with other options, naming the one", () => {
    const { identity } = createRun();
    expect(() => checkSameRun({ ...identity, seed: 3 }, identity)).toThrow(
      /seed 0, but the checkpoint has 3/,
    );
  });

  it("refuses the state of another run by itself, and takes one that says nothing of its run", async () => {
    const first = createRun();
    await recordsOf(first, 2);
    const resume = first.save();
    const mismatch = expect.objectContaining({ code: "STATE_MISMATCH" });
    for (const other of [{ seed: 1 }, { steps: 22 }, { updateEvery: 3 }])
      expect(() => createRun({ ...other, resume })).toThrow(mismatch);
    const { identity: _, ...old } = resume;
    expect(() => createRun({ seed: 1, resume: old })).not.toThrow();
    expect(() => createRun({ resume })).not.toThrow();
  });
});

describe("defaultUpdateEvery", () => {
  it("is the paper's 300 for the paper's length, and as many updates for shorter runs", () => {
    expect(defaultUpdateEvery(76_600)).toBe(299);
    expect(defaultUpdateEvery(1_000_000)).toBe(300);
    expect(defaultUpdateEvery(2000)).toBe(8);
    expect(defaultUpdateEvery(10)).toBe(1);
  });
});

describe("snapshotSteps", () => {
  it("is the first epoch, half and all of the paper's 200 epochs, and stays inside a short run", () => {
    expect(snapshotSteps(200 * 383, 383)).toEqual([383, 38_300, 76_600]);
    expect(snapshotSteps(5, 100)).toEqual([2, 2, 5]);
    expect(snapshotSteps(1, 100)).toEqual([1, 1, 1]);
  });
});
