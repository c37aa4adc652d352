import { type GuardLimits, limitAt } from "./limits.ts";
import { type LossStatistics, noStatistics, reachOf, withLoss } from "./loss-statistics.ts";

/** What is remembered of a copy of the weights: its step, what the losses were then, and whether a run went back to it. */
export type Copy = { step: number; losses: LossStatistics; used: boolean };

/** The excesses of a row of hits over the ceiling: how many, their sum and that of their squares, and the largest loss. */
export type Hits = { count: number; sum: number; squares: number; largest: number };

/** What the guard remembers of a run; JSON-safe. */
export type GuardState = {
  losses: LossStatistics;
  /** Hits of late: one more by each, half as many by each other loss; those that are no part of the statistics yet. */
  hits: number;
  struck: Hits | null;
  /** Losses in a row that were not finite. */
  notFinite: number;
  /** Steps of a collapse, and the highest level meanwhile. */
  lost: number;
  peak: number;
  /** Largest of the latest rates, in units of the usual one. */
  ratio: number;
  /** f in (0, 1]: exactly 1 until the first act. */
  factor: number;
  /** While steps are skipped to see what other batches lose at the same weights: the excesses so far. */
  asked: { count: number; sum: number } | null;
  acts: number;
  newest: Copy | null;
  older: Copy | null;
  /** After going back: the level of the trouble (null: not finite), the factor before it, and the losses since. */
  probation: { level: number | null; factor: number; sum: number; count: number } | null;
};

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

/** Before the first step. */
export function startGuard(): GuardState {
  return {
    losses: noStatistics(),
    hits: 0,
    struck: null,
    notFinite: 0,
    lost: 0,
    peak: 0,
    ratio: 0,
    factor: 1,
    asked: null,
    acts: 0,
    newest: null,
    older: null,
    probation: null,
  };
}

/** Whether a loss that is not finite would be answered, by skipping the step or going back. */
export function toleratesNotFinite({ newest, acts, factor }: GuardState, limits: GuardLimits): boolean {
  return newest !== null && acts < limits.mostActs && factor > limits.leastFactor;
}

/** One loss more, and what is to be done. */
export function guardStep(before: GuardState, limits: GuardLimits, seen: GuardSeen): GuardAnswer {
  const { step, loss, totalSteps, canRollBack } = seen;
  if (!Number.isFinite(loss)) {
    const notFinite = before.notFinite + 1;
    const guard = { ...before, notFinite };
    if (notFinite <= limits.notFinite) return { guard, act: "skip", reason: "loss not finite" };
    return trouble(guard, limits, seen, null, `${notFinite} losses in a row not finite`);
  }
  const T = totalSteps ?? 0;
  const { losses: known, ratio } = before;
  const isSettled = known.seen >= (ratio >= limits.absurd ? 1 : limits.settle);
  const over = loss - known.ceiling;
  const excess = isSettled ? over / reachOf(known) : 0;
  if (before.asked && excess > 0) {
    const asked = { count: before.asked.count + 1, sum: before.asked.sum + excess };
    const guard = { ...before, notFinite: 0, asked };
    if (asked.count < limits.answers)
      return { guard, act: "skip", reason: `a loss of ${loss.toPrecision(3)}, above all before` };
    if (asked.sum >= limits.yes * asked.count)
      return trouble(
        guard,
        limits,
        seen,
        loss,
        `${asked.count} batches lose ${loss.toPrecision(3)} and the like, above all before`,
      );
  } else if (canRollBack && isQuestion(known, excess, ratio, limits)) {
    const guard = { ...before, notFinite: 0, asked: { count: 1, sum: excess } };
    return { guard, act: "skip", reason: `a loss of ${loss.toPrecision(3)}, above all before` };
  } else if (excess > limits.hit) {
    const { count, sum, squares, largest } = before.struck ?? { count: 0, sum: 0, squares: 0, largest: loss };
    const grows = count > 0 && over > 2 * (largest - known.ceiling);
    const hits = before.hits + (grows ? 2 : 1);
    const struck = {
      count: count + 1,
      sum: sum + over,
      squares: squares + over * over,
      largest: Math.max(largest, loss),
    };
    const guard = { ...before, notFinite: 0, hits, struck };
    const said = loss.toPrecision(3);
    if (canRollBack && before.hits === 0 && excess > limits.outlier && known.seen >= limits.outlierAfter)
      return { guard, act: "skip", reason: `a lone loss of ${said}` };
    const isWild = struck.squares / struck.count > (1 + limits.wild ** 2) * (struck.sum / struck.count) ** 2;
    if (!isWild || hits < limitAt(limits.explosion, ratio) * 2 ** (before.acts / 2)) return { guard };
    return trouble(guard, limits, seen, loss, `${hits} losses in a row far above all before, now ${said}`);
  }

  // Not a hit. What a lone hit was is learned once it is over.
  const hits = excess > 0 ? before.hits : before.hits < 0.2 ? 0 : before.hits / 2;
  const isOver = hits === 0 && before.struck !== null;
  const taken = withLoss(known, loss);
  const losses = isOver ? { ...taken, ceiling: Math.max(taken.ceiling, before.struck!.largest) } : taken;
  const { level, spread, start, best } = losses;
  let guard: GuardState = {
    ...before,
    notFinite: 0,
    asked: null,
    hits,
    struck: isOver ? null : before.struck,
    losses,
  };
  if (guard.probation) guard = onProbation(guard, limits, loss);

  const doubt = 2 ** before.acts;
  const gain = start - best;
  const isSilent = spread < limits.silent * losses.noise;
  const hasLearned =
    losses.seen > 10 &&
    gain > limitAt(isSilent ? limits.learnedSilent : limits.learned, ratio) * losses.noise;
  if (hasLearned && level > best + limits.lost * gain) {
    const peak = before.lost === 0 ? level : Math.max(before.peak, level);
    const comesBack = level < peak - Math.max(limits.regained * (peak - best), 1.2 * spread);
    const lost = comesBack ? 0 : before.lost + 1;
    guard = { ...guard, peak, lost };
    const [share, least] = isSilent
      ? [limits.patienceSilent, limits.leastPatienceSilent]
      : [limits.patience, limits.leastPatience];
    const patience = Math.max(limitAt(least, ratio), limitAt(share, ratio) * T);
    if (lost >= patience * doubt)
      return trouble(guard, limits, seen, level, `what had been learned is lost for ${lost} steps`);
  } else guard = { ...guard, lost: 0 };

  const hasRisen = losses.crest > losses.first + 3 * spread && best > losses.first - 2 * spread;
  if (
    hasRisen &&
    ratio >= limits.reckless &&
    losses.seen >= Math.max(limits.leastStall, limits.stall * T) * doubt
  )
    return trouble(
      guard,
      limits,
      seen,
      level,
      `losses rose at the start and stay there for ${losses.seen} steps`,
    );

  if (guard.hits > 0 || guard.lost > 0) return { guard };
  const τ =
    Math.max(limits.leastRecovery, limits.recovery * (totalSteps ?? 2000)) * 2 ** Math.max(0, guard.acts - 1);
  if (guard.factor < 1) guard = { ...guard, factor: Math.min(1, guard.factor * Math.exp(1 / τ)) };
  if (!canRollBack || guard.probation) return { guard };
  const every = Math.max(limits.leastCopyEvery, limits.copyEvery * T);
  const isTime = guard.newest === null || (step - guard.newest.step >= every && loss <= level + 2 * spread);
  if (!isTime) return { guard };
  const newest = { step, losses, used: false };
  return { guard: { ...guard, older: guard.newest, newest }, act: "snapshot" };
}

