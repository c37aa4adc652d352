import { describe, expect, it } from "vitest";
import { Random } from "../random.ts";
import { annealToZero } from "./anneal-to-zero.ts";
import { catalogue } from "./catalogue.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { insured } from "./insured.ts";
import { inverseSquareRoot } from "./inverse-square-root.ts";
import { l4 } from "./l4.ts";
import { linear } from "./linear.ts";
import type { CellConfig } from "./mlr-snet/config.ts";
import { initialiseParameters } from "./mlr-snet/initialise.ts";
import { inputNames } from "./mlr-snet/inputs.ts";
import { learnedSchedule } from "./mlr-snet/learned-schedule.ts";
import type { IntegratingOutput } from "./mlr-snet/output.ts";
import { parameterLayout } from "./mlr-snet/parameters.ts";
import { presets } from "./mlr-snet/presets.ts";
import { equalFractions } from "./mlr-snet/schedule-file.ts";
import { multiStep } from "./multi-step.ts";
import { oneCycle } from "./one-cycle.ts";
import { polynomial } from "./polynomial.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import type { Observed, Schedule } from "./schedule.ts";
import { sgdr } from "./sgdr.ts";
import { sgdrBudget } from "./sgdr-budget.ts";
import { warmup } from "./warmup.ts";
import { warmupStableDecay } from "./warmup-stable-decay.ts";

const TOTAL_STEPS = 100;
const CONTEXT = { totalSteps: TOTAL_STEPS, stepsPerEpoch: 5, epochs: 20, initialLoss: 2.3, classes: 10 };

/** One row: the schedule, and rates worked out by hand from its formula, by step, for the run below. */
type Row = { name: string; schedule: Schedule<unknown>; byHand: Record<number, number> };

// The observed run: the loss falls by 0.02 a step from 2, its validation by half of that; every inner product is
// 0.5 but for the one at step 0, and one of -300 at step 60.
function observedAt(step: number): Observed {
  const gradientDotPreviousDirection = step === 0 ? 0 : step === 60 ? -300 : 0.5;
  return {
    step,
    loss: 2 - 0.02 * step,
    validationLoss: 2 - 0.01 * step,
    trainingSetLoss: 2,
    gradientDotDirection: step === 60 ? -300 : 0.5,
    gradientDotPreviousDirection,
    gradientNorm: 1,
    directionNorm: 1,
  };
}

/** An MLR-SNet of three snapshots with random cells and a readout that is a bias alone: p = σ(bias), by hand. */
function threeLevels(...biases: number[]): Schedule<unknown> {
  const cell = { ...presets["meta-test"], hidden: 8, middle: 4 };
  const thetas = biases.map((bias, seed) => {
    const theta = initialiseParameters(cell, seed);
    for (const { name, offset, size } of parameterLayout(cell)) {
      if (name === "layer3.weight") theta.fill(0, offset, offset + size);
      if (name === "layer3.bias") theta[offset] = bias;
    }
    return theta;
  });
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(biases.length), thetas };
  return learnedSchedule({ cell, snapshots, provenance: {} }, { gamma: 0.8 });
}

const learned = threeLevels(0, Math.log(3), -Math.log(3));

/** A schedule of the integrating form with random weights: its rates are not known by hand. */
function integrating(change: Partial<CellConfig>): Schedule<unknown> {
  const cell: CellConfig = { ...presets.transfer, ...change };
  const thetas = [1, 2].map((seed) => initialiseParameters(cell, seed));
  const snapshots = { switchRule: "fractions" as const, fractions: equalFractions(2), thetas };
  return learnedSchedule({ cell, snapshots, provenance: {} });
}

/** Neither settles nor anneals. */
const plain: IntegratingOutput = {
  form: "integrating",
  step: 0.2,
  start: 1e-3,
  floor: 1e-7,
  ceiling: 10,
};

/** The same with a readout that is a bias alone: every step multiplies the rate by exp(δ_t p). */
function steady(p: number, output: IntegratingOutput): Schedule<unknown> {
  const cell = { ...presets["transfer-anytime"], output };
  const theta = initialiseParameters(cell, 1);
  theta.fill(0, theta.length - 1 - cell.hidden);
  theta[theta.length - 1] = Math.atanh(p);
  const snapshots = { switchRule: "fractions" as const, fractions: [0], thetas: [theta] };
  return learnedSchedule({ cell, snapshots, provenance: {} });
}

