import { formatAccuracy, formatFigure, formatPercent, missing } from "./format.ts";
import type { Measure, Reading, SummaryRow } from "./report-data.ts";

/** How tables name and write what the schedules of a comparison are judged by. */
export type Measured = {
  /** Title of the column of means at the last step. */
  title: string;
  /** The accuracy alone grows as it gets better. */
  isLargerBetter: boolean;
  format: (value: Reading) => string;
  /** A mean with its standard error, which one seed does not have. */
  formatMean: (mean: Reading, standardError: Reading) => string;
};

const byValue = { isLargerBetter: false, format: formatFigure, formatMean: formatFigureAndError };

const measures: Readonly<Record<Measure, Measured>> = {
  accuracy: {
    title: "last accuracy",
    isLargerBetter: true,
    format: (value) => formatPercent(value),
    formatMean: formatAccuracy,
  },
  perplexity: { title: "last perplexity", ...byValue },
  loss: { title: "last loss", ...byValue },
};

/** That of a comparison: all its rows have the same. */
export function measuredBy(summary: readonly SummaryRow[]): Measured {
  return measures[judgedBy(summary)];
}

export function judgedBy(summary: readonly SummaryRow[]): Measure {
  return summary[0]?.judgedBy ?? "accuracy";
}

/** Best mean first; those without one, since all their runs diverged, last. */
export function ranked(summary: readonly SummaryRow[]): SummaryRow[] {
  const sign = measuredBy(summary).isLargerBetter ? -1 : 1;
  const key = ({ mean }: SummaryRow): number =>
    mean === null || !Number.isFinite(mean) ? Number.MAX_VALUE : sign * mean;
  return summary.toSorted((a, b) => key(a) - key(b));
}

/** `1.1704` and `0.0231` as `1.170 ± 0.023`: the error has as many decimals as the mean. */
function formatFigureAndError(mean: Reading, standardError: Reading): string {
  const text = formatFigure(mean);
  if (text === missing || standardError === null || !Number.isFinite(standardError)) return text;
  const decimals = text.split(".")[1]?.length ?? 0;
  return `${text} ± ${text.includes("e") ? standardError.toPrecision(2) : standardError.toFixed(decimals)}`;
}
