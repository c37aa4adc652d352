import { describe, expect, it } from "vitest";
import { annealToZero } from "./anneal-to-zero.ts";
import { constant } from "./constant.ts";
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { hypergradientDescent } from "./hypergradient-descent.ts";
import { l4 } from "./l4.ts";
import { linear } from "./linear.ts";
import { multiStep } from "./multi-step.ts";
import { oneCycle } from "./one-cycle.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import { ScheduleRunner } from "./runner.ts";
import type { Schedule } from "./schedule.ts";
import { sgdr } from "./sgdr.ts";
import { warmup } from "./warmup.ts";
import { warmupStableDecay } from "./warmup-stable-decay.ts";

const base = constant({ baseRate: 1 });

const wrong: [expected: string, create: () => unknown][] = [
  ["Expected `baseRate` to be a number > 0, got -1.", () => cosine({ baseRate: -1 })],
  ["Expected `baseRate` to be a number > 0, got NaN.", () => linear({ baseRate: Number.NaN })],
  ["Expected `baseRate` to be a number > 0, got 0.", () => warmupStableDecay({ baseRate: 0 })],
  ['Expected `baseRate` to be a number > 0, got "1".', () => l4({ baseRate: "1" as unknown as number })],
  ["Expected `factor` to be a number > 0 and < 1, got 1.", () => reduceOnPlateau({ baseRate: 1, factor: 1 })],
  [
    "Expected `patience` to be an integer >= 0, got 0.5.",
    () => reduceOnPlateau({ baseRate: 1, patience: 0.5 }),
  ],
  ["Expected `multiplier` to be a number >= 1, got 0.", () => sgdr({ baseRate: 1, multiplier: 0 })],
  [
    "Expected `riseFraction` to be a number from 0 to 1, got 2.",
    () => oneCycle({ baseRate: 1, riseFraction: 2 }),
  ],
  [
    "Expected `drops[1].fraction` to be a number from 0 to 1, got 60.",
    () => multiStep({ baseRate: 1, drops: [{ fraction: 0 }, { fraction: 60 }] }),
  ],
  [
    "Expected `per` to have one of steps, epochs, fraction, got none.",
    () => exponential({ baseRate: 1, per: {} as never }),
  ],
  [
    "Expected `warmup` to have one of steps, epochs, fraction, got steps and fraction.",
    () => warmup(base, { steps: 1, fraction: 0.1 }),
  ],
  [
    'Expected `shape` to be one of linear, cosine, sqrt, got "round".',
    () => annealToZero(base, { steps: 1, shape: "round" as never }),
  ],
];

describe("the options of a schedule", () => {
  it.each(wrong)("are checked when it is made: %s", (message, create) => {
    expect(create).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });
});

const lacking: [field: string, schedule: Schedule<unknown>, context: object][] = [
  ["totalSteps", cosine({ baseRate: 1 }), { stepsPerEpoch: 3 }],
  ["totalSteps", sgdr({ baseRate: 1 }), {}],
  ["totalSteps", annealToZero(base, { steps: 3 }), {}],
  ["totalSteps", linear({ baseRate: 1 }), { totalSteps: 1.5 }],
  ["totalSteps", warmup(linear({ baseRate: 1 }), { steps: 10 }), { totalSteps: 10 }],
  ["totalSteps", annealToZero(base, { steps: 11 }), { totalSteps: 10 }],
  ["stepsPerEpoch", multiStep({ baseRate: 1, drops: [{ epochs: 30 }] }), { totalSteps: 100 }],
];

describe("the run's context", () => {
  it.each(lacking)(
    "is refused, naming `%s`, where a schedule needs it and it is absent or no count.",
    (field, schedule, context) => {
      const message = expect.stringContaining(`Expected \`${field}\``);
      expect(() => schedule.init(context)).toThrow(
        expect.objectContaining({ code: "INVALID_ARGUMENT", message }),
      );
    },
  );
});

