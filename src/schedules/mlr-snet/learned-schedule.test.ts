import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import golden from "../../../test/golden/official-forward.json" with { type: "json" };
import type { RunContext, Schedule, ScheduleEvent } from "../schedule.ts";
import type { CellConfig } from "./config.ts";
import { learningRateRange } from "./gamma.ts";
import { initialiseParameters } from "./initialise.ts";
import { learnedSchedule } from "./learned-schedule.ts";
import type { MlrSnetState } from "./learned-state.ts";
import { MlrSnet } from "./mlr-snet.ts";
import type { IntegratingOutput } from "./output.ts";
import { languageReading, presets } from "./presets.ts";
import { importPyTorch } from "./pytorch-import.ts";
import { decodeSchedule, encodeSchedule, equalFractions, type ScheduleFile } from "./schedule-file.ts";

const cell: CellConfig = { ...presets["meta-test"], hidden: 4, middle: 3 };
const official = "../shared/data/mlr-snet-official";

function fileOf(count: number, change: Partial<CellConfig> = {}): ScheduleFile {
  const thetas = Array.from({ length: count }, (_, seed) => initialiseParameters(cell, seed));
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(count), thetas };
  return { cell: { ...cell, ...change }, snapshots, provenance: {} };
}

type Run = { rates: number[]; gammas: (number | null)[]; snapshots: number[]; events: ScheduleEvent[] };

