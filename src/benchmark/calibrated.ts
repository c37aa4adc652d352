import type { PopulationOptimizer } from "../meta/index.ts";
import { cosine, linear, oneCycle, type Schedule, warmup } from "../schedules/index.ts";
import { type OptimizerOptions, usualRate } from "../training/index.ts";

/** What the rates of a calibrated schedule are over the run; the multiple decides how large they are. */
export const calibratedShapes = ["linear", "cosine", "onecycle"] as const;
export type CalibratedShape = (typeof calibratedShapes)[number];

/** Of the run, in front of linear and cosine; one-cycle has a rise of its own. */
export const calibratedWarmup = 0.05;

/**
 * What a base rate is, in units of the usual rate of the optimizer: one number per optimizer and shape, fitted on generated
 * tasks alone by `mlr-snet calibration`, recorded in results/calibration.json. `adam` stands for AdamW too.
 */
export const calibratedMultiples: Readonly<
  Record<CalibratedShape, Readonly<Record<PopulationOptimizer, number>>>
> = {
  linear: { sgd: 8, momentum: 8, adam: 8 },
  cosine: { sgd: 8, momentum: 8, adam: 8 },
  onecycle: { sgd: 8, momentum: 8, adam: 8 },
};

/**
 * The control for learned schedules: a shape made by hand with a base rate that needs no search.
 *
 *     α_t = multiple(optimizer) · usual rate · s_t,   s: linear or cosine after a warm-up of 5 %, or one-cycle
 *
 * @param baseRate default: the fitted one.
 */
export function calibrated(
  shape: CalibratedShape,
  optimizer: OptimizerOptions,
  baseRate: number = calibratedMultiples[shape][kindOf(optimizer)] * usualRate(optimizer),
): Schedule<unknown> {
  return shaped(shape, baseRate);
}

/** The shape, its highest rate being the base rate. */
export function shaped(shape: CalibratedShape, baseRate: number): Schedule<unknown> {
  const inner = { linear, cosine, onecycle: oneCycle }[shape]({ baseRate }) as Schedule<unknown>;
  return (shape === "onecycle" ? inner : warmup(inner, { fraction: calibratedWarmup })) as Schedule<unknown>;
}

function kindOf({ kind, momentum = 0 }: OptimizerOptions): PopulationOptimizer {
  if (kind !== "sgd") return "adam";
  return momentum > 0 ? "momentum" : "sgd";
}
