import type { Copy, GuardState } from "./guard-state.ts";
import { type GuardStatistics, noStatistics, withLoss } from "./guard-statistics.ts";
import { type GuardLimits, limitAt } from "./limits.ts";
import { excessOf, spikeOf } from "./loss-spikes.ts";
import { stalledAfterLearning, stalledFromStart } from "./stalled.ts";

/** What the guard is told of a step. */
export type GuardSeen = {
  step: number;
  /** L_t; may be not finite. */
  loss: number;
  /** T; null where it is not known. */
  totalSteps: number | null;
  /** Whether the loop keeps copies and goes back to them. */
  canRollBack: boolean;
};

/** What is to be done, and why. `older`: back to the older of the two copies. */
export type GuardAnswer = {
  guard: GuardState;
  act?: "snapshot" | "rollback" | "skip" | "cut";
  older?: boolean;
  reason?: string;
};

/** Whether a loss that is not finite would be answered, by skipping the step or going back. */
export function toleratesNotFinite(guard: GuardState, limits: GuardLimits): boolean {
  const { newest, acts, factor } = guard;
  const mayAct = acts < limits.mostActs && factor > limits.leastFactor;
  return newest !== null && (mayAct || maySkip(guard, limits));
}

/** Whether one more loss that is not finite costs its step alone. */
function maySkip({ notFinite, ratio }: GuardState, limits: GuardLimits): boolean {
  return notFinite < Math.round(limitAt(limits.notFinite, ratio));
}

/**
 * One loss more, and what is to be done: nothing, keep a copy, leave this step out, cut the rate, or go back and cut it.
 *
 * The run is judged by its own losses alone (`GuardStatistics`): by loss spikes, which lie above all before (`spikeOf`), by
 * whether it is stalled (`stalledAfterLearning`, `stalledFromStart`), and by losses that are not finite. All of it is the
 * same where a constant is added to the losses or they are multiplied by one.
 */
export function guardStep(before: GuardState, limits: GuardLimits, seen: GuardSeen): GuardAnswer {
  const { step, totalSteps, canRollBack } = seen;
  const loss = Number.isFinite(seen.loss) ? Math.max(-1e150, Math.min(1e150, seen.loss)) : seen.loss;
  // What is next to infinite is as good as that, where there is a way back.
  const isLost = !Number.isFinite(loss) || (canRollBack && before.newest !== null && Math.abs(loss) > 1e100);
  if (isLost) {
    const guard = { ...before, notFinite: before.notFinite + 1 };
    if (maySkip(before, limits)) return { guard, act: "skip", reason: "loss not finite" };
    return troubled(guard, limits, seen, null, "losses in a row not finite");
  }
  const known = before.notFinite === 0 ? before : { ...before, notFinite: 0 };
  const excess = excessOf(known, limits, loss);
  const spike =
    excess > 0
      ? spikeOf(known, limits, loss, excess, {
          canSkip: canRollBack,
          mayAsk: canRollBack && step < limits.asksUntil * (totalSteps ?? 2000),
        })
      : undefined;
  if (spike?.trouble) return troubled(spike.guard, limits, seen, spike.trouble.level, spike.reason!);
  if (spike)
    return { guard: spike.guard, ...(spike.skip && { act: "skip" as const, reason: spike.reason! }) };

  const taken = withOrdinary(known, limits, loss, excess > 0);
  const T = totalSteps ?? 0;
  const lost = stalledAfterLearning(taken, limits, T);
  const stalled = lost.trouble ? lost : stalledFromStart(lost.guard, limits, T);
  if (stalled.trouble) return troubled(stalled.guard, limits, seen, stalled.trouble.level, stalled.reason!);
  if (stalled.guard.lost > 0) return { guard: stalled.guard };
  const guard = recovering(stalled.guard, limits, totalSteps);
  if (!canRollBack || guard.hits > 0 || guard.probation || !isTimeToCopy(guard, limits, seen))
    return { guard };
  const newest: Copy = { step, losses: guard.losses, used: false };
  return { guard: { ...guard, older: guard.newest, newest }, act: "snapshot" };
}