const rows: Row[] = [
  { name: "constant", schedule: constant({ baseRate: 0.1 }), byHand: { 0: 0.1, 50: 0.1, 99: 0.1 } },
  {
    name: "multistep",
    schedule: multiStep({ baseRate: 0.1 }),
    byHand: { 0: 0.1, 29: 0.1, 30: 0.01, 59: 0.01, 60: 0.001, 99: 0.001 },
  },
  {
    name: "multistep by epochs",
    schedule: multiStep({ baseRate: 1, drops: [{ epochs: 2 }, { steps: 50 }], factor: 0.5 }),
    byHand: { 9: 1, 10: 0.5, 49: 0.5, 50: 0.25 },
  },
  {
    name: "exponential",
    schedule: exponential({ baseRate: 1, factor: 0.01 }),
    byHand: { 0: 1, 50: 0.1, 75: 10 ** -1.5 },
  },
  {
    name: "exponential staircase",
    schedule: exponential({ baseRate: 1, factor: 0.5, per: { epochs: 1 }, staircase: true }),
    byHand: { 4: 1, 5: 0.5, 9: 0.5, 10: 0.25 },
  },
  { name: "polynomial", schedule: polynomial({ baseRate: 1 }), byHand: { 0: 1, 50: 0.25, 99: 0.0001 } },
  { name: "linear", schedule: linear({ baseRate: 0.5 }), byHand: { 0: 0.5, 50: 0.25, 99: 0.005 } },
  {
    name: "cosine",
    schedule: cosine({ baseRate: 0.1, floorFraction: 0.2 }),
    byHand: { 0: 0.1, 50: 0.06, 25: 0.02 + 0.04 * (1 + Math.SQRT1_2) },
  },
  {
    name: "sgdr",
    schedule: sgdr({ baseRate: 1, floorFraction: 0, firstCycle: { epochs: 2 } }),
    byHand: { 0: 1, 5: 0.5, 10: 1, 20: 0.5, 30: 1, 50: 0.5, 70: 1 },
  },
  {
    name: "sgdr with equal cycles",
    schedule: sgdr({ baseRate: 1, floorFraction: 0, firstCycle: { steps: 8 }, multiplier: 1 }),
    byHand: { 0: 1, 4: 0.5, 8: 1, 84: 0.5, 96: 1 },
  },
  {
    // Cycles of 10 and 20, ... steps would end at 30, 70 or 150; three of 100/7 and its doubles come nearest to 100.
    name: "sgdr-budget",
    schedule: sgdrBudget({ baseRate: 1, floorFraction: 0, firstCycle: { steps: 10 } }),
    byHand: { 0: 1, 7: 0.5, 14: 1, 43: 1, 99: (1 + Math.cos((Math.PI * 56) / 57)) / 2 },
  },
  {
    name: "onecycle",
    schedule: oneCycle({ baseRate: 1 }),
    byHand: { 0: 0.04, 15: 0.52, 30: 1, 65: (1 + 1 / 250_000) / 2 },
  },
  {
    name: "wsd",
    schedule: warmupStableDecay({ baseRate: 1, warmup: { steps: 4 } }),
    byHand: { 0: 0.2, 3: 0.8, 4: 1, 80: 1, 90: 0.5, 99: 0.05 },
  },
  {
    name: "invsqrt",
    schedule: inverseSquareRoot({ baseRate: 1 }),
    byHand: { 0: 0.25, 3: 1, 15: 0.5, 63: 0.25 },
  },
  {
    // Means 1.96, 1.86, 1.76 of the epochs before steps 5, 10, 15: two checks without an improvement of 30 %.
    name: "plateau",
    schedule: reduceOnPlateau({ baseRate: 1, patience: 1, threshold: 0.3 }),
    byHand: { 0: 1, 14: 1, 15: 0.1 },
  },
  {
    name: "plateau on the validation loss",
    schedule: reduceOnPlateau({
      baseRate: 1,
      metric: "validationLoss",
      patience: 1,
      threshold: 0.9,
      floorFraction: 0.05,
    }),
    byHand: { 14: 1, 15: 0.1, 24: 0.1, 25: 0.05, 99: 0.05 },
  },
  {
    name: "hd",
    schedule: hypergradientDescent({ baseRate: 0.1, hyperRate: 0.01 }),
    byHand: { 0: 0.1, 1: 0.105, 59: 0.1 + 59 * 0.005, 60: 0, 61: 0.005 },
  },
  {
    name: "hd multiplicative",
    schedule: hypergradientDescent({ baseRate: 1, hyperRate: 0.2, rule: "multiplicative" }),
    byHand: { 0: 1, 1: 1.1, 2: 1.21, 60: 0, 99: 0 },
  },
  {
    // L_min after step 0: 1.5 · 1.001.
    name: "l4",
    schedule: l4({ baseRate: 0.15 }),
    byHand: { 0: (0.15 * (2 - 0.9 * 1.5)) / 0.5, 1: (0.15 * (1.98 - 0.9 * 1.5 * 1.001)) / 0.5, 60: 0 },
  },
  { name: "mlr-snet", schedule: learned, byHand: { 0: 0.4, 32: 0.4, 33: 0.6, 65: 0.6, 66: 0.2, 99: 0.2 } },
  {
    name: "mlr-snet of the integrating form",
    schedule: steady(0.25, plain),
    byHand: { 0: 0.001 * Math.exp(0.05), 1: 0.001 * Math.exp(0.1), 99: 0.001 * Math.exp(5) },
  },
  {
    name: "mlr-snet of the integrating form at its ceiling",
    schedule: steady(0.9, plain),
    byHand: { 0: 0.001 * Math.exp(0.18), 60: 10, 99: 10 },
  },
  {
    // δ_t p = 0.05 / (1 + t/2) = 0.1 / (2 + t): 1/2 + 1/3 + ... of it add up.
    name: "mlr-snet of the integrating form, settling",
    schedule: steady(0.25, { ...plain, settle: 2 }),
    byHand: {
      0: 0.001 * Math.exp(0.1 / 2),
      1: 0.001 * Math.exp(0.1 / 2 + 0.1 / 3),
      2: 0.001 * Math.exp(0.1 / 2 + 0.1 / 3 + 0.1 / 4),
      6: 0.001 * Math.exp(0.1 * (1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 + 1 / 6 + 1 / 7 + 1 / 8)),
    },
  },
  {
    name: "mlr-snet of the integrating form, annealing",
    schedule: steady(0.25, { ...plain, anneal: 2 }),
    byHand: {
      0: 0.001 * Math.exp(0.05),
      50: 0.25 * 0.001 * Math.exp(51 * 0.05),
      99: 0.0001 * 0.001 * Math.exp(5),
    },
  },
  { name: "mlr-snet with the transfer inputs", schedule: integrating({}), byHand: {} },
  {
    name: "mlr-snet with every scale-free input",
    schedule: integrating({ inputs: inputNames.filter((name) => !name.startsWith("loss")), middle: 5 }),
    byHand: {},
  },
  {
    // The inner run has 90 steps: its switches, at 30 and 60, are at 40 and 70 of the run.
    name: "warm-up and anneal-to-zero around mlr-snet",
    schedule: annealToZero(warmup(learned, { steps: 10, startFraction: 0 }), { fraction: 0.2 }),
    byHand: { 0: 0, 5: 0.2, 10: 0.4, 39: 0.4, 40: 0.6, 69: 0.6, 70: 0.2, 80: 0.2, 90: 0.1, 99: 0.01 },
  },
  {
    name: "warm-up before a line",
    schedule: warmup(linear({ baseRate: 1 }), { steps: 20, startFraction: 0 }),
    byHand: { 0: 0, 10: 0.5, 20: 1, 60: 0.5, 99: 1 / 80 },
  },
  {
    name: "warm-up before hd",
    schedule: warmup(hypergradientDescent({ baseRate: 1, hyperRate: 0.1 }), { fraction: 0.04 }),
    byHand: { 0: 0.2, 3: 0.8 * 1.05, 4: 1.05, 5: 1.1 },
  },
  {
    name: "anneal-to-zero behind hd",
    schedule: annealToZero(hypergradientDescent({ baseRate: 1, hyperRate: 0.1 }), {
      steps: 90,
      shape: "sqrt",
    }),
    byHand: { 0: 1, 10: 1.5, 20: 2 * (1 - Math.sqrt(10 / 90)) },
  },
  {
    // The losses of this run are healthy.
    name: "insured cosine",
    schedule: insured(cosine({ baseRate: 0.1 }), { restore: true }),
    byHand: { 0: 0.1, 50: 0.05 },
  },
  {
    name: "insured hd",
    schedule: insured(hypergradientDescent({ baseRate: 0.1, hyperRate: 0.01 })),
    byHand: { 0: 0.1, 1: 0.105, 60: 0, 61: 0.005 },
  },
  {
    name: "anneal-to-zero by a cosine",
    schedule: annealToZero(constant({ baseRate: 1 }), { fraction: 0.5, shape: "cosine" }),
    byHand: { 49: 1, 50: 1, 75: 0.5 },
  },
];

