import { describe, expect, it } from "vitest";
import { recordsOf } from "../../test/records-of.ts";
import { createRun, task } from "../../test/short-trainings.ts";
import type { Inputs } from "../data/index.ts";
import { decodedInputs } from "../data/internal.ts";
import { multiply } from "../graph/index.ts";
import {
  constant,
  hypergradientDescent,
  MlrSnet,
  reduceOnPlateau,
  type Schedule,
} from "../schedules/index.ts";
import type { TrainingOptions } from "./run.ts";
import { allDataOf, splitsOf, type Task } from "./task.ts";

describe("TrainingRun", () => {
  it("counts steps from 0 to T-1, evaluates when asked and after the last, and says that it is done", async () => {
    const run = createRun({ evaluateEvery: 5 });
    const records = await recordsOf(run);
    expect(records.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(records.filter(({ test }) => test).map(({ step }) => step)).toEqual([4, 9, 11]);
    expect(records.every(({ learningRate }) => learningRate === 0.1)).toBe(true);
    expect(run.outcome).toEqual({ status: "done", steps: 12 });
  });

  it("learns: the loss of logistic regression on MNIST-1D falls below its initial loss", async () => {
    const records = await recordsOf(createRun({ steps: 200 }));
    expect(records[0]!.loss).toBeGreaterThan(2.2);
    expect(records.at(-1)!.test!.loss).toBeLessThan(2.1);
  });

  it("gives the same records for the same seed and others for another", async () => {
    const first = await recordsOf(createRun());
    expect(await recordsOf(createRun())).toEqual(first);
    expect((await recordsOf(createRun({ seed: 1 })))[0]!.loss).not.toBe(first[0]!.loss);
  });

  it.each<[string, () => Schedule<unknown>]>([
    ["hypergradient descent, which reads gradients", () => hypergradientDescent({ baseRate: 0.05 })],
    ["reduce on plateau, which keeps a count", () => reduceOnPlateau({ baseRate: 0.2 })],
  ])("goes on from a save bit for bit with %s", async (_name, create) => {
    const whole = await recordsOf(createRun({ schedule: create() as Schedule<unknown> }));
    const first = createRun({ schedule: create() as Schedule<unknown> });
    const before = await recordsOf(first, 5);
    const resumed = createRun({
      schedule: create() as Schedule<unknown>,
      resume: structuredClone(first.save()),
    });
    expect([...before, ...(await recordsOf(resumed))]).toEqual(whole);
  });

  it("refuses to resume with another seed, length, task or schedule, naming it, and takes a state that says nothing of them", async () => {
    const first = createRun();
    await recordsOf(first, 3);
    const { run: _, ...old } = first.save();
    const resume = first.save();
    const others: [RegExp, Partial<TrainingOptions>][] = [
      [/seed 1, but the saved state has 0/, { seed: 1 }],
      [/steps 13, but the saved state has 12/, { steps: 13 }],
      [/task other, but the saved state has mnist1d\/logistic/, { task: { ...task, name: "other" } }],
      [
        /schedule constant \{"baseRate":0.2\}, but .* \{"baseRate":0.1\}/,
        { schedule: constant({ baseRate: 0.2 }) },
      ],
    ];
    for (const [message, other] of others) {
      const act = () => createRun({ ...other, resume: JSON.parse(JSON.stringify(resume)) });
      expect(act).toThrow(
        expect.objectContaining({ code: "STATE_MISMATCH", message: expect.stringMatching(message) }),
      );
      expect(() => createRun({ ...other, resume: old })).not.toThrow();
    }
    expect(() => createRun({ resume })).not.toThrow();
  });

  it("refuses the state of a run with another schedule file of the same cell", async () => {
    const [standard, other] = await Promise.all(
      ["zoo:default", "zoo:anytime"].map(
        async (name) => (await MlrSnet.load(name)).schedule() as Schedule<unknown>,
      ),
    );
    const first = createRun({ schedule: standard! });
    await recordsOf(first, 3);
    const act = () => createRun({ schedule: other!, resume: first.save() });
    expect(act).toThrow(expect.objectContaining({ code: "STATE_MISMATCH" }));
  });

  it("ends as diverged, and does not throw, where the loss is not finite", async () => {
    const run = createRun({ schedule: constant({ baseRate: 1e30 }) });
    const records = await recordsOf(run);
    expect(run.outcome).toEqual({ status: "diverged", steps: records.length, loss: "NaN" });
    expect(records.length).toBeLessThan(12);
  });

  it("ends as diverged before its first step where the untrained network's loss is not finite", async () => {
    const broken: Task = { ...task, model: (scope, x) => multiply(task.model(scope, x), Number.NaN) };
    const run = createRun({ task: broken });
    expect(await recordsOf(run)).toEqual([]);
    expect(run.outcome).toEqual({ status: "diverged", steps: 0, loss: "NaN" });
  });

  it("stops between two steps when its signal says so, and then has no outcome", async () => {
    const abort = new AbortController();
    const run = createRun({ signal: abort.signal });
    const generator = run.records();
    await generator.next();
    abort.abort();
    expect((await generator.next()).done).toBe(true);
    expect(run.outcome).toBeUndefined();
  });
});

describe("splitsOf", () => {
  const key = (inputs: Inputs, row: number) => inputs.subarray(row * 40, row * 40 + 40).join();
  const keys = (dataset: Task["data"]["train"]) => {
    const inputs = decodedInputs(dataset);
    return Array.from(dataset.labels, (_, row) => key(inputs, row));
  };

  it("splits an eighth off for validation, in neither the rest nor the test data", () => {
    const { train, validation, test } = splitsOf(task);
    expect([train, validation, test].map(({ labels }) => labels.length)).toEqual([3500, 500, 1000]);
    const held = new Set(keys(validation));
    expect([...keys(train), ...keys(test)].some((example) => held.has(example))).toBe(false);
  });

  it("leaves final runs all training data", () => {
    expect(allDataOf(task).train).toBe(task.data.train);
  });
});
