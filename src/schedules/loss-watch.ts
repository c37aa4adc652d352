import type { RunContext } from "./schedule.ts";

/** What a watch remembers of the losses. JSON-safe. */
export type LossWatch = {
  /** ln C where the classes are known, at most L0; null before the first loss. */
  floor: number | null;
  /** m_t: the losses smoothed over about ten steps. */
  level: number;
  /** Its minimum. */
  best: number;
  /** S_t: how far the losses of about the last ten steps lay above R_t in all, in units of R_t. */
  surge: number;
  /** Whether something has been learned, or a loss has risen above R_t by a tenth. */
  moved: boolean;
  /** Steps in a row since then at which nothing seems learned. */
  lost: number;
};

/** `good`: the weights are worth a copy. The other two: the rate is too large. */
export type Verdict = "good" | "fair" | "surge" | "collapse";

/** S_t at which losses count as a surge: ten steps at 4 R, or one at 21 R. Healthy runs reach 13. */
const surgeLimit = 20;
/** What a step leaves of S. */
const memory = 0.9;
/** Below this part of R_t something has been learned. */
const learned = 0.95;
/** Above this part of R_t a loss has risen. */
const risen = 1.1;
/** A copy is taken only of weights whose smoothed loss is within this part of R_t of the best. */
const nearBest = 0.1;

/** Without `initialLoss` the first loss takes its place. */
export function startWatch({ initialLoss, classes }: RunContext): LossWatch {
  if (initialLoss === undefined) return freshWatch(null, 0);
  return freshWatch(
    classes === undefined ? initialLoss : Math.min(initialLoss, Math.log(classes)),
    initialLoss,
  );
}

/** A watch of losses that begin at `level`, or begin anew there after an act. */
export function freshWatch(floor: number | null, level: number): LossWatch {
  return { floor, level, best: level, surge: 0, moved: false, lost: 0 };
}

/**
 * R_t: what a network loses that has learned nothing. It falls from L0 to ln C with the best level, and stays there,
 * so that no loss of a healthy run is large beside it, however small the losses have become.
 */
export function reference({ floor, best }: LossWatch): number {
  return Math.max(floor ?? best, best);
}

/**
 * One loss more.
 *
 *     m_t = m_{t-1} + (L_t - m_{t-1}) / 10
 *     S_t = max(0, 0.9 S_{t-1} + L_t / R_t - 1)    surge where S_t > 20
 *
 * Collapse: m_t > 0.95 R_t for `patience` steps in a row, after something had been learned or a loss had risen above
 * 1.1 R_t: networks that die of a large rate often do so with a small jump and then lose what guessing loses.
 *
 * @param loss L_t, finite.
 */
export function watchLoss(
  before: LossWatch,
  loss: number,
  patience: number,
): { watch: LossWatch; verdict: Verdict } {
  const known = before.floor === null ? freshWatch(loss, loss) : before;
  const level = known.level + (loss - known.level) / 10;
  const best = Math.min(known.best, level);
  const R = reference({ ...known, best });
  const excess = R > 0 ? loss / R - 1 : 0;
  const surge = Math.max(0, memory * known.surge + excess);
  const hasLearned = level <= learned * R;
  const moved = known.moved || hasLearned || loss > risen * R;
  const lost = moved && !hasLearned ? known.lost + 1 : 0;
  const watch: LossWatch = { floor: known.floor, level, best, surge, moved, lost };
  if (surge > surgeLimit) return { watch, verdict: "surge" };
  if (lost >= patience) return { watch, verdict: "collapse" };
  const good = hasLearned && surge === 0 && loss <= level && level <= best + nearBest * R;
  return { watch, verdict: good ? "good" : "fair" };
}
