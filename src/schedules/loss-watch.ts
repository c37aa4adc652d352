import type { Observed, RunContext, ScheduleEvent } from "./schedule.ts";

/** What a watch remembers of the losses. JSON-safe. */
export type LossWatch = {
  /** ln C where the classes are known, at most L0; null or 0 before the first loss above 0, which is measured then. */
  floor: number | null;
  /** m_t: the losses smoothed over about ten steps. Before the first loss: what that is at least. */
  level: number;
  /** Its minimum. */
  best: number;
  /** S_t: how far the losses of about the last ten steps lay above R_t in all, in units of R_t. */
  surge: number;
  /** Whether something has been learned, or a loss has risen above R_t by a tenth. */
  moved: boolean;
  /** Steps in a row since then at which nothing seems learned. */
  lost: number;
  /** Steps in a row at which what had been learned is lost. */
  above: number;
};

/**
 * S_t above which losses are a surge for any schedule, restarts and all: eleven steps at 4 R or one at 21 R. Healthy runs
 * reach 13. For a schedule that goes back itself, to which that costs little, it is 1: one step at 2 R or eighteen at 1.12 R.
 */
const surgeLimit = 20;
/** The part of what had been learned that must be missed for a relapse, likewise: healthy restarts miss up to 0.8. */
const sharplyMissed = 0.6;
/** So many steps without it are a relapse. */
const relapse = 10;
/** Steps between two copies of good weights. */
const keepEvery = 10;
/** What a step leaves of S. */
const memory = 0.9;
/** Below this part of R_t something has been learned. */
const learned = 0.95;
/** Above this part of R_t a loss has risen, and all of them have where they are smoothed. */
const risen = 1.1;
const allRisen = 1.01;
/** Below this part of R_t so much has been learned that a part of it can be missed. */
const learnedMuch = 0.9;
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
  return { floor, level, best: level, surge: 0, moved: false, lost: 0, above: 0 };
}

/**
 * R_t: what a network loses that has learned nothing. It falls from L0 to ln C with the best level, and stays there (at
 * the first loss, where neither was given), so that no loss of a healthy run is large beside it, however small the
 * losses have become.
 */
export function reference({ floor, best }: LossWatch): number {
  return Math.max(floor ?? best, best);
}

/**
 * One loss more.
 *
 *     m_t = m_{t-1} + (L_t - m_{t-1}) / 10
 *     S_t = max(0, 0.9 S_{t-1} + L_t / R_t - 1)    surge where S_t > 20, or doubt
 *
 * Collapse: m_t > 0.95 R_t for `patience` steps in a row, times doubt, after something had been learned or a loss had
 * risen above 1.1 R_t, or m_t above 1.01 R_t: networks that die of a large rate often do so with a small jump and then
 * lose what guessing loses. And, for 10 steps in a row, times doubt, m_t > R_t where its minimum b_t is below 0.95 R_t,
 * or m_t > b_t + missed (R_t - b_t) where b_t is below 0.9 R_t.
 *
 * @param loss L_t, finite.
 * @param patience steps without anything learned that are a collapse.
 * @param doubt for a schedule that goes back itself: the sharper limits, and these and all steps times this, ≥ 1.
 * @returns `sign`: what is wrong, in words: the rate is too large. `good`: without one the weights are worth a copy.
 */
export function watchLoss(
  before: LossWatch,
  loss: number,
  patience: number,
  doubt?: number,
): { watch: LossWatch; sign: string | false; good?: boolean } {
  const first = Math.max(loss, before.level);
  const known = before.floor ? before : freshWatch(first, first);
  const level = known.level + (loss - known.level) / 10;
  const best = Math.min(known.best, level);
  const R = reference({ ...known, best });
  const excess = R > 0 ? loss / R - 1 : 0;
  const surge = Math.max(0, memory * known.surge + excess);
  const hasLearned = level <= learned * R;
  const moved = known.moved || hasLearned || loss > risen * R || level > allRisen * R;
  const lost = moved && !hasLearned ? known.lost + 1 : 0;
  const above = level > missing(best, R, doubt ? sharplyMissed : 1) ? known.above + 1 : 0;
  const watch: LossWatch = { ...known, level, best, surge, moved, lost, above };
  const sign =
    surge > (doubt ?? surgeLimit)
      ? `loss ${loss.toPrecision(3)} where guessing loses ${R.toPrecision(3)}`
      : Math.max(lost / patience, above / relapse) >= (doubt ?? 1) &&
        `nothing learned or all lost for ${Math.max(lost, above)} steps`;
  return {
    watch,
    sign,
    good: hasLearned && surge === 0 && loss <= level && level <= best + nearBest * R,
  };
}

/** Above this m_t what had been learned is missing. */
function missing(best: number, R: number, missed: number): number {
  if (best > learned * R) return Number.POSITIVE_INFINITY;
  return best > learnedMuch * R ? R : best + missed * (R - best);
}

/** Whether all that was observed is finite; what is undefined was not. */
export function areFinite(observed: Observed): boolean {
  return Object.values(observed).every((value) => value === undefined || Number.isFinite(value));
}

/** What the user should know of an act. @param keptAt step of the weights that come back; undefined where none do. */
export function actEvent(step: number, sign: string, factor: number, keptAt?: number): ScheduleEvent {
  const back = keptAt === undefined ? "" : `, weights back to those before step ${keptAt}`;
  const kind = keptAt === undefined ? "backed-off" : "restored";
  return { step, kind, message: `${sign}: rate times ${factor.toPrecision(3)}${back}.` };
}

/** Whether to keep the weights now: the untrained ones, and from then on good ones now and then. */
export function isTimeToKeep(keptAt: number | null, good: boolean | undefined, step: number): boolean {
  return keptAt === null || (good === true && step - keptAt >= keepEvery);
}
