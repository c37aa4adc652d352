import type { PopulationOptimizer } from "../meta/index.ts";
import { cosine, linear, oneCycle, type Schedule, warmup } from "../schedules/index.ts";
import { type OptimizerOptions, usualRate } from "../training/index.ts";

/** How the rate of a calibrated schedule goes over the run; its multiple says how large it is. */
export const calibratedShapes = ["linear", "cosine", "onecycle"] as const;
export type CalibratedShape = (typeof calibratedShapes)[number];

/** Part of the run in front of linear and cosine; one-cycle has a rise of its own. */
export const calibratedWarmup = 0.05;

/**
 * The highest rate of the run, in units of the usual rate: one number per optimizer and shape, fitted on generated tasks
 * alone by `mlr-snet calibration` and recorded in results/calibration.json. `adam` is AdamW, and stands for Adam too.
 */
export const calibratedMultiples: Readonly<
  Record<CalibratedShape, Readonly<Record<PopulationOptimizer, number>>>
> = {
  linear: { sgd: 8, momentum: 8, adam: 32 },
  cosine: { sgd: 8, momentum: 8, adam: 32 },
  onecycle: { sgd: 5.7, momentum: 11, adam: 45 },
};

/** On the command line. */
export const calibratedNames: readonly string[] = calibratedShapes.map((shape) => `calibrated:${shape}`);

/** That of `calibrated:SHAPE`; undefined for any other name. */
export function calibratedShapeOf(reference: string): CalibratedShape | undefined {
  return calibratedShapes.find((shape) => reference === `calibrated:${shape}`);
}

/**
 * The control for learned schedules: made by hand, with a base rate that needs no search.
 *
 *     α_t = α_0 · s_t,   α_0 = multiple(shape, optimizer) · usual rate,   s: linear or cosine after a warm-up of 5 %, or one-cycle
 *
 * @returns `baseRate`: α_0; `create`: the schedule from any α_0.
 */
export function calibrated(
  shape: CalibratedShape,
  optimizer: OptimizerOptions,
): { baseRate: number; create(baseRate: number): Schedule<unknown> } {
  const { kind, momentum = 0 } = optimizer;
  const of = kind !== "sgd" ? "adam" : momentum > 0 ? "momentum" : "sgd";
  return {
    baseRate: calibratedMultiples[shape][of] * usualRate(optimizer),
    create: (baseRate) => shaped(shape, baseRate),
  };
}

/** The shape with its highest rate. */
export function shaped(shape: CalibratedShape, baseRate: number): Schedule<unknown> {
  if (shape === "onecycle") return oneCycle({ baseRate }) as Schedule<unknown>;
  const inner = { linear, cosine }[shape]({ baseRate }) as Schedule<unknown>;
  return warmup(inner, { fraction: calibratedWarmup }) as Schedule<unknown>;
}
