import { describe, expect, it } from "vitest";
import golden from "../../test/golden/schedules.json" with { type: "json" };
import { cosine } from "./cosine.ts";
import { exponential } from "./exponential.ts";
import { linear } from "./linear.ts";
import { multiStep } from "./multi-step.ts";
import { oneCycle } from "./one-cycle.ts";
import { polynomial } from "./polynomial.ts";
import { reduceOnPlateau } from "./reduce-on-plateau.ts";
import { ScheduleRunner } from "./runner.ts";
import type { RunContext, Schedule } from "./schedule.ts";
import { sgdr } from "./sgdr.ts";

type Case = { name: string; schedule: Schedule<unknown>; context: RunContext; rates: number[] };

const cases: Case[] = [
  {
    name: "MultiStepLR",
    schedule: multiStep({ baseRate: 0.1, drops: [{ epochs: 30 }, { epochs: 60 }] }),
    context: { stepsPerEpoch: 1 },
    rates: golden.multistep,
  },
  {
    name: "ExponentialLR",
    schedule: exponential({ baseRate: 0.1, factor: 0.95, per: { steps: 1 } }),
    context: {},
    rates: golden.exponential,
  },
  {
    name: "PolynomialLR",
    schedule: polynomial({ baseRate: 0.3 }),
    context: { totalSteps: 40 },
    rates: golden.polynomial,
  },
  {
    name: "LinearLR",
    schedule: linear({ baseRate: 0.3 }),
    context: { totalSteps: 40 },
    rates: golden.linear,
  },
  {
    name: "CosineAnnealingLR",
    schedule: cosine({ baseRate: 0.1, floorFraction: 0.01 }),
    context: { totalSteps: 50 },
    rates: golden.cosine,
  },
  {
    name: "CosineAnnealingWarmRestarts",
    schedule: sgdr({ baseRate: 0.1 }),
    context: { stepsPerEpoch: 1 },
    rates: golden.sgdr,
  },
  {
    name: "OneCycleLR, whose end is at T-1, told of one step more",
    schedule: oneCycle({ baseRate: 0.5 }),
    context: { totalSteps: 100 },
    rates: golden.onecycle,
  },
];

describe("the schedules that PyTorch has too", () => {
  it.each(cases)("agree at every step with $name.", ({ schedule, context, rates }) => {
    const runner = new ScheduleRunner(schedule, context);
    for (const [step, rate] of rates.entries()) {
      const { learningRate } = runner.next({ loss: 1 });
      expect(Math.abs(learningRate - rate), `step ${step}`).toBeLessThan(1e-12);
    }
  });

  it("agree at every step with ReduceLROnPlateau, cool-down and lowest rate included.", () => {
    const { metrics, rates } = golden.plateau;
    const schedule = reduceOnPlateau({
      baseRate: 0.8,
      metric: "validationLoss",
      every: { steps: 1 },
      factor: 0.5,
      patience: 2,
      threshold: 0.01,
      cooldown: 1,
      floorFraction: 0.05,
    });
    const runner = new ScheduleRunner(schedule);
    expect(new Set(rates).size).toBe(6);
    for (const [step, rate] of rates.entries()) {
      // PyTorch is told the metric after the epoch, which is before the next one's first step.
      const metric = step === 0 ? {} : { validationLoss: metrics[step - 1]! };
      expect(runner.next({ loss: 1, ...metric }).learningRate, `step ${step}`).toBeCloseTo(rate, 12);
    }
  });
});
