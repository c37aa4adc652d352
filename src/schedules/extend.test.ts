import { describe, expect, it } from "vitest";
import { ratesOf } from "../../test/moved-end.ts";
import { checksum } from "./checksum.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { divergenceGuard } from "./divergence-guard.ts";
import { extend } from "./extend-runner.ts";
import { linear } from "./linear.ts";
import { initialiseParameters } from "./mlr-snet/initialise.ts";
import { learnedSchedule } from "./mlr-snet/learned-schedule.ts";
import type { IntegratingOutput } from "./mlr-snet/output.ts";
import { presets } from "./mlr-snet/presets.ts";
import { equalFractions } from "./mlr-snet/schedule-file.ts";
import { multiStep } from "./multi-step.ts";
import { resumeRunner } from "./resume-runner.ts";
import { ScheduleRunner } from "./runner.ts";
import type { Schedule } from "./schedule.ts";
import { warmup } from "./warmup.ts";

describe("extend", () => {
  it("takes a cosine over 100 steps, saved at 50, on to 200 without a jump, and to zero there.", () => {
    const runner = new ScheduleRunner(cosine({ baseRate: 1 }), { totalSteps: 100 });
    for (let step = 0; step < 50; step++) runner.next({ loss: 1 });
    const resumed = resumeRunner(cosine({ baseRate: 1 }), JSON.parse(JSON.stringify(runner)));
    extend(resumed, 200);
    const rates = Array.from({ length: 151 }, () => resumed.next({ loss: 1 }).learningRate);
    expect(rates[0]).toBeCloseTo(0.5, 14);
    expect(rates[75]).toBeCloseTo((1 + Math.cos(Math.PI * 0.75)) / 2, 14); // half of what was left
    expect(rates[149]).toBeGreaterThan(0);
    expect(rates[150]).toBe(0);
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
    const schedule = divergenceGuard(learnedSchedule({ cell, snapshots, provenance: {} }), {
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
      expect(() => extend(runner, totalSteps)).toThrow(
        expect.objectContaining({
          code: "INVALID_ARGUMENT",
          message: `Expected \`totalSteps\` to be an integer >= 4, got ${totalSteps}.`,
        }),
      );
    runner.next({ loss: 1 });
    const message =
      "Expected `extend` before the rate's end at step 4, got it at step 4: go on with a new schedule.";
    expect(() => extend(runner, 8)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
    const staircase = new ScheduleRunner(multiStep({ baseRate: 1 }), { totalSteps: 2 });
    for (let step = 0; step < 3; step++) staircase.next({ loss: 1 });
    extend(staircase, 10);
    expect(staircase.next({ loss: 1 }).learningRate).toBeCloseTo(0.01, 15);
  });

  it("refuses an end within a warm-up that was given in steps.", () => {
    const runner = new ScheduleRunner(warmup(linear({ baseRate: 1 }), { steps: 20 }), { totalSteps: 100 });
    expect(() => extend(runner, 15)).toThrow("got a warm-up of 20 steps and a run of 15");
  });

  it("changes nothing where there is no horizon, and refuses a schedule that has one and does not say how.", () => {
    const runner = new ScheduleRunner(constant({ baseRate: 1 }));
    const before = JSON.stringify(runner);
    extend(runner, 5);
    expect(JSON.stringify(runner)).toBe(before);
    const own: Schedule<number> = {
      kind: "own",
      needs: ["totalSteps"],
      init: () => 0,
      next: (state) => ({ learningRate: 1, state }),
    };
    const message = "Expected a schedule with a method `extend`, got none: `own` needs `totalSteps`.";
    expect(() => extend(new ScheduleRunner(own), 5)).toThrow(message);
    expect(() => extend(new ScheduleRunner(warmup(own, { steps: 1 }), { totalSteps: 9 }), 5)).toThrow(
      message,
    );
  });

  it("is part of the runner's checksum and JSON, and leaves nothing to undo.", () => {
    const [runner, other] = [0, 1].map(
      () => new ScheduleRunner(linear({ baseRate: 1 }), { totalSteps: 100 }),
    );
    for (const one of [runner!, other!]) one.next({ loss: 1 });
    extend(runner!, 200);
    expect(checksum(runner!)).not.toBe(checksum(other!));
    expect(JSON.stringify(runner)).not.toBe(JSON.stringify(other));
    expect(() => runner!.undo()).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
