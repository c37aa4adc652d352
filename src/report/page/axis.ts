import { logTicks } from "./log-ticks.ts";
import type { Series } from "./series.ts";

/** How a quantity that is shown on a log scale where it can be is shown in fact, in a word for the caption. */
export type Axis = { scale: "linear" | "log" | "symlog"; words: string };

/** A log or symmetric log axis shows three decades at most: what goes to zero would else take all the room. */
export const reach = 1e3;

/** Of losses, which may have any sign: a likelihood, or cross-entropy less than its entropy. */
export function lossAxis(series: readonly Series[]): Axis {
  const least = leastOf(series);
  if (least < 0) return { scale: "linear", words: "linear scale, since there are losses below 0" };
  if (least === 0) return { scale: "symlog", words: "symmetric log scale, since there are losses of 0" };
  return { scale: "log", words: "log scale" };
}

/** Of learning rates, ≥ 0: a schedule to zero leaves the axis at its bottom. */
export function rateAxis(series: readonly Series[]): Axis {
  const isPositive = series.some(({ points }) => points.some(({ mean }) => mean > 0));
  if (isPositive || series.every(({ points }) => points.length === 0))
    return { scale: "log", words: leastOf(series) > 0 ? "log scale" : "log scale, rates of 0 left out" };
  return { scale: "linear", words: "linear scale, since all rates are 0" };
}

/**
 * Above this, losses are cut off, so that a run that explodes leaves room for the others: three times the first loss, or
 * where losses are not all above 0, as far above the first as the least is below it. None without losses.
 */
export function lossCeiling(series: readonly Series[]): number | undefined {
  const firsts = series.flatMap(({ points }) => points[0]?.mean ?? []);
  if (firsts.length === 0) return undefined;
  const [first, least] = [Math.max(...firsts), leastOf(series)];
  return least > 0 ? 3 * first : first + (first - least || 1);
}

/** Ticks of a symmetric log axis from 0 on: 0, and those of a log axis above the part that is linear. */
export function symlogTicks(greatest: number): number[] {
  return [0, ...logTicks(greatest / reach, greatest)];
}

function leastOf(series: readonly Series[]): number {
  return Math.min(...series.flatMap(({ points }) => points.map(({ low }) => low)));
}