/** Whether it is worth a step to see what another batch loses at the same weights: at a large rate, once something was learned. */
function isQuestion(
  { level, first, spread }: LossStatistics,
  excess: number,
  ratio: number,
  { suspicious, question: [least, most] }: GuardLimits,
): boolean {
  return ratio >= suspicious && excess > least && excess <= most && level < first - spread / 4;
}

/** After going back: losses that are no lower than before tell that it was not the weights. */
function onProbation(guard: GuardState, { probation }: GuardLimits, loss: number): GuardState {
  const { level, factor, sum, count } = guard.probation!;
  const after = { level, factor, sum: sum + loss, count: count + 1 };
  if (after.count < probation) return { ...guard, probation: after };
  const mean = after.sum / after.count;
  const { level: kept, spread } = guard.newest!.losses;
  const isSpoiled = level === null || mean < kept + Math.max((level - kept) / 2, 3 * spread);
  if (isSpoiled) return { ...guard, probation: null };
  const losses = { ...withLoss(noStatistics(), mean), ceiling: Math.max(guard.losses.ceiling, level) };
  return { ...guard, probation: null, factor, losses };
}

/** An act, where there may be one. @param level of the trouble; null: not finite. */
function trouble(
  guard: GuardState,
  limits: GuardLimits,
  { step, totalSteps, canRollBack }: GuardSeen,
  level: number | null,
  reason: string,
): GuardAnswer {
  const { newest, older, factor, acts } = guard;
  const calm = { ...guard, hits: 0, struck: null, asked: null, lost: 0 };
  if (acts >= limits.mostActs || factor <= limits.leastFactor) return { guard: calm };
  const acted = { ...calm, acts: acts + 1, factor: Math.max(limits.leastFactor, factor * limits.cut) };
  const goesFurther = newest?.used === true && older !== null;
  const copy = goesFurther ? older : newest;
  const oldest = Math.max(limits.leastOldest, limits.oldest * (totalSteps ?? step));
  if (!canRollBack || !copy || (level !== null && step - copy.step > oldest))
    return { guard: acted, act: "cut", reason };
  return {
    guard: {
      ...acted,
      notFinite: 0,
      ratio: guard.ratio * limits.cut,
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
