import type { Reading } from "./report-data.ts";

/** Points a line has at most in the report. */
export const pointLimit = 300;

/**
 * Fewer points of a long curve: each span of equally many steps becomes one point, which has the mean of the losses
 * and the last of every other field, so that no evaluation is blurred.
 *
 * @param curve ascending in `step`.
 * @param steps T of the whole run. Runs of one comparison share it, so that their points stand at the same steps even
 * where one ended early.
 * @param limit points at most, ≥ 1.
 */
export function thinCurve<Point extends { step: number; loss: Reading }>(
  curve: readonly Point[],
  steps: number,
  limit: number = pointLimit,
): Point[] {
  const width = Math.max(1, Math.ceil(steps / limit));
  if (width === 1) return [...curve];
  const spans: Point[][] = [];
  let current = -1;
  for (const point of curve) {
    const span = Math.floor(point.step / width);
    if (span === current) spans.at(-1)!.push(point);
    else spans.push([point]);
    current = span;
  }
  return spans.map((span) => Object.assign({}, ...span, { loss: meanLoss(span) }) as Point);
}

/** One loss that is not finite makes the mean so: a divergence is not averaged away. */
function meanLoss(span: readonly { loss: Reading }[]): number {
  return span.reduce((sum, { loss }) => sum + (loss ?? Number.NaN), 0) / span.length;
}
