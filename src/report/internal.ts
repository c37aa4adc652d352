/* The inner door: what other floors need of report/ and users do not. No entry of the package. */
export {
  formatAccuracy,
  formatCount,
  formatDuration,
  formatFigure,
  formatLoss,
  formatPercent,
  formatRate,
} from "./format.ts";
