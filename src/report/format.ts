import type { Reading } from "./report-data.ts";

/** What stands for a number that does not exist. */
export const missing = "–";

const exists = (value: Reading | undefined): value is number => Number.isFinite(value);

/** `0.6912` as `69.1 %`. */
export function formatPercent(fraction: Reading | undefined, digits = 1): string {
  return exists(fraction) ? `${(100 * fraction).toFixed(digits)} %` : missing;
}

/** A round fraction on an axis: `0.65` as `65 %`, `0.655` as `65.5 %`. */
export function percentTick(fraction: number): string {
  return `${Number((100 * fraction).toFixed(1))} %`;
}

/** `0.6912` and `0.0041` as `69.1 ± 0.4 %`; without an error, as for one seed, `69.1 %`. */
export function formatAccuracy(mean: Reading, standardError: Reading): string {
  if (!exists(mean) || !exists(standardError)) return formatPercent(mean);
  return `${(100 * mean).toFixed(1)} ± ${(100 * standardError).toFixed(1)} %`;
}

/** Three decimals, as losses are compared; large ones, and those that three decimals would not show, with more digits. */
export function formatLoss(loss: Reading | undefined): string {
  if (!exists(loss)) return missing;
  const size = Math.abs(loss);
  if (size > 0 && size < 0.01) return loss.toPrecision(3);
  return size < 100 ? loss.toFixed(3) : loss.toPrecision(4);
}

/** Four significant digits, for numbers of any unit, such as a regression's loss: `0.01234`, `12.34`, `23451`, `4.800e+14`. */
export function formatFigure(value: Reading | undefined): string {
  if (!exists(value)) return missing;
  const size = Math.abs(value);
  return value === 0 || (size >= 1e4 && size < 1e6) ? value.toFixed(0) : value.toPrecision(4);
}

/** Three significant digits without trailing zeros: `0.1`, `0.0316`, `1e-7`. */
export function formatRate(rate: Reading | undefined): string {
  return exists(rate) ? String(Number(rate.toPrecision(3))) : missing;
}

/** `2000` as `2,000`. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `151.2` as `2 min 31 s`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  if (minutes === 0) return `${rest} s`;
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}