/** The run from `state` at step `from` to `to`: its rates, its state before each step as JSON text, and the last. */
function run(
  schedule: Schedule<unknown>,
  state: unknown,
  from = 0,
  to = TOTAL_STEPS,
): { rates: number[]; saved: string[]; last: unknown } {
  const rates: number[] = [];
  const saved: string[] = [];
  let current = state;
  for (let step = from; step < to; step++) {
    saved.push(JSON.stringify(current));
    const decision = schedule.next(current, observedAt(step));
    rates.push(decision.learningRate);
    current = decision.state;
  }
  return { rates, saved, last: current };
}

/** Freezes a JSON-safe value all the way down, so that a schedule which changes its state in place throws. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value === "object" && value !== null) Object.values(Object.freeze(value)).forEach(deepFreeze);
  return value;
}

describe.each(rows)("the schedule $name", ({ schedule, byHand }) => {
  const { rates, saved } = run(schedule, schedule.init(CONTEXT));

  it("gives the rates worked out by hand.", () => {
    for (const [step, rate] of Object.entries(byHand))
      expect(rates[Number(step)], step).toBeCloseTo(rate, 12);
  });

  it("gives a finite rate >= 0 at every step, the last one, T-1, included.", () => {
    expect(rates).toHaveLength(TOTAL_STEPS);
    expect(rates.filter((rate) => !(Number.isFinite(rate) && rate >= 0))).toEqual([]);
  });

  it("gives the same bits when it is run again.", () => {
    expect(run(schedule, schedule.init(CONTEXT)).rates).toEqual(rates);
  });

  it("goes on with the same bits from a state saved as JSON at any step.", () => {
    for (const [step, text] of saved.entries()) {
      const resumed = run(schedule, deepFreeze(JSON.parse(text)), step);
      expect(resumed.rates).toEqual(rates.slice(step));
      expect(resumed.saved).toEqual(saved.slice(step));
    }
  });

  it("has a state that JSON keeps whole.", () => {
    let state = schedule.init(CONTEXT);
    for (let step = 0; step < TOTAL_STEPS; step++) {
      expect(JSON.parse(JSON.stringify(state))).toStrictEqual(state);
      state = schedule.next(state, observedAt(step)).state;
    }
  });

  it("says what it must be told: without any of it `init` fails, with all of it it does not.", () => {
    const { needs = [] } = schedule;
    const told = Object.fromEntries(needs.map((name) => [name, CONTEXT[name as keyof typeof CONTEXT]]));
    expect(() => schedule.init(told)).not.toThrow();
    for (const name of needs)
      expect(() => schedule.init({ ...told, [name]: undefined })).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(name) }),
      );
  });

  it("asks for everything that it reads, and is content with that.", () => {
    let state = schedule.init(CONTEXT);
    for (const [step, rate] of rates.entries()) {
      const all = observedAt(step);
      const wanted = schedule.wants?.(state, step) ?? [];
      const given: Observed = { step, loss: all.loss };
      for (const name of wanted) Object.assign(given, { [name]: all[name] });
      const decision = schedule.next(state, given);
      expect(decision.learningRate).toBe(rate);
      for (const name of wanted) {
        const { [name]: _, ...without } = given;
        const act = (): unknown => schedule.next(state, without as Observed);
        expect(act).toThrow(expect.objectContaining({ code: "MISSING_OBSERVATION" }));
      }
      state = decision.state;
    }
  });
});

/** Where the end of the run of 100 steps is moved, and to where: later, much later, sooner. */
const moves: [step: number, totalSteps: number][] = [
  [0, 200],
  [1, 40],
  [15, 60],
  [50, 200],
  [50, 51],
  [85, 90],
  [99, 1000],
];

