import { type Batches, type Dataset, exampleCount } from "../../data/index.ts";
import type { MemberCount, MemberGuard } from "./guard.ts";

/** One run of a population: what all members have in common. */
export type PopulationRun = {
  /** Of the initial weights, the order of the batches and the dropout masks. */
  seed: number;
  train: Dataset;
  /** Of the training data; default: shuffled by the seed. */
  batches?: Batches;
  /** T, which the schedules are told. */
  totalSteps: number;
  /** Default 1: what initial weights are multiplied by. */
  initialScale?: number;
  /** μ of SGD with momentum; default: the optimizer's own. */
  momentum?: number;
  /** Largest norm of a member's gradient, for optimizers that clip; default: the optimizer's own. */
  clipNorm?: number;
  /** λ; default: the optimizer's own, or 0. */
  weightDecay?: number;
  /** γ of cells of the sigmoid form. */
  gamma?: number;
  /** What is usual for the optimizer, for cells whose rates are in units of it; default 0.1. */
  usualRate?: number;
  /**
   * u_{-1} of each member in the integrating form, [members]; default 0. With a θ of zeros the rate stays start · exp(u):
   * the schedules made by hand that a learned one is measured against.
   */
  logRates?: readonly number[];
  /**
   * What all rates are multiplied by at step t, ≥ 0, in the place of what the integrating form makes of t and T. With a θ of
   * zeros, any schedule made by hand that depends on the step alone, from as many rates as there are members.
   */
  shape?: (step: number) => number;
};

/** Everything that changes from step to step; JSON-safe once the arrays are lists. */
export type PopulationState = {
  step: number;
  arrays: Record<string, Float32Array>;
  counts: MemberCount[];
  /** Of each member, where they are guarded; the copies are in the arrays `newest.<name>` and `older.<name>` then. */
  guards: MemberGuard[];
  /** Which run it is of; absent in states of earlier releases, and where it is kept elsewhere. */
  run?: string;
};

/** A run by what decides its steps beside the schedules. */
export function textOf({ train, batches: _, logRates: __, ...run }: PopulationRun): string {
  return JSON.stringify(Object.entries({ ...run, examples: exampleCount(train) }).sort());
}