/** Ten steps, or as many as there are losses; `trainingSetLoss` wherever it is wanted. */
function drive(
  schedule: Schedule<MlrSnetState>,
  context: RunContext,
  trainingSetLoss?: number,
  losses = tenLosses,
): Run {
  let state = schedule.init(context);
  const run: Run = { rates: [], gammas: [], snapshots: [], events: [] };
  for (const [step, loss] of losses.entries()) {
    const wanted = schedule.wants!(state, step).length > 0;
    const extra = wanted && trainingSetLoss !== undefined ? { trainingSetLoss } : {};
    const decision = schedule.next(state, { step, loss, ...extra });
    state = decision.state;
    run.rates.push(decision.learningRate);
    run.gammas.push(state.gamma);
    run.snapshots.push(state.snapshot);
    run.events.push(...(decision.events ?? []));
  }
  return run;
}
const tenLosses = Array.from({ length: 10 }, (_, step) => 2.3 / (1 + step));

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

  it("reports the guard when γ would be zero at a switch: abs trains on at almost 0, floor does not", () => {
    const context = { initialLoss: 2.3, classes: 10, totalSteps: 10 };
    const floor = drive(learnedSchedule(fileOf(2)), context, 0.1);
    expect(floor.gammas[5]).toBeCloseTo(0.05 * 0.6691, 4);
    expect(floor.events.map(({ step, kind }) => [step, kind])).toEqual([[5, "gamma-guard"]]);
    const abs = drive(learnedSchedule(fileOf(2), { guard: { mode: "abs" } }), context, 0.09);
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

describe("learnedSchedule of the integrating form", () => {
  /** Networks whose readout is a bias alone, so that tanh z is known: 0.5, then -0.5. */
  function integrating(change: Partial<CellConfig> = {}): ScheduleFile {
    const transfer: CellConfig = { ...presets.transfer, ...change };
    const thetas = [0.5, -0.5].map((p, seed) => {
      const theta = initialiseParameters(transfer, seed);
      theta.fill(0, theta.length - 1 - transfer.hidden);
      theta[theta.length - 1] = Math.atanh(p);
      return theta;
    });
    const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
    return { cell: transfer, snapshots, provenance: {} };
  }

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

  describe("which reads losses by their logarithm", () => {
    const { step: δ, start } = presets.transfer.output as IntegratingOutput;
    const context = { totalSteps: 40, usualRate: 0.1 };

    /** Rates by hand: the network's answer 0.5 counts at the steps whose loss can be read, and progress at all. */
    function expectRates(rates: readonly number[], isRead: readonly boolean[]): void {
      expect(rates).toHaveLength(isRead.length);
      let exponent = 0;
      for (const [step, rate] of rates.entries()) {
        if (isRead[step]) exponent += (δ / 8) * (25 / (25 + step));
        const annealed = 0.1 * Math.cbrt(1000 / 40) * start * (1 - step / 40);
        expect(rate, `step ${step}`).toBeCloseTo(annealed * Math.exp(exponent), 12);
      }
    }

    it("refuses a first loss below 0, naming what to do", () => {
      const schedule = learnedSchedule(integrating());
      const message =
        /first loss of the run to be above 0, got -1, .* logarithm\. Give it the loss plus a constant, which changes no gradient, or use one that does not read the loss, such as linear\.$/;
      expect(() => drive(schedule, context, undefined, [-1, -2])).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringMatching(message) }),
      );
      // The remedy that it names is one: losses that fall and losses that do not are told apart, 5 higher.
      const thetas = [initialiseParameters(presets.transfer, 4)];
      const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas };
      const heedful = learnedSchedule({ cell: presets.transfer, snapshots, provenance: {} });
      const falling = tenLosses.map((_, step) => -1 - step / 3);
      const [mended, flat] = [falling, tenLosses.map(() => -1)].map(
        (losses) =>
          drive(
            heedful,
            context,
            undefined,
            losses.map((loss) => loss + 5),
          ).rates,
      );
      expect(mended).not.toEqual(flat);
    });

    it("goes on by progress alone where a later loss is below 0, saying so once, over JSON too", () => {
      const losses = [2, -1, 1, -2, 1.5, -3];
      const { rates, events } = drive(learnedSchedule(integrating()), context, undefined, losses);
      expectRates(rates, [true, false, true, false, true, false]);
      const message = expect.stringMatching(
        /^A loss of -1 .* by progress alone\. Give it the loss plus a constant\.$/,
      );
      expect(events).toEqual([{ step: 1, kind: "loss-unread", message }]);
      const schedule = learnedSchedule(integrating());
      let state = schedule.init(context);
      const resumed = losses.map((loss, step) => {
        const decision = schedule.next(JSON.parse(JSON.stringify(state)) as MlrSnetState, { step, loss });
        state = decision.state;
        return { rate: decision.learningRate, kinds: decision.events?.map(({ kind }) => kind) };
      });
      expect(resumed.map(({ rate }) => rate)).toEqual(rates);
      expect(resumed.flatMap(({ kinds = [] }) => kinds)).toEqual(["loss-unread"]);
    });

    it("reads nothing of a loss below 0 into what it remembers", () => {
      const schedule = learnedSchedule(integrating());
      const first = schedule.next(schedule.init(context), { step: 0, loss: 2 }).state;
      const { history, memory } = schedule.next(first, { step: 1, loss: -1 }).state;
      expect(memory).toEqual(first.memory);
      expect(history).toEqual({ ...first.history, step: 2, output: 0 });
    });

    it("waits a first loss of exactly 0 out, and takes the first one above it as L_0", () => {
      const schedule = learnedSchedule(integrating());
      const { rates, events } = drive(schedule, context, undefined, [0, 0, 3, 1]);
      expectRates(rates, [false, false, true, true]);
      expect(events.map(({ step, kind }) => [step, kind])).toEqual([[0, "loss-unread"]]);
      let state = schedule.init(context);
      for (const [step, loss] of [0, 0, 3].entries()) state = schedule.next(state, { step, loss }).state;
      expect(state.history!.logInitialLoss).toBe(Math.log(3));
    });

    it("reads a later loss of 0 as the smallest there is, without a word", () => {
      const { rates, events } = drive(learnedSchedule(integrating()), context, undefined, [2, 0, 0, 1]);
      expectRates(rates, [true, true, true, true]);
      expect(events).toEqual([]);
    });

    it("keeps the rate of the step before where the form is the sigmoid, γ/2 before the first", () => {
      const schedule = learnedSchedule(integrating({ output: "sigmoid" }), { gamma: 0.8 });
      const { rates, events } = drive(schedule, { totalSteps: 4 }, undefined, [0, 2, -1, 1]);
      expect(rates[0]).toBe(0.4);
      // The second snapshot is in force from step 2 on, and asked from step 3 on.
      const [first, second] = [0.5, -0.5].map((p) => 0.8 / (1 + Math.exp(-Math.atanh(p))));
      for (const [step, rate] of [first, first, second].entries())
        expect(rates[step + 1]).toBeCloseTo(rate!, 14);
      expect(events.map(({ step, kind }) => [step, kind])).toEqual([[0, "loss-unread"]]);
    });

    it("is not bound by it where no input of the cell is a logarithm", () => {
      const schedule = learnedSchedule(integrating({ inputs: ["loss", "progress"] }));
      const { rates, events } = drive(schedule, context, undefined, [-1, -2, 0]);
      expectRates(rates, [true, true, true]);
      expect(events).toEqual([]);
    });
  });

  it("lets a cell of the sigmoid form read the same inputs", () => {
    const file = integrating({ output: "sigmoid" });
    const { rates } = drive(learnedSchedule(file, { gamma: 0.8 }), { totalSteps: 10 });
    expect(rates[0]).toBeCloseTo(0.8 / (1 + Math.exp(-Math.atanh(0.5))), 14);
  });
});