describe.each(rows)("the schedule $name, its end moved,", ({ schedule }) => {
  const start = schedule.init(CONTEXT);
  const { rates } = run(schedule, start, 0, TOTAL_STEPS + 1);
  const extend = schedule.extend ?? ((state: unknown) => state);

  it("goes on without a jump, whenever it is and wherever to.", () => {
    for (const [step, totalSteps] of moves) {
      const state = extend(run(schedule, start, 0, step).last, step, totalSteps);
      const { learningRate } = schedule.next(state, observedAt(step));
      expect(Math.abs(learningRate - rates[step]!), `${step} to ${totalSteps}`).toBeLessThan(1e-12);
    }
  });

  it("is at zero at the new end, and not before, where it would have been at the old one.", () => {
    if (rates[TOTAL_STEPS]! > 1e-12 || !schedule.needs?.includes("totalSteps")) return;
    for (const [step, totalSteps] of moves) {
      const before = run(schedule, start, 0, step).last;
      const after = run(schedule, extend(before, step, totalSteps), step, totalSteps + 1).rates;
      expect(after.at(-1), `${step} to ${totalSteps}`).toBeLessThan(1e-12);
      const zeros = rates.slice(step, TOTAL_STEPS).filter((rate) => rate === 0).length;
      if (zeros === 0) expect(after.slice(0, -1)).not.toContain(0);
    }
  });

  it("goes on with the same bits from a state saved as JSON, after two moves too.", () => {
    const first = extend(run(schedule, start, 0, 30).last, 30, 300);
    const second = extend(run(schedule, deepFreeze(first), 30, 60).last, 60, 150);
    const { rates: expected, saved } = run(schedule, deepFreeze(second), 60, 160);
    expect(expected.filter((rate) => !(Number.isFinite(rate) && rate >= 0))).toEqual([]);
    for (const at of [60, 61, 100, 149, 155]) {
      const state = JSON.parse(saved[at - 60]!);
      expect(run(schedule, state, at, 160).rates).toEqual(expected.slice(at - 60));
    }
  });

  it("is the same schedule where the end is moved to where it is.", () => {
    const state = run(schedule, start, 0, 50).last;
    expect(run(schedule, extend(state, 50, TOTAL_STEPS), 50).rates).toEqual(rates.slice(50, TOTAL_STEPS));
  });

  it("comes to the same rates by two moves as by one, where they depend on the step alone.", () => {
    if (schedule.wants?.(start, 5)?.length || /^(mlr|plateau|.*mlr|insured\(hd)/.test(schedule.kind!)) return;
    if (/steps|epochs/.test(schedule.identity!)) return; // a length that stays may have to give way in between
    const state = run(schedule, start, 0, 50).last;
    const once = run(schedule, extend(state, 50, 150), 50, 150).rates;
    const twice = run(schedule, extend(extend(state, 50, 400), 50, 150), 50, 150).rates;
    for (const [index, rate] of twice.entries()) expect(rate).toBeCloseTo(once[index]!, 12);
  });
});

describe("the catalogue", () => {
  it("has every hand-made name of the command line once, and each runs on totalSteps alone.", () => {
    const promised =
      "constant multistep exponential polynomial linear cosine sgdr sgdr-budget onecycle wsd invsqrt plateau hd l4";
    const names = catalogue.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(promised.split(" ")));
    expect(new Set(names).size).toBe(names.length);
    for (const { create, baseRateDefault } of catalogue) {
      const schedule = create(baseRateDefault);
      const { rates } = run(schedule, schedule.init({ totalSteps: TOTAL_STEPS }));
      expect(rates.every((rate) => Number.isFinite(rate) && rate >= 0)).toBe(true);
    }
  });

  it("says truly which fields of the context a schedule needs and what it observes.", () => {
    for (const { name, create, needs, observes } of catalogue) {
      const schedule = create(0.1);
      const start = (): unknown => schedule.init({});
      if (needs.length === 0) expect(start, name).not.toThrow();
      else expect(start, name).toThrow(/Expected `totalSteps` in the run's context/);
      const wanted = schedule.wants?.(schedule.init(CONTEXT), 5) ?? [];
      expect(wanted, name).toEqual(observes);
    }
  });

  it("gives each schedule its name as the kind that its saved states carry.", () => {
    for (const { name, create } of catalogue) expect(create(0.1).kind).toBe(name);
  });

  it("passes further options on.", () => {
    const schedule = catalogue.find(({ name }) => name === "cosine")!.create(1, { floorFraction: 0.5 });
    expect(schedule.next(schedule.init(CONTEXT), observedAt(50)).learningRate).toBe(0.75);
  });
});

describe("sgdrBudget", () => {
  it("ends its last cycle exactly at the budget, whatever the budget.", () => {
    const random = new Random(7, "budgets");
    for (let trial = 0; trial < 200; trial++) {
      const totalSteps = 1 + random.integer(5000);
      const firstCycle = { steps: 1 + random.integer(300) };
      const schedule = sgdrBudget({
        baseRate: 1,
        floorFraction: 0,
        firstCycle,
        multiplier: 1 + random.integer(3),
      });
      const state = schedule.init({ totalSteps });
      expect(schedule.next(state, { step: totalSteps, loss: 1 }).learningRate).toBeCloseTo(0, 12);
      const last = state.starts.at(-1)!;
      expect(last).toBeLessThan(totalSteps);
      expect(schedule.next(state, { step: last, loss: 1 }).learningRate).toBe(1);
    }
  });
});
