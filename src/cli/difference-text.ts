import type { Measure, Outcome, PairedDifference } from "../benchmark/index.ts";
import { formatFigure } from "../report/internal.ts";

/** What people read for a verdict; null: too few seeds. */
export function verdictWords(verdict: Outcome | null): string {
  return verdict === null ? "no verdict" : verdict.replace("-", " ");
}

/** `1.2 points`, `0.3450 of perplexity`, without a sign. */
export function amount(difference: number, judgedBy: Measure): string {
  const size = Math.abs(difference);
  return judgedBy === "accuracy"
    ? `${(100 * size).toFixed(1)} points`
    : `${formatFigure(size)} of ${judgedBy}`;
}

/** `1.2 points better [0.3, 2.1]: better`; of fewer than five seeds `1.2 points better in the mean of 3 seeds: no verdict`. */
export function differenceText(pair: PairedDifference, judgedBy: Measure): string {
  const { difference, low, high, seeds, verdict } = pair;
  const mean = `${amount(difference, judgedBy)} ${difference < 0 ? "worse" : "better"}`;
  if (verdict === null || low === null || high === null)
    return `${mean} in the mean of ${seeds} seed${seeds === 1 ? "" : "s"}: no verdict`;
  const end = (value: number): string =>
    judgedBy === "accuracy" ? (100 * value).toFixed(1) : value.toPrecision(3);
  return `${mean} [${end(low)}, ${end(high)}]: ${verdictWords(verdict)}`;
}
