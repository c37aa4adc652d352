import { beforeAll, describe, expect, it } from "vitest";
import type { Inputs } from "../data/index.ts";
import { decodedInputs } from "../data/internal.ts";
import { Engine } from "../engine/index.ts";
import { multiply } from "../graph/index.ts";
import { dropoutLayer } from "../nn/index.ts";
import {
  constant,
  type Decision,
  hypergradientDescent,
  insured,
  MlrSnet,
  reduceOnPlateau,
  type Schedule,
} from "../schedules/index.ts";
import type { LearnerState } from "./learner-state.ts";
import type { OptimizerOptions } from "./optimizers.ts";
import type { TrainingOptions, TrainingRecord, TrainingState } from "./run.ts";
import { allDataOf, splitsOf, type Task } from "./task.ts";
import { findTask } from "./tasks.ts";
import { TrainingRun } from "./train.ts";

let engine: Engine;
let task: Task;
beforeAll(async () => {
  engine = await Engine.create({ planFolder: null, threads: 1 });
  task = await findTask("mnist1d/logistic").load();
});

function createRun(options: Partial<TrainingOptions> = {}): TrainingRun {
  return new TrainingRun({
    task,
    data: splitsOf(task),
    schedule: constant({ baseRate: 0.1 }),
    engine,
    seed: 0,
    steps: 12,
    ...options,
  });
}

async function recordsOf(run: TrainingRun, count = Number.POSITIVE_INFINITY): Promise<TrainingRecord[]> {
  const records: TrainingRecord[] = [];
  const generator = run.records();
  while (records.length < count) {
    const { done, value } = await generator.next();
    if (done) break;
    records.push(value);
  }
  return records;
}

/** After one update at such a rate no weight is finite. */
const absurd = 1e60;

type Action = NonNullable<Decision<null>["action"]>;

/** What a schedule asks for, and its rates, by the step; 0.1 at the others. */
function scripted(actions: Record<number, Action>, rates: Record<number, number> = {}): Schedule<unknown> {
  return {
    init: () => null,
    next(state, { step }) {
      const action = actions[step];
      const isUpdate = action === undefined || action === "snapshot";
      return { learningRate: isUpdate ? (rates[step] ?? 0.1) : 0, state, ...(action && { action }) };
    },
  };
}

/** One rate, and from a step on another. */
function rateFrom(before: number, step: number, after: number): Schedule<null> {
  return {
    init: () => null,
    next: (state, observed) => ({ learningRate: observed.step < step ? before : after, state }),
  };
}

