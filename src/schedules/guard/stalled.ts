import type { Finding, GuardState } from "./guard-state.ts";
import { type GuardLimits, limitAt } from "./limits.ts";

/**
 * Whether the run is stalled after learning: what had been learned is lost, and does not come back.
 *
 * Learned: the level fell from its start by several times the noise. Lost: it rose by most of that again. The steps are
 * counted, anew where a part of what was lost comes back, as after a jump to a harder task. Networks that die of a large
 * rate are silent: their losses have no noise any more.
 */
export function stalledAfterLearning(before: GuardState, limits: GuardLimits, totalSteps: number): Finding {
  const { losses, ratio, acts } = before;
  const { level, spread, noise, start, best } = losses;
  const isSilent = spread < limits.silent * noise;
  const [learned, share, least] = isSilent
    ? [limits.learnedSilent, limits.patienceSilent, limits.leastPatienceSilent]
    : [limits.learned, limits.patience, limits.leastPatience];
  const gain = start - best;
  const hasLearned = losses.seen > 10 && gain > limitAt(learned, ratio) * noise;
  if (!hasLearned || level <= best + limits.lost * gain)
    return { guard: before.lost === 0 ? before : { ...before, lost: 0 } };
  const peak = before.lost === 0 ? level : Math.max(before.peak, level);
  const comesBack = level < peak - Math.max(limits.regained * (peak - best), 1.2 * spread);
  const lost = comesBack ? 0 : before.lost + 1;
  const guard = { ...before, peak, lost };
  const patience = Math.max(limitAt(least, ratio), limitAt(share, ratio) * totalSteps);
  if (lost < patience * 2 ** acts) return { guard };
  return { guard, trouble: { level }, reason: `stalled: what had been learned is lost for ${lost} steps` };
}

/** Whether the run is stalled from its start: at a reckless rate, losses rose at the start of the run and nothing has been learned since. */
export function stalledFromStart(guard: GuardState, limits: GuardLimits, totalSteps: number): Finding {
  const { seen, first, level, spread, best, crest } = guard.losses;
  const hasRisen = crest > first + 2 * spread && best > first - 2 * spread;
  const patience = Math.max(limits.leastStall, limits.stall * totalSteps) * 2 ** guard.acts;
  if (!hasRisen || guard.ratio < limits.reckless || seen < patience) return { guard };
  return {
    guard,
    trouble: { level },
    reason: `stalled: losses rose at the start and stay there for ${seen} steps`,
  };
}
