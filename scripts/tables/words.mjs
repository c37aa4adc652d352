/* How figures are written in the tables. */

export const percent = (value) => `${(100 * value).toFixed(1)} %`;
export const words = (verdict) => (verdict === null ? "no verdict" : verdict.replace("-", " "));
export const signed = (value, digits = 1) =>
  `${value > 0 ? "+" : ""}${value.toFixed(digits)}`.replace("-", "−");
/** The titles of `counts` and `margins`. */
export const talliedHead = [
  "better",
  "not worse",
  "inconclusive",
  "behind",
  "median, margins",
  "mean",
  "worst",
];
/** The four verdicts of a tally, and of those without one. */
export const counts = ({ better, notWorse, inconclusive, behind }) =>
  [better, notWorse, inconclusive, behind].map(String);
export const margins = ({ median, mean, worst }) => [
  signed(median),
  signed(mean),
  `${signed(worst.difference)} (${worst.task})`,
];
/** Accuracy in percent, or the perplexity, with its standard error. */
export const cell = ({ judgedBy, mean, standardError, diverged }) => {
  const figure = (value) => (judgedBy === "accuracy" ? (100 * value).toFixed(1) : value.toFixed(3));
  const error = standardError === null ? "" : ` ± ${figure(standardError)}`;
  return `${figure(mean)}${error}${diverged ? `, ${diverged} diverged` : ""}`;
};
/** Another use of the default's schedule, which is on the held-out tasks what the default is. */
export const isUse = (variant) => variant === "guarded" || variant.startsWith("horizon-");
export const rate = (value) => (value === null ? "–" : String(Number(value.toPrecision(2))));
