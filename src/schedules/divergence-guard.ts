import { checkOptionNames, checkPositive, quantity } from "./checks.ts";
import { identityAround } from "./checksum.ts";
import { extendState } from "./extend.ts";
import { type GuardState, startGuard } from "./guard/guard-state.ts";
import { type GuardAnswer, guardStep, toleratesNotFinite } from "./guard/guard-step.ts";
import { checkLimits, type GuardLimits, guardLimits } from "./guard/limits.ts";
import type { Observed, Schedule, ScheduleEvent } from "./schedule.ts";
import { inOrder } from "./span.ts";

export type DivergenceGuardOptions = Partial<GuardLimits> & {
  /** Whether the loop can keep copies and go back to them; default: what the run's context says (`canRollBack`). */
  restore?: boolean;
};

export type DivergenceGuardState<Inner> = {
  inner: Inner;
  guard: GuardState;
  /** The inner schedule's states of the newest copy and of the older one; null where there is none. */
  kept: readonly [Inner | null, Inner | null];
  canRollBack: boolean;
  totalSteps: number | null;
  usualRate: number;
};

/**
 * A guard around any schedule, learned or hand-made, against a rate that is too large.
 *
 *     α_t = f_t · β_t,   f_0 = 1,   f_t = ρ · f_{t-1} at an act,   min(1, f_{t-1} · e^(1/τ)) otherwise
 *
 * β is the inner schedule. A run is judged by the noise of its own losses (see `guardStep`): on one that is well the
 * rates are the inner schedule's, bit for bit. Where the loop can go back, `snapshot` asks for a copy of all that a step
 * depends on, at most one step in a hundred, and a lone loss that is not finite, or far above all before, costs its own
 * step (`skip`). Trouble that lasts leads back to the newest copy (`rollback`), and if it comes again to the older one;
 * the inner schedule goes back with the weights. Where the loop cannot, the guard lowers the rate only.
 *
 * Put it outermost: a warm-up around it would forget what it learned while it lasts.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if a limit is out of range. From `next`: `NOT_FINITE` for a loss that is NaN
 *   or infinite where there is nothing to go back to, or too many acts were of no use; as the inner schedule.
 * @example
 * const schedule = divergenceGuard(constant({ baseRate: 5 }), { restore: true });
 * const first = schedule.next(schedule.init({ totalSteps: 100 }), { step: 0, loss: 2.3 });
 * first.action === "snapshot"; // true
 * const second = schedule.next(first.state, { step: 1, loss: Number.NaN });
 * second.action === "skip"; // true
 * second.state.guard.losses.seen; // 1, the loss that is not finite is not among them
 */
export function divergenceGuard<Inner>(
  inner: Schedule<Inner>,
  { restore, ...given }: DivergenceGuardOptions = {},
): Schedule<DivergenceGuardState<Inner>> {
  checkOptionNames<Partial<GuardLimits>>("`divergenceGuard`", given, guardLimits);
  const limits = checkLimits(given);
  const tolerates = ({ canRollBack, guard }: DivergenceGuardState<Inner>): boolean =>
    canRollBack && toleratesNotFinite(guard, limits);
  return {
    kind: `divergenceGuard(${inner.kind ?? "custom"})`,
    identity: identityAround("divergenceGuard", inOrder({ ...limits, restore }), inner),
    needs: inner.needs ?? [],
    extend(state, step, totalSteps) {
      const extended = (of: Inner): Inner => extendState(inner, of, step, totalSteps);
      const [newest, older] = state.kept;
      return {
        ...state,
        inner: extended(state.inner),
        // Where it goes back to, the end has been moved too.
        kept: [newest && extended(newest), older && extended(older)],
        totalSteps: state.totalSteps && totalSteps,
      };
    },
    init(context) {
      const { totalSteps, usualRate = 0.1 } = context;
      return {
        inner: inner.init(context),
        guard: startGuard(),
        kept: [null, null],
        canRollBack: restore ?? context.canRollBack ?? false,
        totalSteps: totalSteps ?? null,
        usualRate: checkPositive("usualRate", usualRate),
      };
    },
    wants: (state, step) => inner.wants?.(state.inner, step) ?? [],
    tolerates,
    next(before, observed) {
      const { step } = observed;
      const { guard: known, kept, canRollBack, totalSteps } = before;
      const loss = tolerates(before) && !areFinite(observed) ? Number.NaN : quantity(observed, "loss");
      const answer = guardStep(known, limits, { step, loss, totalSteps, canRollBack });
      const { guard, act, older } = answer;
      if (act === "skip" || act === "rollback") {
        const state = older ? kept[1]! : kept[0]!;
        const back = act === "rollback" && { inner: state, kept: older ? ([state, null] as const) : kept };
        return {
          learningRate: 0,
          state: { ...before, guard, ...back },
          action: act,
          ...(older && { older }),
          events: [eventOf(observed, answer, known.factor)],
        };
      }
      const decision = inner.next(before.inner, observed);
      // A cut counts at once, what recovers from the next step on.
      const learningRate = Math.min(known.factor, guard.factor) * decision.learningRate;
      const ratio = Math.max(learningRate / before.usualRate, 0.9 * guard.ratio);
      const isCopied = act === "snapshot";
      const events = [
        ...(act === "cut" ? [eventOf(observed, answer, known.factor)] : []),
        ...(decision.events ?? []),
      ];
      return {
        ...decision,
        learningRate,
        state: {
          ...before,
          inner: decision.state,
          guard: { ...guard, ratio },
          ...(isCopied && { kept: [before.inner, kept[0]] as const }),
        },
        ...(isCopied && { action: "snapshot" as const }),
        ...(events.length > 0 && { events }),
      };
    },
  };
}

/** Whether all that was observed is finite; what is undefined was not. */
function areFinite(observed: Observed): boolean {
  return Object.values(observed).every((value) => value === undefined || Number.isFinite(value));
}

/** What the user should know of an act; steps are the run's own. */
function eventOf(
  { step, stepsBefore = 0 }: Observed,
  { act, reason, guard }: GuardAnswer,
  factor: number,
): ScheduleEvent {
  if (act === "skip") return { step, kind: "skip", message: `${reason}: the step is skipped.` };
  const times = (guard.factor / factor).toPrecision(3);
  const back =
    act === "rollback" ? `, weights back to those before step ${guard.newest!.step + stepsBefore}` : "";
  return { step, kind: act!, message: `${reason}: rate times ${times}${back}.` };
}
