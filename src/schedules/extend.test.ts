import { describe, expect, it } from "vitest";
import { annealToZero } from "./anneal-to-zero.ts";
import { checksum } from "./checksum.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { insured } from "./insured.ts";
import { inverseSquareRoot } from "./inverse-square-root.ts";
import { linear } from "./linear.ts";
import { initialiseParameters } from "./mlr-snet/initialise.ts";
import { learnedSchedule } from "./mlr-snet/learned-schedule.ts";
import type { IntegratingOutput } from "./mlr-snet/output.ts";
import { presets } from "./mlr-snet/presets.ts";
import { equalFractions } from "./mlr-snet/schedule-file.ts";
import { multiStep } from "./multi-step.ts";
import { oneCycle } from "./one-cycle.ts";
import { polynomial } from "./polynomial.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import { ScheduleRunner } from "./runner.ts";
import type { Schedule } from "./schedule.ts";
import { sgdrBudget } from "./sgdr-budget.ts";
import { warmup } from "./warmup.ts";
import { warmupStableDecay } from "./warmup-stable-decay.ts";

/** The rates of a run of 100 steps whose end is moved at `at`, by step; all losses are 1. */
function ratesOf(
  schedule: Schedule<unknown>,
  at: number,
  totalSteps: number,
  context: object = {},
): { rates: number[]; events: [number, string][] } {
  const told = { totalSteps: 100, usualRate: 0.1, ...context };
  const runner = new ScheduleRunner(schedule, told);
  const rates: number[] = [];
  const events: [number, string][] = [];
  for (let step = 0; step <= totalSteps; step++) {
    if (step === at) runner.extend(totalSteps);
    const decision = runner.next({ loss: 1 });
    rates.push(decision.learningRate);
    for (const { step, kind } of decision.events ?? []) events.push([step, kind]);
  }
  return { rates, events };
}