describe("losses below 0", () => {
  const losing = (metrics: number[], threshold = 1e-4) => {
    const schedule = reduceOnPlateau({
      baseRate: 1,
      every: { steps: 1 },
      patience: 2,
      metric: "validationLoss",
      threshold,
    });
    let state = schedule.init({});
    return metrics.map((validationLoss, step) => {
      const decision = schedule.next(state, { step, loss: 1, validationLoss });
      state = decision.state;
      return decision.learningRate;
    });
  };

  it("are a plateau like others where they do not fall.", () => {
    const schedule = reduceOnPlateau({ baseRate: 1, every: { steps: 1 }, patience: 2 });
    for (const level of [-1, 0, 1]) {
      const runner = new ScheduleRunner(schedule);
      const rates = Array.from({ length: 6 }, () => runner.next({ loss: level }).learningRate);
      expect(rates).toEqual([1, 1, 1, 1, 0.1, 0.1]);
    }
  });

  it("improve where they fall by more than the threshold's part of their absolute value.", () => {
    // The first check is at step 1; -0.95, and -1.05 too, is none on -1 with a threshold of a tenth, -1.2 is one.
    expect(losing([9, -1, -0.95, -1.05, -0.95, -1], 0.1)).toEqual([1, 1, 1, 1, 0.1, 0.1]);
    expect(losing([9, -1, -0.95, -1.2, -0.95, -1], 0.1)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(losing([9, 0.5, 0, -1e-9, -1e-9, -1e-9])).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it("have a target of L4 below them by the same part as losses above 0.", () => {
    const schedule = l4({ baseRate: 0.1 });
    const [above, below] = [2, -2].map((loss) =>
      schedule.next(schedule.init({}), { step: 0, loss, gradientDotDirection: 1 }),
    );
    expect(above!.learningRate).toBeCloseTo(0.1 * (2 - 0.9 * 1.5), 12);
    expect(below!.learningRate).toBeCloseTo(0.1 * (-2 + 1.1 * 2.5), 12); // L_min = -2.5, aimed at: -2.75
    expect(below!.state.lowestLoss).toBeCloseTo(-2.5 / 1.001, 12);
    expect(below!.events).toBeUndefined();
  });
});

describe("a diverged run", () => {
  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "is NOT_FINITE to schedules that read the loss %s.",
    (loss) => {
      for (const schedule of [
        l4({ baseRate: 0.15 }),
        reduceOnPlateau({ baseRate: 1, every: { steps: 2 } }),
      ]) {
        const act = (): unknown =>
          (schedule as Schedule<unknown>).next(schedule.init({}), { step: 0, loss, gradientDotDirection: 1 });
        expect(act).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
      }
    },
  );

  it("is NOT_FINITE to hypergradient descent when the inner product is, and nothing to a cosine.", () => {
    const hd = hypergradientDescent({ baseRate: 1 });
    const observed = { step: 0, loss: Number.NaN, gradientDotPreviousDirection: Number.NaN };
    expect(() => hd.next(hd.init({}), observed)).toThrow(expect.objectContaining({ code: "NOT_FINITE" }));
    const wave = cosine({ baseRate: 1 });
    expect(wave.next(wave.init({ totalSteps: 5 }), observed).learningRate).toBe(1);
  });
});

describe("events", () => {
  it("report a rate of HD that was clamped at 0.", () => {
    const hd = hypergradientDescent({ baseRate: 1, hyperRate: 1 });
    const decision = hd.next(hd.init({}), { step: 3, loss: 1, gradientDotPreviousDirection: -4 });
    const message = "The hypergradient step gave the rate -3: clamped at 0.";
    expect(decision.learningRate).toBe(0);
    expect(decision.events).toEqual([{ step: 3, kind: "rate-clamped", message }]);
  });

  it("report a rate of L4 that was clamped, also where its division has no finite value.", () => {
    const schedule = l4({ baseRate: 0.15, epsilon: 1 });
    for (const gradientDotDirection of [-5, -1]) {
      const decision = schedule.next(schedule.init({}), { step: 0, loss: 1, gradientDotDirection });
      expect(decision.learningRate).toBe(0);
      expect(decision.events?.map((event) => event.kind)).toEqual(["rate-clamped"]);
    }
  });

  it("report a reduction on a plateau, with what was reached.", () => {
    const schedule = reduceOnPlateau({ baseRate: 1, every: { steps: 1 }, patience: 0 });
    let state = schedule.init({});
    state = schedule.next(state, { step: 0, loss: 2 }).state;
    state = schedule.next(state, { step: 1, loss: 2 }).state;
    expect(schedule.next(state, { step: 2, loss: 2 }).events).toEqual([
      {
        step: 2,
        kind: "rate-reduced",
        message: "loss has not improved on 2 for 1 checks: rate 1 -> 0.1.",
      },
    ]);
  });

  it("report nothing where the rate is at its lowest already, of a plateau or of HD.", () => {
    const schedule = reduceOnPlateau({ baseRate: 1, every: { steps: 1 }, patience: 0, floorFraction: 0.1 });
    const runner = new ScheduleRunner(schedule);
    const events = Array.from({ length: 9 }, () => runner.next({ loss: 1 }).events?.length ?? 0);
    expect(events).toEqual([0, 0, 1, 0, 0, 0, 0, 0, 0]);
    const hd = new ScheduleRunner(hypergradientDescent({ baseRate: 1, hyperRate: 1 }));
    const clamped = [0, -4, -4, 2, -4].map(
      (gradientDotPreviousDirection) =>
        hd.next({ loss: 1, gradientDotPreviousDirection }).events?.length ?? 0,
    );
    expect(clamped).toEqual([0, 1, 0, 0, 1]);
  });

  it("say once that a run is longer than it was declared.", () => {
    const schedule = linear({ baseRate: 1 });
    const state = schedule.init({ totalSteps: 3 });
    const kinds = [2, 3, 4].map((step) => schedule.next(state, { step, loss: 1 }).events?.[0]?.kind);
    expect(kinds).toEqual([undefined, "past-the-end", undefined]);
  });

  it("of an inner schedule pass through, counted in the run's steps, and so do its actions.", () => {
    const inner: Schedule<number> = {
      init: () => 0,
      next: (state, { step }) => ({
        learningRate: 1,
        state: state + 1,
        action: "rollback",
        events: [{ step, kind: "note", message: `seen ${state}` }],
      }),
    };
    const schedule = annealToZero(warmup(inner, { steps: 2 }), { steps: 2 });
    let state = schedule.init({ totalSteps: 4 });
    const seen = [0, 1, 2, 3].map((step) => {
      const decision = schedule.next(state, { step, loss: 1 });
      state = decision.state;
      return {
        action: decision.action,
        events: decision.events?.map((event) => [event.step, event.message]),
      };
    });
    expect(seen).toEqual([
      { action: undefined, events: undefined },
      { action: undefined, events: undefined },
      { action: "rollback", events: [[2, "seen 0"]] },
      { action: "rollback", events: [[3, "seen 1"]] },
    ]);
  });
});
