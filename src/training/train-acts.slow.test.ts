import { describe, expect, it } from "vitest";
import { recordsOf } from "../../test/records-of.ts";
import { type Action, absurd, createRun, rateFrom, scripted, task } from "../../test/short-trainings.ts";
import { dropoutLayer } from "../nn/index.ts";
import { constant, divergenceGuard, type Schedule } from "../schedules/index.ts";
import type { LearnerState } from "./learner-state.ts";
import type { OptimizerOptions } from "./optimizers.ts";
import type { TrainingRecord, TrainingState } from "./run.ts";
import { splitsOf, type Task } from "./task.ts";

describe("what a schedule asks of a TrainingRun: copies, ways back, skipped steps", () => {
  it("goes back to a copy where the schedule says so, in a step without an update, and ends after T steps", async () => {
    const schedule = divergenceGuard(constant({ baseRate: absurd }), { restore: true });
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
    const schedule = divergenceGuard(rateFrom(0.1, 105, absurd), { restore: true }) as Schedule<unknown>;
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
        divergenceGuard(rateFrom(optimizer.kind === "adam" ? 0.01 : 0.1, 103, absurd), { restore: true });
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
});
