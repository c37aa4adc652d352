import type { Reading, ReportComparison, ReportRun, SummaryRow } from "../report-data.ts";
import type { LineStyle } from "./styles.ts";

/** Mean, least and greatest value over the seeds at one step. */
export type SeriesPoint = { step: number; mean: number; low: number; high: number };

/** One line of a chart with its band. */
export type Series = {
  key: string;
  label: string;
  style: LineStyle;
  points: readonly SeriesPoint[];
  /** A run diverged: the line ends where the first of them did. */
  diverged: boolean;
};

export type Quantity = "testAccuracy" | "testLoss" | "loss" | "learningRate";

/**
 * One series for each schedule of a comparison. Losses are smoothed first, each run for itself, by `smoothing` (points).
 */
export function seriesOf(
  { runs, summary }: Pick<ReportComparison, "runs" | "summary">,
  quantity: Quantity,
  styles: ReadonlyMap<string, LineStyle>,
  smoothing = 0,
): Series[] {
  return summary.map(({ schedule, label, diverged }: SummaryRow) => {
    const curves = runs
      .filter((run) => run.schedule === schedule)
      .map((run) => smooth(curveOf(run, quantity), smoothing));
    return {
      key: schedule,
      label,
      style: styles.get(schedule)!,
      points: spread(curves),
      diverged: diverged > 0,
    };
  });
}

type Sample = { step: number; value: number };

function curveOf({ curve }: ReportRun, quantity: Quantity): Sample[] {
  return curve.flatMap((point) => {
    const value: Reading | undefined = point[quantity];
    return Number.isFinite(value) ? [{ step: point.step, value: value as number }] : [];
  });
}

/**
 * The mean over `half` points to each side. It is narrower at the start, so that a steep first fall stays where it is,
 * and one-sided at the end.
 */
export function smooth(samples: readonly Sample[], half: number): Sample[] {
  const sums = [0];
  for (const { value } of samples) sums.push(sums.at(-1)! + value);
  return samples.map(({ step }, index) => {
    const reach = Math.min(half, index);
    const [from, to] = [index - reach, Math.min(index + reach + 1, samples.length)];
    return { step, value: (sums[to]! - sums[from]!) / (to - from) };
  });
}

/** Over the steps that all curves have: a mean over the survivors alone would flatter. */
export function spread(curves: readonly (readonly Sample[])[]): SeriesPoint[] {
  const [first, ...others] = curves;
  if (!first) return [];
  const lookups = others.map((curve) => new Map(curve.map(({ step, value }) => [step, value])));
  return first.flatMap(({ step, value }) => {
    const rest = lookups.map((lookup) => lookup.get(step));
    if (rest.includes(undefined)) return [];
    const values = [value, ...(rest as number[])];
    const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
    return [{ step, mean, low: Math.min(...values), high: Math.max(...values) }];
  });
}
