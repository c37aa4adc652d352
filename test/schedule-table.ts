import { annealToZero } from "../src/schedules/anneal-to-zero.ts";
import { constant } from "../src/schedules/constant.ts";
import { cosine } from "../src/schedules/cosine.ts";
import { divergenceGuard } from "../src/schedules/divergence-guard.ts";
import { exponential } from "../src/schedules/exponential.ts";
import { hypergradientDescent } from "../src/schedules/hypergradient-descent.ts";
import { inverseSquareRoot } from "../src/schedules/inverse-square-root.ts";
import { l4 } from "../src/schedules/l4.ts";
import { linear } from "../src/schedules/linear.ts";
import { multiStep } from "../src/schedules/multi-step.ts";
import { oneCycle } from "../src/schedules/one-cycle.ts";
import { polynomial } from "../src/schedules/polynomial.ts";
import { reduceOnPlateau } from "../src/schedules/reduce-on-plateau.ts";
import { sgdr } from "../src/schedules/sgdr.ts";
import { sgdrBudget } from "../src/schedules/sgdr-budget.ts";
import { warmup } from "../src/schedules/warmup.ts";
import { warmupStableDecay } from "../src/schedules/warmup-stable-decay.ts";
import { learnedRows } from "./learned-table.ts";
import type { Row } from "./schedule-run.ts";

/** Every schedule, as a row of one table. */
export const rows: readonly Row[] = [
  ...learnedRows,
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
    name: "guarded cosine",
    schedule: divergenceGuard(cosine({ baseRate: 0.1 }), { restore: true }),
    byHand: { 0: 0.1, 50: 0.05 },
  },
  {
    name: "guarded hd",
    schedule: divergenceGuard(hypergradientDescent({ baseRate: 0.1, hyperRate: 0.01 })),
    byHand: { 0: 0.1, 1: 0.105, 60: 0, 61: 0.005 },
  },
  {
    name: "anneal-to-zero by a cosine",
    schedule: annealToZero(constant({ baseRate: 1 }), { fraction: 0.5, shape: "cosine" }),
    byHand: { 49: 1, 50: 1, 75: 0.5 },
  },
];
