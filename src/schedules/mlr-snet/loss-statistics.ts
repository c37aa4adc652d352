import { checkPositive, needed } from "../checks.ts";
import type { Horizon } from "../extend.ts";
import type { RunContext } from "../schedule.ts";
import type { CellConfig } from "./config.ts";
import { readsHorizon } from "./inputs.ts";
import { anneals, isRelative } from "./output.ts";

/** What the inputs remember of the losses of a run, `history` of a saved state; JSON-safe. Before the first step as `emptyLossStatistics` makes it. */
export type LossStatistics = {
  /** t of the coming step. */
  step: number;
  /** T as the run was declared, or null where nothing reads it. */
  totalSteps: number | null;
  /** Where the end was moved; absent: it was not. */
  extended?: NonNullable<Horizon["extended"]>;
  /** What rates are multiples of: the optimizer's usual rate, or 1; null where that was not told, then 0.1. */
  unit: number | null;
  /** ln L_0; null before the first step. */
  logInitialLoss: number | null;
  /** A_{t-1} */
  average: number;
  /** F_{t-1} */
  fast: number;
  /** S_{t-1} */
  slow: number;
  /** W_{t-1} */
  long: number;
  /** B_{t-1} */
  best: number;
  /** N_{t-1} */
  noise: number;
  /** u_{t-1} */
  logRate: number;
  /** p_{t-1} */
  output: number;
  /** ln ‖g_0‖; absent before the first step, and where nothing reads it. */
  logInitialGradientNorm?: number;
  /** ‖d_{t-1}‖; absent before the first step, and where nothing reads it. */
  directionNorm?: number;
};

/** Whether a run with this cell remembers `LossStatistics` beside the LSTM's memory: the paper's cells do not. */
export function hasLossStatistics({ inputs, output }: CellConfig): boolean {
  return output !== "sigmoid" || inputs.some((name) => !name.startsWith("loss"));
}

/** Whether a run with this cell needs T, the horizon. */
export function needsHorizon({ inputs, output }: CellConfig): boolean {
  return readsHorizon(inputs) || anneals(output);
}

/**
 * The statistics before the first step.
 *
 * @param cell whose inputs and output may need T, and may give rates in units of the usual one; by default neither.
 * @param context read for `totalSteps` and, if it is there, `usualRate` then.
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if T is missing then.
 */
export function emptyLossStatistics(cell?: CellConfig, context: RunContext = {}): LossStatistics {
  const { usualRate } = context;
  const unit = (): number | null => (usualRate === undefined ? null : checkPositive("usualRate", usualRate));
  return {
    step: 0,
    totalSteps: cell && needsHorizon(cell) ? needed(context, "totalSteps") : null,
    unit: cell && isRelative(cell.output) ? unit() : 1,
    logInitialLoss: null,
    average: 1,
    fast: 0,
    slow: 0,
    long: 0,
    best: 0,
    noise: 0,
    logRate: 0,
    output: 0,
  };
}

/**
 * What saved statistics must be for this cell: absent, or whole, with every field of a fresh one. Those of an earlier
 * release may lack some.
 */
export function lossStatisticsCheck(cell: CellConfig): (saved: LossStatistics | undefined) => boolean {
  if (!hasLossStatistics(cell)) return (saved) => saved === undefined;
  const fresh = Object.entries(emptyLossStatistics(cell, { totalSteps: 1 }));
  return (saved) =>
    fresh.every(([name, value]) => {
      const got = saved?.[name as keyof LossStatistics];
      return Number.isFinite(got) || (got === null && value === null);
    });
}