/** An ordinary loss is taken into the statistics; what a lone hit was is learned once it is over. */
function withOrdinary(before: GuardState, limits: GuardLimits, loss: number, isAbove: boolean): GuardState {
  const left = isAbove ? before.hits : before.hits < 0.2 ? 0 : before.hits / 2;
  const taken = withLoss(before.losses, loss);
  // Hits that come again and again between other losses are of the run's own kind.
  const isKnown = left === 0 || (before.struck?.count ?? 0) >= 2 * limits.explosion[0];
  const over = isKnown ? before.struck : null;
  const hits = isKnown ? 0 : left;
  const losses = over ? { ...taken, ceiling: Math.max(taken.ceiling, over.largest) } : taken;
  const guard = { ...before, asked: null, hits, struck: over ? null : before.struck, losses };
  return guard.probation ? onProbation(guard, limits, loss) : guard;
}

/** After going back: losses that are no lower than before tell that it was the data, and not the weights. */
function onProbation(guard: GuardState, { probation }: GuardLimits, loss: number): GuardState {
  const { level, factor, sum, count } = guard.probation!;
  const after = { level, factor, sum: sum + loss, count: count + 1 };
  if (after.count < probation) return { ...guard, probation: after };
  const mean = after.sum / after.count;
  const { level: kept, spread } = guard.newest!.losses;
  if (level === null || mean < kept + Math.max((level - kept) / 2, 3 * spread))
    return { ...guard, probation: null };
  // The new normal; and the cut is taken back.
  const losses = newNormal(mean, Math.max(guard.losses.ceiling, level));
  return { ...guard, probation: null, factor, losses };
}

/** The run is judged from now on by what its losses are now. */
function newNormal(level: number, ceiling: number): GuardStatistics {
  return { ...withLoss(noStatistics(), level), ceiling };
}

/** f recovers, more slowly after each act: min(1, f · e^(1/τ)). */
function recovering(guard: GuardState, limits: GuardLimits, totalSteps: number | null): GuardState {
  if (guard.factor === 1) return guard;
  const τ = Math.max(limits.leastRecovery, limits.recovery * (totalSteps ?? 2000)) * 2 ** (guard.acts - 1);
  return { ...guard, factor: Math.min(1, guard.factor * Math.exp(1 / τ)) };
}

/** The first loss at once, and then now and then, of weights whose loss is no spike. */
function isTimeToCopy({ newest, losses }: GuardState, limits: GuardLimits, seen: GuardSeen): boolean {
  if (newest === null) return true;
  const every = Math.max(limits.leastCopyEvery, limits.copyEvery * (seen.totalSteps ?? 0));
  return seen.step - newest.step >= every && seen.loss <= losses.level + 2 * losses.spread;
}

/**
 * An act, where there may be one: the rate is cut, and the run goes back to the newest copy, or to the older one if it went
 * back to the newest before; it only cuts where it cannot go back, or not without losing too much of the run.
 *
 * @param level of the trouble; null: not finite.
 */
function troubled(
  before: GuardState,
  limits: GuardLimits,
  { step, totalSteps, canRollBack }: GuardSeen,
  level: number | null,
  reason: string,
): GuardAnswer {
  const { newest, older, factor, acts } = before;
  // Where nothing goes back, what is now is what the coming losses are measured by.
  const ceiling = Math.max(before.losses.ceiling, level ?? before.losses.ceiling);
  const losses = { ...before.losses, ceiling };
  const calm = { ...before, hits: 0, struck: null, asked: null, lost: 0, losses };
  if (acts >= limits.mostActs || factor <= limits.leastFactor) return { guard: calm };
  const acted = { ...calm, acts: acts + 1, factor: Math.max(limits.leastFactor, factor * limits.cut) };
  const goesFurther = newest?.used === true && older !== null;
  const copy = goesFurther ? older : newest;
  const oldest = Math.max(limits.leastOldest, limits.oldest * (totalSteps ?? step));
  if (!canRollBack || !copy || (level !== null && step - copy.step > oldest))
    return {
      guard: level === null ? acted : { ...acted, losses: newNormal(level, ceiling) },
      act: "cut",
      reason,
    };
  return {
    guard: {
      ...acted,
      notFinite: -limits.notFiniteAgain,
      ratio: before.ratio * limits.cut,
      newest: { ...copy, used: true },
      older: goesFurther ? null : older,
      losses: copy.losses,
      probation: { level, factor, sum: 0, count: 0 },
    },
    act: "rollback",
    ...(goesFurther && { older: true }),
    reason,
  };
}
