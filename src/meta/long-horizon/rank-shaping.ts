/**
 * Losses as centred ranks: the best gets -0.5, the worst 0.5, equal losses the same. What is not finite is the worst of
 * all. Ranks keep one diverged member from deciding the step.
 *
 * @see Salimans et al., arXiv 1703.03864, section 2
 */
export function centredRanks(losses: readonly number[]): number[] {
  const worth = losses.map((loss) => (Number.isFinite(loss) ? loss : Number.POSITIVE_INFINITY));
  if (worth.length < 2) return worth.map(() => 0);
  return worth.map((loss) => {
    const below = worth.filter((other) => other < loss).length;
    const equal = worth.filter((other) => other === loss).length;
    return (below + (equal - 1) / 2) / (worth.length - 1) - 0.5;
  });
}
