import { checkCount, checkNumber, quantity } from "./checks.ts";
import { identityOf } from "./checksum.ts";
import { extendState } from "./extend.ts";
import {
  actEvent,
  areFinite,
  freshWatch,
  isTimeToKeep,
  type LossWatch,
  startWatch,
  watchLoss,
} from "./loss-watch.ts";
import type { Decision, Observed, Schedule } from "./schedule.ts";
import { inOrder } from "./span.ts";

export type InsuredOptions = {
  /** Ask the loop to go back to the last good weights; default false: lower the rate only. */
  restore?: boolean;
  /** ρ in (0, 1): what an act multiplies the rate by; default 1/4. */
  factor?: number;
  /** τ ≥ 1: steps in which the rate recovers by a factor of e; doubled by each further act. Default T/2 but at least 100; 1000 without T. */
  recovery?: number;
  /** Steps without anything learned that are a collapse; default T/10 but at least 150. */
  patience?: number;
};

export type InsuredState<Inner> = {
  inner: Inner;
  watch: LossWatch;
  /** f_t in (0, 1]: exactly 1 until the first act. */
  factor: number;
  acts: number;
  /** Step of the last good weights; null while there are none. */
  keptAt: number | null;
  recovery: number;
  patience: number;
};

/** Lower than this f does not go: a run that is lost at such rates is not lost by its rates. */
const lowest = 1e-6;

/**
 * Insurance around any schedule, learned or hand-made, against a rate that is too large.
 *
 *     α_t = f_t · β_t,   f_0 = 1,   f_t = ρ · f_{t-1} at an act,   min(1, f_{t-1} · e^(1/τ)) otherwise
 *
 * β is the inner schedule. It acts where the losses surge, collapse (see `watchLoss`) or, with `restore`, are not
 * finite. On a healthy run it never acts, and the rates are the inner schedule's, bit for bit.
 *
 * With `restore` an act is a step without an update: the rate is 0, the action `restore`, and the inner schedule is not
 * asked. The loop goes back to the weights of the last action `keep`, and on to the next batch. Each act is an event.
 * Put it outermost: a warm-up around it would forget what it learned while it lasts.
 *
 * The thresholds were chosen on MNIST-1D alone; see `docs/schedules.md`.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range. From `next`: `NOT_FINITE` for a loss
 *   that is NaN or infinite where there is nothing to go back to or it has backed off by 1e-6; as the inner schedule.
 * @example
 * const schedule = insured(constant({ baseRate: 5 }), { restore: true });
 * const first = schedule.next(schedule.init({ totalSteps: 100 }), { step: 0, loss: 2.3 });
 * first.action; // "keep"
 * const second = schedule.next(first.state, { step: 1, loss: Number.NaN });
 * second.action; // "restore"
 * schedule.next(second.state, { step: 2, loss: 2.3 }).learningRate < 1.3; // true, a quarter of 5 and a little
 */
export function insured<Inner>(
  inner: Schedule<Inner>,
  options: InsuredOptions = {},
): Schedule<InsuredState<Inner>> {
  const { restore = false, factor: ρ = 1 / 4 } = options;
  checkNumber("factor", ρ, "a number > 0 and < 1", (x) => x > 0 && x < 1);
  for (const name of ["recovery", "patience"] as const)
    if (options[name] !== undefined) checkCount(name, options[name]);
  const canRestore = (state: InsuredState<Inner>): boolean =>
    restore && state.keptAt !== null && state.factor > lowest;

  const act = (
    state: InsuredState<Inner>,
    observed: Observed,
    sign: string,
  ): Pick<Decision<InsuredState<Inner>>, "state" | "events"> => {
    const factor = Math.max(lowest, ρ * state.factor);
    const { step } = observed;
    // The losses of now are the new measure, or the best ones where its weights come back.
    const { floor, best } = state.watch;
    const watch = freshWatch(floor, restore ? best : observed.loss);
    return {
      state: { ...state, watch, factor, acts: state.acts + 1 },
      events: [actEvent(step, sign, factor, restore ? (state.keptAt ?? step) : undefined)],
    };
  };

  return {
    kind: `insured(${inner.kind ?? "custom"})`,
    identity: identityOf("insured", inOrder({ ...options, restore, factor: ρ }), inner),
    needs: inner.needs ?? [],
    extend: (state, step, totalSteps) => ({
      ...state,
      inner: extendState(inner, state.inner, step, totalSteps),
    }),
    init(context) {
      const { totalSteps } = context;
      return {
        inner: inner.init(context),
        watch: startWatch(context),
        factor: 1,
        acts: 0,
        keptAt: null,
        recovery: options.recovery ?? Math.max(100, (totalSteps ?? 2000) / 2),
        patience: options.patience ?? Math.max(150, Math.ceil((totalSteps ?? 0) / 10)),
      };
    },
    wants: (state, step) => inner.wants?.(state.inner, step) ?? [],
    restores: canRestore,
    next(before, observed) {
      if (!areFinite(observed) && canRestore(before))
        return { learningRate: 0, action: "restore", ...act(before, observed, "loss not finite") };
      const loss = quantity(observed, "loss");
      const { watch, sign, good } = watchLoss(before.watch, loss, before.patience);
      const watched = { ...before, watch };
      if (sign && restore) return { learningRate: 0, action: "restore", ...act(watched, observed, sign) };

      const acted = sign ? act(watched, observed, sign) : undefined;
      const recovered = Math.min(1, before.factor * Math.exp(2 ** (1 - before.acts) / before.recovery));
      const state = acted?.state ?? { ...watched, factor: recovered };
      const decision = inner.next(before.inner, observed);
      const keep = restore && isTimeToKeep(before.keptAt, good, observed.step);
      const events = [...(acted?.events ?? []), ...(decision.events ?? [])];
      return {
        ...decision,
        learningRate: state.factor * decision.learningRate,
        state: { ...state, inner: decision.state, ...(keep && { keptAt: observed.step }) },
        ...(keep && { action: "keep" as const }),
        ...(events.length > 0 && { events }),
      };
    },
  };
}
