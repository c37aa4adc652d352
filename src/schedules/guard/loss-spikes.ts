import type { Finding, GuardState, Hits } from "./guard-state.ts";
import { type GuardStatistics, reachOf } from "./guard-statistics.ts";
import { type GuardLimits, limitAt } from "./limits.ts";

/** Beyond so many reaches it makes no difference, and squares stay finite. */
const mostExcess = 1e50;

/** How far a loss lies above the ceiling, in reaches; 0 before there are losses enough to say. */
export function excessOf({ losses, ratio }: GuardState, limits: GuardLimits, loss: number): number {
  const isSettled = losses.seen >= (ratio >= limits.absurd ? 1 : limits.settle);
  return isSettled ? Math.min(mostExcess, (loss - losses.ceiling) / reachOf(losses)) : 0;
}

/**
 * A loss spike: a loss above the ceiling of all before.
 *
 * At a large rate, early in the run and once something was learned, it is a question: the step is skipped, so that another batch tells of the
 * same weights. Four batches that are all above the ceiling are trouble; one that is not clears them. Elsewhere it is a hit
 * if it lies far above: hits in a row are trouble if they are wild, as losses of weights that are carried away are, and those
 * of data that have become harder are not; these are trouble only if they last as long as a stalled run must. A lone hit that lies very far above is skipped.
 *
 * @param excess of the loss, as `excessOf` gives it, > 0.
 * @returns undefined where it is nothing of that, and so an ordinary loss.
 */
export function spikeOf(
  before: GuardState,
  limits: GuardLimits,
  loss: number,
  excess: number,
  { canSkip, mayAsk }: { canSkip: boolean; mayAsk: boolean },
): Finding | undefined {
  const said = loss.toPrecision(3);
  const { asked: earlier, losses, ratio, acts } = before;
  if (earlier || (mayAsk && isQuestion(losses, excess, ratio, limits))) {
    const asked = { count: (earlier?.count ?? 0) + 1, sum: (earlier?.sum ?? 0) + excess };
    const guard = { ...before, asked };
    if (asked.count < limits.answers) return { guard, skip: true, reason: `a loss spike of ${said}` };
    if (asked.sum < limits.yes * asked.count) return undefined;
    const reason = `${asked.count} batches with a loss spike, now ${said}`;
    return { guard, trouble: { level: loss }, reason };
  }
  if (excess <= limits.hit) return undefined;
  const over = loss - losses.ceiling;
  const struck = withHit(before.struck, excess, loss);
  const grows = before.struck !== null && over > 2 * (before.struck.largest - losses.ceiling);
  const guard = { ...before, hits: before.hits + (grows ? 2 : 1), struck };
  if (canSkip && before.hits === 0 && excess > limits.outlier && losses.seen >= limits.outlierAfter)
    return { guard, skip: true, reason: `a lone loss spike of ${said}` };
  const explosion = isWild(struck, limits.wild)
    ? limitAt(limits.explosion, ratio) * 2 ** (acts / 2)
    : Number.POSITIVE_INFINITY;
  const patience = limits.leastPatience[0] * 2 ** acts;
  if (guard.hits < Math.min(explosion, patience)) return { guard };
  return {
    guard,
    trouble: { level: loss },
    reason: `${struck.count} loss spikes in a row, now ${said}`,
  };
}

/** Whether it is worth a step to see what another batch loses at the same weights. */
function isQuestion(
  { level, first, spread }: GuardStatistics,
  excess: number,
  ratio: number,
  { suspicious, question: [least, most] }: GuardLimits,
): boolean {
  return ratio >= suspicious && excess > least && excess <= most && level < first - spread / 4;
}

function withHit(before: Hits | null, excess: number, loss: number): Hits {
  const { count, sum, squares, largest } = before ?? { count: 0, sum: 0, squares: 0, largest: loss };
  return {
    count: count + 1,
    sum: sum + excess,
    squares: squares + excess * excess,
    largest: Math.max(largest, loss),
  };
}

/** Whether the excesses differ by more than this part of their mean (standard deviation). */
function isWild({ count, sum, squares }: Hits, share: number): boolean {
  return squares / count > (1 + share ** 2) * (sum / count) ** 2;
}