describe("TrainingRun", () => {
  it("counts steps from 0 to T-1, evaluates when asked and after the last, and says that it is done", async () => {
    const run = createRun({ evaluateEvery: 5 });
    const records = await recordsOf(run);
    expect(records.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(records.filter(({ test }) => test).map(({ step }) => step)).toEqual([4, 9, 11]);
    expect(records.every(({ learningRate }) => learningRate === 0.1)).toBe(true);
    expect(run.outcome).toEqual({ status: "done", steps: 12 });
  });

  it("learns: the loss of logistic regression on MNIST-1D falls below guessing", async () => {
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

  it("goes back to a copy where the schedule says so, in a step without an update, and ends after T steps", async () => {
    const schedule = insured(constant({ baseRate: absurd }), { restore: true });
    const run = createRun({ schedule: schedule as Schedule<unknown>, steps: 6 });
    const generator = run.records();
    await generator.next();
    const [untrained] = run.save().copies!;
    expect(untrained).toMatchObject({ step: 0, updates: 0 });
    for (const step of [1, 2, 3]) {
      const { value } = (await generator.next()) as { value: TrainingRecord };
      const kind = step === 3 ? "rollback" : "skip";
      expect(value).toMatchObject({ step, loss: Number.NaN, learningRate: 0, events: [{ kind, step }] });
      if (step < 3) expect(run.save().learner).toMatchObject({ step: step + 1, updates: 1 });
    }
    expect(run.save().learner).toEqual({ ...untrained, step: 4 });
    await recordsOf(run);
    expect(run.outcome).toEqual({ status: "done", steps: 6 });
  });

  it("goes back to the older copy where the trouble comes again, which is the only one from then on", async () => {
    const schedule = insured(rateFrom(0.1, 105, absurd), { restore: true }) as Schedule<unknown>;
    const run = createRun({ schedule, steps: 120 });
    let copies: LearnerState[] = [];
    const backs: [step: number, to: number | undefined][] = [];
    for await (const { step, events = [] } of run.records()) {
      const { learner, copies: kept = [] } = run.save();
      if (step === 104) copies = kept;
      if (!events.some(({ kind }) => kind === "rollback")) continue;
      const to = copies.find(({ updates }) => updates === learner.updates);
      backs.push([step, to?.step]);
      expect(learner, `step ${step}`).toEqual({ ...to, step: step + 1 });
    }
    expect(copies.map(({ step, updates }) => [step, updates])).toEqual([
      [100, 100],
      [0, 0],
    ]);
    expect(copies[0]!.weights).not.toEqual(copies[1]!.weights);
    // From 105 on: one update at the absurd rate, and three losses that are not finite, again and again.
    expect(backs).toEqual([
      [108, 100],
      [112, 0],
      [116, 0],
    ]);
  });

  it("draws the next batch and masks after a skipped step, and leaves all else as it was", async () => {
    const dropping: Task = {
      ...task,
      model: (scope, x) => task.model(scope, dropoutLayer(scope.child("dropout"), x, 0.5)),
      optimizer: { kind: "adam" },
    };
    const run = createRun({ task: dropping, schedule: scripted({ 4: "skip", 5: "skip" }) });
    const states: LearnerState[] = [];
    const losses: number[] = [];
    for await (const { loss, learningRate, step } of run.records()) {
      losses.push(loss);
      states.push(run.save().learner);
      if (step === 4 || step === 5) expect(learningRate).toBe(0);
    }
    expect(states[4]).toEqual({ ...states[3], step: 5 });
    expect(states[5]).toEqual({ ...states[3], step: 6 });
    expect(states[6]!.updates).toBe(5);
    expect(new Set(losses.slice(4, 7)).size).toBe(3);
    // Without an optimizer's state a skipped step is one with the rate 0: the same batches and masks as ever.
    const plain: Task = { ...dropping, optimizer: { kind: "sgd" } };
    const still = (rates: Record<number, number>, actions: Record<number, Action>) =>
      recordsOf(createRun({ task: plain, schedule: scripted(actions, rates) }));
    const skipped = await still({}, { 4: "skip", 5: "skip" });
    expect(skipped).toEqual(await still({ 4: 0, 5: 0 }, {}));
    // And batches and masks are two things: with dropout in all of them, one batch twice has two losses.
    const batch = { ...plain, batchSize: splitsOf(task).train.labels.length };
    const again = await recordsOf(createRun({ task: batch, schedule: scripted({ 0: "skip" }) }), 2);
    expect(again[1]!.loss).not.toBe(again[0]!.loss);
    expect(again[1]!.loss).toBeCloseTo(again[0]!.loss, 1);
  });

  it("lets Adam's moments and their count go back together: its first direction then is as large as any first one", async () => {
    const adam: Task = { ...task, optimizer: { kind: "adam" } };
    const run = createRun({
      task: adam,
      schedule: scripted({ 0: "snapshot", 60: "rollback" }),
      steps: 72,
    });
    const sizes: number[] = [];
    const losses: number[] = [];
    for await (const { loss } of run.records()) {
      const { direction } = run.learner.memory;
      sizes.push(direction.reduce((sum, d) => sum + Math.abs(d), 0) / run.learner.parameterCount);
      losses.push(loss);
    }
    // m/(1 - β1) and v/(1 - β2) of one gradient are it and its square; a count of 61 would make 0.78 of it, and soon 1.7.
    expect(sizes[0]).toBeCloseTo(1, 3);
    expect(sizes[61]).toBeCloseTo(1, 3);
    expect(run.learner.save()).toMatchObject({ step: 72, updates: 11 });
    // It is where a run is that has made no update yet, bit for bit.
    const skips = Object.fromEntries(Array.from({ length: 61 }, (_, step) => [step, "skip" as const]));
    const late = await recordsOf(createRun({ task: adam, schedule: scripted(skips), steps: 72 }));
    expect(losses.slice(61)).toEqual(late.slice(61).map(({ loss }) => loss));
  });

  it("refuses to go back where there is no copy", async () => {
    const act = recordsOf(createRun({ schedule: scripted({ 2: "rollback" }) }));
    await expect(act).rejects.toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: "Expected the schedule to ask for a copy before it goes back at step 2.",
      }),
    );
  });

  it.each<OptimizerOptions>([{ kind: "sgd", momentum: 0.9 }, { kind: "adam" }])(
    "goes on from a save bit for bit before and after every copy, skipped step and way back, with $kind",
    async (optimizer) => {
      const own: Task = { ...task, optimizer };
      const create = () =>
        insured(rateFrom(optimizer.kind === "adam" ? 0.01 : 0.1, 103, absurd), { restore: true });
      const options = () => ({ task: own, schedule: create() as Schedule<unknown>, steps: 120 });
      const whole: TrainingRecord[] = [];
      const saves: TrainingState[] = [];
      const run = createRun(options());
      for await (const record of run.records()) {
        whole.push(record);
        saves.push(structuredClone(run.save()));
      }
      const acts = whole.flatMap(({ events = [] }) => events.map(({ kind, step }) => [step, kind] as const));
      const backs = acts.filter(([, kind]) => kind === "rollback");
      expect(backs.length).toBeGreaterThan(1);
      expect(acts.length).toBeGreaterThan(backs.length);
      const copied = saves.findIndex(({ copies = [] }) => copies.length === 2);
      expect(copied).toBe(100);
      const around = [copied, ...acts.map(([step]) => step)].flatMap((step) => [step - 1, step]);
      for (const stop of new Set(around)) {
        const resume = saves[stop]!;
        const before = structuredClone(resume);
        const rest = await recordsOf(createRun({ ...options(), resume }));
        expect(rest, `from step ${stop + 1}`).toEqual(whole.slice(stop + 1));
        // What was saved is left alone, and can be gone on from again.
        expect(resume).toEqual(before);
      }
    },
  );

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
