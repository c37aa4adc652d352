/** What is remembered of the losses of a run; JSON-safe. Every number is a loss or a difference of losses. */
export type GuardStatistics = {
  /** n: losses taken so far. */
  seen: number;
  /** The first of them, and the mean of the first five. */
  first: number;
  start: number;
  /** m: the losses smoothed over about ten steps. */
  level: number;
  /** d: their mean distance from m, over about twenty steps. */
  spread: number;
  /** The largest d, falling slowly: a network that dies gives losses without noise. */
  noise: number;
  /** M: the largest loss, falling slowly towards m. */
  ceiling: number;
  /** b: the lowest m, and the highest. */
  best: number;
  crest: number;
};

/** Steps over which level and spread are means. */
const levelSteps = 10;
const spreadSteps = 20;
/** Losses whose mean is the start. */
const startSteps = 5;

/** Before the first loss. */
export function noStatistics(): GuardStatistics {
  return { seen: 0, first: 0, start: 0, level: 0, spread: 0, noise: 0, ceiling: 0, best: 0, crest: 0 };
}

/**
 * One loss more.
 *
 *     m += (L - m) / min(n, 10),   d += (|L - m| - d) / min(n, 20),   M = max(L, M - (M - m) / max(2000, 8n))
 */
export function withLoss(before: GuardStatistics, loss: number): GuardStatistics {
  const seen = before.seen + 1;
  if (seen === 1)
    return {
      seen,
      first: loss,
      start: loss,
      level: loss,
      spread: 0,
      noise: 0,
      ceiling: loss,
      best: loss,
      crest: loss,
    };
  const level = before.level + (loss - before.level) / Math.min(seen, levelSteps);
  const distance = Math.abs(loss - before.level);
  const spread = before.spread + (distance - before.spread) / Math.min(seen - 1, spreadSteps);
  const { ceiling } = before;
  return {
    seen,
    first: before.first,
    start: seen <= startSteps ? level : before.start,
    level,
    spread,
    noise: Math.max(spread, before.noise * (1 - 1 / 200)),
    ceiling: Math.max(loss, ceiling - (ceiling - level) / Math.max(2000, 8 * seen)),
    best: seen <= startSteps ? level : Math.min(before.best, level),
    crest: Math.max(before.crest, level),
  };
}

/** How far losses reach above their level: what lies beyond the ceiling by several of these is not their noise. */
export function reachOf({ ceiling, level, spread }: GuardStatistics): number {
  return Math.max(ceiling - level, 2 * spread, 1e-12 * Math.abs(level), Number.MIN_VALUE);
}
