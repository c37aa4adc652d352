import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/official-forward.json" with { type: "json" };
import { drive, fileOf, tenLosses } from "../../../test/learned-runs.ts";
import { learningRateRange } from "./gamma.ts";
import { learnedSchedule } from "./learned-schedule.ts";
import type { MlrSnetState } from "./learned-state.ts";
import { MlrSnet } from "./mlr-snet.ts";
import { languageReading } from "./presets.ts";
import { importPyTorch } from "./pytorch-import.ts";
import { decodeSchedule, encodeSchedule } from "./schedule-file.ts";

const official = "../shared/data/mlr-snet-official";

describe("learnedSchedule", () => {
  it.skipIf(!existsSync(official)).each(Object.entries(golden.p))(
    "gives the p of the authors' checkpoint %s through importer and file (skipped where ../shared/data is missing)",
    (snapshot, expected) => {
      const { cell, theta } = importPyTorch(readFileSync(`${official}/mlr_snet_${snapshot}.pth`));
      const snapshots = { switchRule: "epoch-thirds" as const, fractions: [0], thetas: [theta] };
      const file = decodeSchedule(encodeSchedule({ cell, snapshots, provenance: {} }));
      const { rates, gammas } = drive(learnedSchedule(file), { classes: 10 }, undefined, golden.losses);
      expect(gammas[0]).toBe(learningRateRange(golden.losses[0]!, 10));
      for (const [step, p] of expected.entries()) {
        const got = rates[step]! / gammas[step]!;
        expect(Math.abs(got - p), `step ${step}`).toBeLessThanOrEqual(1e-5 * p + 1e-8);
      }
    },
  );

  it("keeps every rate between 0 and γ of the initial loss", () => {
    const gamma = learningRateRange(2, 10);
    const { rates, gammas, events } = drive(learnedSchedule(fileOf(1)), { initialLoss: 2, classes: 10 });
    expect(new Set(gammas)).toEqual(new Set([gamma]));
    expect(rates.every((rate) => rate > 0 && rate < gamma)).toBe(true);
    expect(events).toEqual([]);
  });

  it("takes the first loss in the place of a missing initial loss, and says so", () => {
    const { gammas, events } = drive(learnedSchedule(fileOf(1)), { classes: 10 });
    expect(gammas[9]).toBe(learningRateRange(2.3, 10));
    expect(events.map(({ step, kind }) => [step, kind])).toEqual([[0, "initial-loss-missing"]]);
  });

  it("switches at the first step of epochs ⌊N/3⌋ and 2⌊N/3⌋ by epoch-thirds", () => {
    const context = { initialLoss: 2.3, classes: 10, epochs: 5, stepsPerEpoch: 2 };
    const { snapshots } = drive(learnedSchedule(fileOf(3), { switchRule: "epoch-thirds" }), context, 1);
    expect(snapshots).toEqual([0, 0, 1, 1, 2, 2, 2, 2, 2, 2]);
  });

  it("switches at parts of the total steps by fractions, counted in steps or in epochs", () => {
    const expected = [0, 0, 0, 1, 1, 1, 2, 2, 2, 2];
    const schedule = learnedSchedule(fileOf(3));
    const context = { initialLoss: 2.3, classes: 10 };
    expect(drive(schedule, { ...context, totalSteps: 10 }, 1).snapshots).toEqual(expected);
    expect(drive(schedule, { ...context, epochs: 5, stepsPerEpoch: 2 }, 1).snapshots).toEqual(expected);
  });

  it("computes γ anew from the training set's loss at a switch, and keeps the memory", () => {
    const file = fileOf(2);
    const context = { initialLoss: 2.3, classes: 10, totalSteps: 10 };
    const { gammas, rates } = drive(learnedSchedule(file), context, 0.7);
    const [before, after] = [learningRateRange(2.3, 10), learningRateRange(0.7, 10)];
    expect(gammas).toEqual([before, before, before, before, before, after, after, after, after, after]);
    // Two snapshots with the same θ differ from one only by γ, if the memory is kept.
    const [theta] = file.snapshots.thetas;
    const same = { ...file, snapshots: { ...file.snapshots, thetas: [theta!, theta!] } };
    const plain = drive(learnedSchedule(fileOf(1)), context).rates;
    expect(drive(learnedSchedule(same), context, 0.7).rates).toEqual(
      plain.map((rate, step) => (step < 5 ? rate : expect.closeTo((rate / before) * after, 15))),
    );
    expect(rates.slice(5)).not.toEqual(plain.slice(5));
  });

  it("keeps the old γ at a switch without the training set's loss, and says so", () => {
    const { gammas, events } = drive(learnedSchedule(fileOf(2)), {
      initialLoss: 2.3,
      classes: 10,
      totalSteps: 10,
    });
    expect(new Set(gammas).size).toBe(1);
    expect(events.map(({ step, kind }) => [step, kind])).toEqual([[5, "gamma-kept"]]);
  });

  it("reports the gamma guard when γ would be zero at a switch: abs trains on at almost 0, floor does not", () => {
    const context = { initialLoss: 2.3, classes: 10, totalSteps: 10 };
    const floor = drive(learnedSchedule(fileOf(2)), context, 0.1);
    expect(floor.gammas[5]).toBeCloseTo(0.05 * 0.6691, 4);
    expect(floor.events.map(({ step, kind }) => [step, kind])).toEqual([[5, "gamma-guard"]]);
    const abs = drive(learnedSchedule(fileOf(2), { gammaGuard: { mode: "abs" } }), context, 0.09);
    expect(abs.gammas[5]).toBe(-learningRateRange(0.09, 10));
    expect(abs.events.map(({ kind }) => kind)).toEqual(["gamma-guard"]);
  });

  it("refuses an initial loss below 0, naming what to do, as zoo:paper does, but not with a γ of its own", async () => {
    const message =
      /loss of the untrained network, and at a switch of snapshots, to be 0 or above, got -2\.7: γ .* Add a constant to the loss, which changes no gradient, fix `gamma`, or use .*zoo:default\.$/;
    const context = { initialLoss: -2.7, classes: 10, totalSteps: 9 };
    for (const file of [fileOf(1), await MlrSnet.load("zoo:paper")]) {
      const by = { switchRule: "fractions" as const };
      expect(() => learnedSchedule(file, by).init(context)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
      );
      const { rates } = drive(learnedSchedule(file, { ...by, gamma: 0.3 }), context);
      expect(rates.every((rate) => rate > 0 && rate < 0.3)).toBe(true);
    }
    // A schedule of the integrating form computes nothing from it.
    const free = learnedSchedule(await MlrSnet.load("zoo:default"));
    const [told, untold] = [context, { totalSteps: 9 }].map((each) => drive(free, each).rates);
    expect(told).toEqual(untold);
  });

  it("takes a given γ instead of the formula, through all switches and without knowing the classes", () => {
    const schedule = learnedSchedule(fileOf(2), { gamma: 0.3 });
    const { gammas, events } = drive(schedule, { totalSteps: 10 });
    expect(new Set(gammas)).toEqual(new Set([0.3]));
    expect(events).toEqual([]);
  });

  it("reads language models by loss / ln C and the perplexity, from the file or by an option", () => {
    const context = { initialLoss: Math.log(200), classes: 200 };
    const byOption = drive(learnedSchedule(fileOf(1), { reading: languageReading }), context);
    expect(byOption).toEqual(drive(learnedSchedule(fileOf(1, languageReading)), context));
    expect(byOption.gammas[0]).toBe(learningRateRange(Math.log(200), 200, "perplexity"));
    const scaled = tenLosses.map((loss) => loss / Math.log(200));
    const { rates } = drive(
      learnedSchedule(fileOf(1), { gamma: byOption.gammas[0]! }),
      {},
      undefined,
      scaled,
    );
    expect(byOption.rates).toEqual(rates);
  });

  it("goes on bit for bit from a state that went through JSON at any step", () => {
    const schedule = learnedSchedule(fileOf(3));
    const context = { classes: 10, totalSteps: 10 };
    const expected = drive(schedule, context).rates;
    for (let stop = 0; stop < 10; stop++) {
      let state = schedule.init(context);
      const rates = tenLosses.map((loss, step) => {
        if (step === stop) state = JSON.parse(JSON.stringify(state)) as MlrSnetState;
        const decision = learnedSchedule(fileOf(3)).next(state, { step, loss });
        state = decision.state;
        return decision.learningRate;
      });
      expect(rates).toEqual(expected);
    }
  });

  it("leaves the state it was given as it was", () => {
    const schedule = learnedSchedule(fileOf(1));
    const state = schedule.init({ classes: 10 });
    const before = structuredClone(state);
    schedule.next(state, { step: 0, loss: 1 });
    expect(state).toEqual(before);
  });

  it("refuses losses that are NaN or infinite, and a state of another cell", () => {
    const schedule = learnedSchedule(fileOf(1));
    const state = schedule.init({ classes: 10 });
    for (const loss of [Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => schedule.next(state, { step: 0, loss })).toThrow(
        expect.objectContaining({ code: "NOT_FINITE" }),
      );
    const other = learnedSchedule(fileOf(2)).init({ classes: 10, totalSteps: 10 });
    for (const wrong of [other, {} as typeof other])
      expect(() => schedule.next(wrong, { step: 0, loss: 1 })).toThrow(
        expect.objectContaining({ code: "STATE_MISMATCH" }),
      );
  });

  it("says what the context lacks", () => {
    const three = learnedSchedule(fileOf(3));
    expect(() => three.init({ totalSteps: 9 })).toThrow(
      /`classes` to be an integer >= 2, got none: this schedule computes its range γ .* fix `gamma`, or use .*zoo:default/,
    );
    expect(() => three.init({ classes: 10 })).toThrow("Expected `totalSteps` in the run's context");
    const thirds = learnedSchedule(fileOf(3), { switchRule: "epoch-thirds" });
    expect(() => thirds.init({ classes: 10, totalSteps: 9 })).toThrow(
      "Expected `epochs` in the run's context",
    );
    expect(() => thirds.init({ classes: 10, epochs: 2, stepsPerEpoch: 5 })).toThrow(
      "Expected a run of at least 3 epochs, one for each snapshot, got 2: train longer, or switch by `fractions` of the run.",
    );
  });
});
