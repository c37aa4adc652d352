import { describe, expect, it } from "vitest";
import { drive, integrating, tenLosses } from "../../../test/learned-runs.ts";
import type { Schedule } from "../schedule.ts";
import type { CellConfig } from "./config.ts";
import { initialiseParameters } from "./initialise.ts";
import { learnedSchedule } from "./learned-schedule.ts";
import type { MlrSnetState } from "./learned-state.ts";
import { MlrSnet } from "./mlr-snet.ts";
import type { IntegratingOutput } from "./output.ts";
import { presets } from "./presets.ts";
import { decodeSchedule, encodeSchedule } from "./schedule-file.ts";

describe("learnedSchedule of the integrating form", () => {
  const plain: CellConfig["output"] = {
    form: "integrating",
    step: 0.2,
    start: 1e-3,
    floor: 1e-7,
    ceiling: 10,
  };

  it("multiplies the rate from its small start on, without γ, classes, initial loss or any event", () => {
    const schedule = learnedSchedule(integrating({ output: plain }));
    const { rates, gammas, snapshots, events } = drive(schedule, { totalSteps: 10 });
    expect(snapshots).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    const exponents = [1, 2, 3, 4, 5, 4, 3, 2, 1, 0];
    for (const [step, rate] of rates.entries())
      expect(rate).toBeCloseTo(1e-3 * Math.exp(0.1 * exponents[step]!), 12);
    expect(new Set(gammas)).toEqual(new Set([null]));
    expect(events).toEqual([]);
  });

  it("moves the rate less and less and anneals it to zero at T, as the preset says", () => {
    const losses = Array.from({ length: 40 }, (_, step) => 2.3 / (1 + step));
    const { rates } = drive(learnedSchedule(integrating()), { totalSteps: 40 }, undefined, losses);
    const { step: δ, start } = presets.transfer.output as IntegratingOutput;
    let exponent = 0; // δ_t p_t³ = δ · ±0.5³ / (1 + t/25)
    for (const [step, rate] of rates.entries()) {
      exponent += ((step < 20 ? δ : -δ) / 8) * (25 / (25 + step));
      const unit = 0.1 * Math.cbrt(1000 / 40);
      expect(rate).toBeCloseTo(unit * start * Math.exp(exponent) * (1 - step / 40), 12);
    }
  });

  it("starts runs of 1, 2, 5, 10 and 19 steps at the rate of 20, and says once that they are short", () => {
    const file = integrating();
    const thetas = file.snapshots.thetas.slice(0, 1); // of two, a single step would be the second's
    const schedule = learnedSchedule({ ...file, snapshots: { ...file.snapshots, fractions: [0], thetas } });
    const startOf = (totalSteps: number) => {
      const losses = Array.from({ length: totalSteps }, () => 2.3);
      const { rates, events } = drive(schedule, { totalSteps, usualRate: 0.1 }, undefined, losses);
      return { first: rates[0]!, events };
    };
    const { first: most, events } = startOf(20);
    const { step: δ, start } = presets.transfer.output as IntegratingOutput;
    expect(most).toBeCloseTo(0.1 * Math.cbrt(50) * start * Math.exp(δ / 8), 12);
    expect(events).toEqual([]);
    for (const totalSteps of [1, 2, 5, 10, 19]) {
      const { first, events } = startOf(totalSteps);
      expect(first, `${totalSteps} steps`).toBe(most);
      const message = expect.stringContaining(`A run of ${totalSteps} steps: this schedule was made for 20`);
      expect(events).toEqual([{ step: 0, kind: "short-run", message }]);
    }
    expect(startOf(21).first).toBeLessThan(most);
  });

  it("starts short runs of zoo:default no higher either, which reads T", async () => {
    const schedule = learnedSchedule(await MlrSnet.load("zoo:default"));
    const [most, ...shorter] = [20, 1, 2, 5, 10].map(
      (totalSteps) => drive(schedule, { totalSteps, usualRate: 0.1 }, undefined, [2.3]).rates[0]!,
    );
    // The network answers T a little; today's file started at 45, 36, 27 and 21 times the usual rate.
    for (const rate of shorter) expect(rate / most!).toBeLessThan(1.001);
  });

  it("says nothing of short runs where rates are rates, or T is not known", () => {
    const anytime = integrating(presets["transfer-anytime"]);
    const absolute = learnedSchedule(integrating({ output: plain }));
    expect(drive(absolute, { totalSteps: 2 }, undefined, [1, 1]).events).toEqual([]);
    const [theta] = anytime.snapshots.thetas;
    const one = { ...anytime, snapshots: { ...anytime.snapshots, fractions: [0], thetas: [theta!] } };
    expect(drive(learnedSchedule(one), { usualRate: 0.1 }, undefined, [1, 1]).events).toEqual([]);
  });

  it("gives its rates in units of the optimizer's usual rate, 0.1 with a word of it where none was told", () => {
    const schedule = learnedSchedule(integrating());
    const [untold, sgd, adam] = [{}, { usualRate: 0.1 }, { usualRate: 0.001 }].map((context) =>
      drive(schedule, { totalSteps: 40, ...context }),
    );
    expect(sgd!.rates).toEqual(untold!.rates);
    for (const [step, rate] of adam!.rates.entries()) expect(rate).toBeCloseTo(sgd!.rates[step]! / 100, 15);
    expect([sgd!.events, adam!.events]).toEqual([[], []]);
    expect(untold!.events).toEqual([
      { step: 0, kind: "usual-rate-missing", message: expect.stringContaining("`usualRate`") },
    ]);
    expect(() => schedule.init({ totalSteps: 10, usualRate: 0 })).toThrow("Expected `usualRate`");
  });

  it("gives the same rates for losses and gradients of any scale", () => {
    const [theta] = [initialiseParameters(presets.transfer, 4)];
    const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas: [theta!] };
    const schedule = learnedSchedule({ cell: presets.transfer, snapshots, provenance: {} });
    const scaled = tenLosses.map((loss) => 1000 * loss);
    const expected = drive(schedule, { totalSteps: 10 }).rates;
    const got = drive(schedule, { totalSteps: 10 }, undefined, scaled).rates;
    for (const [step, rate] of got.entries()) expect(rate).toBeCloseTo(expected[step]!, 12);
  });

  it("is the same schedule after a trip through a file, up to float32", () => {
    const file = integrating();
    const again = decodeSchedule(encodeSchedule(file));
    expect(again.cell).toEqual(file.cell);
    const [expected, got] = [file, again].map((f) => drive(learnedSchedule(f), { totalSteps: 11 }).rates);
    for (const [step, rate] of got!.entries())
      expect(Math.abs(rate / expected![step]! - 1)).toBeLessThan(1e-6);
  });

  it("needs the horizon where inputs read it or the output anneals, or with neither runs without it", () => {
    const one = (cell: CellConfig): Schedule<MlrSnetState> => {
      const snapshots = {
        switchRule: "fractions" as const,
        fractions: [0],
        thetas: [initialiseParameters(cell, 1)],
      };
      return learnedSchedule({ cell, snapshots, provenance: {} });
    };
    const { transfer, "transfer-anytime": anytime } = presets;
    const needy = [transfer, { ...transfer, output: plain }, { ...anytime, output: transfer.output }];
    for (const cell of needy) {
      expect(() => one(cell).init({ classes: 10 })).toThrow("Expected `totalSteps` in the run's context");
      expect(one(cell).init({ totalSteps: 10 }).history!.totalSteps).toBe(10);
    }
    expect(drive(one(anytime), {}).rates.every((rate) => rate > 0)).toBe(true);
  });

  it("says once that a run is longer than it was told, and stays at zero then", () => {
    const losses = Array.from({ length: 25 }, (_, step) => 2.3 / (1 + step));
    const { events, rates } = drive(learnedSchedule(integrating()), { totalSteps: 22 }, undefined, losses);
    expect(events.map(({ step, kind }) => [step, kind])).toEqual([
      [0, "usual-rate-missing"],
      [22, "past-the-end"],
    ]);
    expect(rates.map((rate) => rate > 0)).toEqual(Array.from(rates, (_, step) => step < 22));
  });

  it("wants what its gradient inputs read, at every step", () => {
    const inputs = ["gradient-norm", "gradient-cosine"] as const;
    const schedule = learnedSchedule(integrating({ inputs }));
    const state = schedule.init({ totalSteps: 10 });
    for (const step of [0, 5])
      expect(schedule.wants!(state, step)).toEqual([
        "gradientNorm",
        "directionNorm",
        "gradientDotPreviousDirection",
      ]);
    expect(() => schedule.next(state, { step: 0, loss: 1 })).toThrow(
      expect.objectContaining({ code: "MISSING_OBSERVATION" }),
    );
  });

  it("refuses a state whose history lacks a field, as one of an earlier release does, or holds no number", () => {
    const schedule = learnedSchedule(integrating());
    const { state } = schedule.next(schedule.init({ totalSteps: 10, usualRate: 0.1 }), { step: 0, loss: 1 });
    const history = { ...state.history! };
    expect(Object.keys(history)).toEqual(expect.arrayContaining(["long", "best", "noise", "unit"]));
    for (const name of Object.keys(history) as (keyof typeof history)[])
      for (const wrong of [
        undefined,
        Number.NaN,
        "0",
        ...(["unit", "logInitialLoss"].includes(name) ? [] : [null]),
      ]) {
        const saved = { ...state, history: { ...history, [name]: wrong } } as MlrSnetState;
        expect(() => schedule.next(saved, { step: 1, loss: 1 }), `${name}: ${wrong}`).toThrow(
          expect.objectContaining({ code: "STATE_MISMATCH" }),
        );
      }
    expect(schedule.next(state, { step: 1, loss: 1 }).learningRate).toBeGreaterThan(0);
  });

  it("refuses a γ, a loss that is NaN or infinite, and a state without a history", () => {
    expect(() => learnedSchedule(integrating(), { gamma: 0.3 })).toThrow("Expected `gamma` to be absent");
    const schedule = learnedSchedule(integrating());
    const { history, ...state } = schedule.init({ totalSteps: 10 });
    for (const loss of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => schedule.next({ ...state, history: history! }, { step: 0, loss })).toThrow(
        expect.objectContaining({ code: "NOT_FINITE" }),
      );
    expect(() => schedule.next(state, { step: 0, loss: 1 })).toThrow(
      expect.objectContaining({ code: "STATE_MISMATCH" }),
    );
  });

  it("answers a loss of zero, at the first step and later, with a finite rate", () => {
    const { rates } = drive(learnedSchedule(integrating()), { totalSteps: 10 }, undefined, [0, 0, 1, 0]);
    expect(rates.every((rate) => rate > 0 && rate < 3)).toBe(true);
  });

  it("lets a cell of the sigmoid form read the same inputs", () => {
    const file = integrating({ output: "sigmoid" });
    const { rates } = drive(learnedSchedule(file, { gamma: 0.8 }), { totalSteps: 10 });
    expect(rates[0]).toBeCloseTo(0.8 / (1 + Math.exp(-Math.atanh(0.5))), 14);
  });
});
