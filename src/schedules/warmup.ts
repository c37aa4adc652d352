import { checkFraction } from "./checks.ts";
import type { Schedule } from "./schedule.ts";
import { checkSpan, type Span, stepsOf } from "./span.ts";

/** W as steps, epochs or a fraction of the run, and where the rise starts. */
export type WarmupOptions = Span & {
  /** ψ in [0, 1]: the first rate as a fraction of the inner schedule's first; default 1/(W + 1), so that no step is lost at rate 0. */
  startFraction?: number;
};

/** The inner schedule's state, and the warm-up in steps. */
export type WarmupState<Inner> = { inner: Inner; warmup: number };

/**
 * A linear warm-up in front of any schedule, learned or hand-made.
 *
 *     α_t = (ψ + (1 - ψ) · t/W) · β_0    for t < W
 *     α_t = β_{t-W}                      for t ≥ W
 *
 * β is the inner schedule, which starts after the warm-up: its step 0 is step W of the run, and the `totalSteps` it
 * is told are the run's less W, so that it still ends where the run ends. During the warm-up its step 0 is asked
 * again at every step, with the loss of that step, and forgotten; its memory starts at step W. W = 0: the inner schedule.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, if the run's context lacks what the
 *   warm-up is counted in, or if the warm-up leaves no step for the inner schedule.
 * @see arXiv:1706.02677, section 2.2.
 * @example
 * const schedule = warmup(linear({ baseRate: 1 }), { steps: 3 });
 * const state = schedule.init({ totalSteps: 13 });
 * schedule.next(state, { step: 0, loss: 1 }).learningRate; // 0.25
 * schedule.next(state, { step: 3, loss: 1 }).learningRate; // 1, the first of the inner ten
 * schedule.next(state, { step: 8, loss: 1 }).learningRate; // 0.5
 */
export function warmup<Inner>(inner: Schedule<Inner>, options: WarmupOptions): Schedule<WarmupState<Inner>> {
  checkSpan("warmup", options, { startFraction: true });
  if (options.startFraction !== undefined) checkFraction("startFraction", options.startFraction);
  return {
    kind: `warmup(${inner.kind ?? "custom"})`,
    init(context) {
      const warmup = stepsOf(options, context);
      const { totalSteps } = context;
      if (totalSteps === undefined) return { inner: inner.init(context), warmup };
      return { inner: inner.init({ ...context, totalSteps: totalSteps - warmup }), warmup };
    },
    wants: (state, step) => inner.wants?.(state.inner, Math.max(0, step - state.warmup)) ?? [],
    tolerates: (state) => inner.tolerates?.(state.inner) ?? false,
    next(state, observed) {
      const { warmup } = state;
      const step = Math.max(0, observed.step - warmup);
      const decision = inner.next(state.inner, { ...observed, step });
      if (observed.step < warmup) {
        const start = options.startFraction ?? 1 / (warmup + 1);
        const rise = start + ((1 - start) * observed.step) / warmup;
        // State and events are dropped on purpose: the inner schedule's real step 0 is still to come.
        return { learningRate: rise * decision.learningRate, state };
      }
      const events = decision.events?.map((event) => ({ ...event, step: event.step + warmup }));
      return { ...decision, state: { inner: decision.state, warmup }, ...(events && { events }) };
    },
  };
}