describe("extend", () => {
  it("takes a cosine over 100 steps, saved at 50, on to 200 without a jump, and to zero there.", () => {
    const runner = new ScheduleRunner(cosine({ baseRate: 1 }), { totalSteps: 100 });
    for (let step = 0; step < 50; step++) runner.next({ loss: 1 });
    const resumed = ScheduleRunner.fromJSON(cosine({ baseRate: 1 }), JSON.parse(JSON.stringify(runner)));
    resumed.extend(200);
    const rates = Array.from({ length: 151 }, () => resumed.next({ loss: 1 }).learningRate);
    expect(rates[0]).toBeCloseTo(0.5, 14);
    expect(rates[75]).toBeCloseTo((1 + Math.cos(Math.PI * 0.75)) / 2, 14); // half of what was left
    expect(rates[149]).toBeGreaterThan(0);
    expect(rates[150]).toBe(0);
  });

  it.each<[string, Schedule<unknown>, number, number, Record<number, number>]>([
    ["linear", linear({ baseRate: 1 }), 50, 200, { 49: 0.51, 50: 0.5, 125: 0.25, 199: 0.5 / 150, 200: 0 }],
    ["linear, sooner", linear({ baseRate: 1 }), 50, 60, { 50: 0.5, 55: 0.25, 60: 0 }],
    ["polynomial", polynomial({ baseRate: 1 }), 50, 200, { 50: 0.25, 125: 0.0625, 200: 0 }],
    // The top, at 30, is 20 of the 90 steps left; it moves to a share of 2/9 of 190 steps.
    [
      "onecycle in its rise",
      oneCycle({ baseRate: 1 }),
      10,
      190,
      { 10: 0.04 + 0.96 * 0.25, 50: 1, 190: 4e-6 },
    ],
    // Drops at 30 and 60, of which one is past: 10 of 50 steps left become 30 of 150.
    ["multistep", multiStep({ baseRate: 1 }), 50, 200, { 50: 0.1, 79: 0.1, 80: 0.01, 200: 0.01 }],
    [
      "multistep, a drop at a fixed step",
      multiStep({ baseRate: 1, drops: [{ steps: 70 }, { fraction: 0.6 }] }),
      50,
      200,
      { 69: 1, 70: 0.1, 79: 0.1, 80: 0.01 },
    ],
    ["exponential", exponential({ baseRate: 1, factor: 0.01 }), 50, 200, { 50: 0.1, 200: 0.01 }],
    [
      "exponential with a period in steps",
      exponential({ baseRate: 1, factor: 0.01, per: { steps: 100 } }),
      50,
      200,
      { 50: 0.1, 200: 1e-4 },
    ],
    // W = 4; 37 steps left become 137, and step 199 stands where 99.73 stood: √(4/100.73).
    [
      "invsqrt",
      inverseSquareRoot({ baseRate: 1 }),
      63,
      200,
      { 63: 0.25, 199: Math.sqrt(4 / (101 - 37 / 137)) },
    ],
    // Two cycles of 33 and 67 steps; the second goes on.
    [
      "sgdr-budget",
      sgdrBudget({ baseRate: 1, floorFraction: 0, firstCycle: { steps: 30 } }),
      50,
      200,
      { 50: (1 + Math.cos((Math.PI * 17) / 67)) / 2, 200: 0 },
    ],
    ["wsd on its plateau", warmupStableDecay({ baseRate: 1 }), 50, 200, { 139: 1, 140: 1, 170: 0.5, 200: 0 }],
    ["wsd in its fall", warmupStableDecay({ baseRate: 1 }), 90, 200, { 90: 0.5, 145: 0.25, 200: 0 }],
    [
      "a fall of 20 steps",
      annealToZero(constant({ baseRate: 1 }), { steps: 20 }),
      50,
      200,
      { 180: 1, 190: 0.5, 200: 0 },
    ],
    [
      "a fall of 20 steps for which 10 are left",
      annealToZero(constant({ baseRate: 1 }), { steps: 20 }),
      50,
      60,
      { 50: 1, 55: 0.5, 60: 0 },
    ],
    [
      "a warm-up given in steps, in its rise",
      warmup(linear({ baseRate: 1 }), { steps: 20, startFraction: 0 }),
      10,
      220,
      { 10: 0.5, 20: 1, 120: 0.5, 220: 0 },
    ],
    // 10 of the 90 steps left become 20 of 180.
    [
      "a warm-up given as a part of the run, in its rise",
      warmup(linear({ baseRate: 1 }), { fraction: 0.2, startFraction: 0 }),
      10,
      190,
      { 9: 0.45, 10: 0.5, 20: 0.75, 30: 1, 110: 0.5, 190: 0 },
    ],
    [
      "a warm-up, after it",
      warmup(linear({ baseRate: 1 }), { steps: 20 }),
      60,
      220,
      { 60: 0.5, 140: 0.25, 220: 0 },
    ],
    ["an insured line", insured(linear({ baseRate: 1 })), 50, 200, { 50: 0.5, 125: 0.25, 200: 0 }],
    [
      "plateau, which has none: checks stay 10 steps apart",
      reduceOnPlateau({ baseRate: 1, every: { fraction: 0.1 }, patience: 0 }),
      50,
      200,
      { 19: 1, 20: 0.1, 49: 0.001, 50: 1e-4, 59: 1e-4, 60: 1e-5 },
    ],
  ])("moves the end of %s.", (_name, schedule, at, totalSteps, byHand) => {
    const { rates } = ratesOf(schedule, at, totalSteps);
    for (const [step, rate] of Object.entries(byHand))
      expect(rates[Number(step)], `step ${step}`).toBeCloseTo(rate, 9);
  });

  it("moves the turns that are to come of a learned schedule's snapshots, and its fall to zero.", () => {
    const cell = presets.transfer;
    const thetas = [0.5, -0.5].map((p, seed) => {
      const theta = initialiseParameters(cell, seed);
      theta.fill(0, theta.length - 1 - cell.hidden);
      theta[theta.length - 1] = Math.atanh(p);
      return theta;
    });
    const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
    const schedule = learnedSchedule({ cell, snapshots, provenance: {} });
    const { rates, events } = ratesOf(schedule as Schedule<unknown>, 25, 325);
    expect(events).toEqual([[325, "past-the-end"]]);
    expect(rates[325]).toBe(0);
    // Progress goes on from 1/4 over 300 steps; the second snapshot, at 50, comes at a third of what is left: at 125.
    const { start, step: δ } = cell.output as IntegratingOutput;
    let exponent = 0;
    for (const [step, rate] of rates.entries()) {
      exponent += ((step < 125 ? δ : -δ) / 8) * (25 / (25 + step));
      const left = step < 25 ? 1 - step / 100 : (0.75 * (325 - step)) / 300;
      expect(rate).toBeCloseTo(0.1 * Math.cbrt(10) * start * Math.exp(exponent) * Math.max(0, left), 12);
    }
  });

  it("moves the end in both copies that a guarded schedule goes back to.", () => {
    const cell = presets.transfer;
    const snapshots = {
      switchRule: "fractions" as const,
      fractions: [0],
      thetas: [initialiseParameters(cell, 1)],
    };
    const schedule = insured(learnedSchedule({ cell, snapshots, provenance: {} }), {
      restore: true,
      notFinite: [2, 2],
    });
    let state = schedule.init({ totalSteps: 1000, usualRate: 0.1 });
    let step = 0;
    const next = (loss: number): string | undefined => {
      const decision = schedule.next(state, { step: step++, loss });
      state = decision.state;
      return decision.older ? "older" : decision.action;
    };
    const taken = Array.from({ length: 120 }, () => next(1)).flatMap((action, at) => (action ? [at] : []));
    expect(taken).toEqual([0, 100]);
    state = schedule.extend!(state, step, 2000);
    const { extended } = state.inner.history!;
    expect(extended).toEqual({ totalSteps: 2000, pace: (2000 - 120) / (1000 - 120) });
    const three = [Number.NaN, Number.NaN, Number.NaN];
    for (const [back, at] of [
      ["rollback", 100],
      ["older", 0],
    ] as const) {
      expect(three.map(next)).toEqual(["skip", "skip", back]);
      expect(state.inner.history).toMatchObject({ step: at, extended });
      // And it is the new end that the rates go on to.
      next(1);
      expect(state.inner.history).toMatchObject({ step, extended });
    }
    expect(state.totalSteps).toBe(2000);
  });

  it("says at the new end, and not at the old one, that the run is past it.", () => {
    expect(ratesOf(linear({ baseRate: 1 }), 50, 120).events).toEqual([[120, "past-the-end"]]);
    expect(ratesOf(warmup(linear({ baseRate: 1 }), { steps: 5 }), 50, 120).events).toEqual([
      [120, "past-the-end"],
    ]);
  });

  it("refuses an end that is not ahead, and a rate that has come to its end.", () => {
    const runner = new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 4 });
    for (let step = 0; step < 3; step++) runner.next({ loss: 1 });
    for (const totalSteps of [3, 2, 0, 4.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => runner.extend(totalSteps)).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: `Expected \`totalSteps\` to be an integer >= 4, got ${totalSteps}.`,
        }),
      );
    runner.next({ loss: 1 });
    const message =
      "Expected `extend` before the rate's end at step 4, got it at step 4: go on with a new schedule.";
    expect(() => runner.extend(8)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
    const staircase = new ScheduleRunner(multiStep({ baseRate: 1 }), { totalSteps: 2 });
    for (let step = 0; step < 3; step++) staircase.next({ loss: 1 });
    staircase.extend(10);
    expect(staircase.next({ loss: 1 }).learningRate).toBeCloseTo(0.01, 15);
  });

  it("refuses an end within a warm-up that was given in steps.", () => {
    const runner = new ScheduleRunner(warmup(linear({ baseRate: 1 }), { steps: 20 }), { totalSteps: 100 });
    expect(() => runner.extend(15)).toThrow("got a warm-up of 20 steps and a run of 15");
  });

  it("changes nothing where there is no horizon, and refuses a schedule that has one and does not say how.", () => {
    const runner = new ScheduleRunner(constant({ baseRate: 1 }));
    const before = JSON.stringify(runner);
    runner.extend(5);
    expect(JSON.stringify(runner)).toBe(before);
    const own: Schedule<number> = {
      kind: "own",
      needs: ["totalSteps"],
      init: () => 0,
      next: (state) => ({ learningRate: 1, state }),
    };
    const message = "Expected a schedule with a method `extend`, got none: `own` needs `totalSteps`.";
    expect(() => new ScheduleRunner(own).extend(5)).toThrow(message);
    expect(() => new ScheduleRunner(warmup(own, { steps: 1 }), { totalSteps: 9 }).extend(5)).toThrow(message);
  });

  it("is part of the runner's checksum and JSON, and leaves nothing to undo.", () => {
    const [runner, other] = [0, 1].map(
      () => new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 100 }),
    );
    for (const one of [runner!, other!]) one.next({ loss: 1 });
    runner!.extend(200);
    expect(checksum(runner!)).not.toBe(checksum(other!));
    expect(JSON.stringify(runner)).not.toBe(JSON.stringify(other));
    expect(() => runner!.undo()).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
