import { checkChoice, checkNumber, needed } from "./checks.ts";
import { identityAround } from "./checksum.ts";
import { halfCosine } from "./cosine.ts";
import { extendState, refuseEnded } from "./extend.ts";
import type { Schedule } from "./schedule.ts";
import { checkSpan, inOrder, needsOf, type Span, stepsOf } from "./span.ts";

/** D as steps, epochs or a fraction of the run, and the shape of the fall. */
export type AnnealToZeroOptions = Span & {
  /** s(x), from 1 at x = 0 to 0 at x = 1: `1 - x`, `(1 + cos πx)/2` or `1 - √x`; default linear. */
  shape?: "linear" | "cosine" | "sqrt";
};

/** The inner schedule's state, the length of the fall in steps, and the run's. */
export type AnnealToZeroState<Inner> = { inner: Inner; decay: number; totalSteps: number };

const SHAPES = {
  linear: (x: number): number => 1 - x,
  cosine: (x: number): number => halfCosine(x, 0),
  sqrt: (x: number): number => 1 - Math.sqrt(x),
};

/**
 * A fall to zero behind any schedule, learned or hand-made.
 *
 *     α_t = β_t                            for t < T - D
 *     α_t = β_t · s((t - (T - D)) / D)     for T - D ≤ t < T,   0 from T on
 *
 * β is the inner schedule, which keeps running through the fall; T is the total steps, D ≤ T the length of the fall.
 * The factor is 1 at step T - D and would reach 0 at T. D = 0: the inner schedule, and 0 from T on.
 *
 * If the end of the run is moved, a fall that has not begun keeps its length if it was given in steps or epochs, and begins at
 * once where the run is not that long any more; one that has begun goes on from where it is.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range, if the context lacks `totalSteps`, or if the
 *   fall is longer than the run.
 * @see arXiv:2405.18392 for the shapes.
 * @example
 * const schedule = annealToZero(constant({ baseRate: 1 }), { fraction: 0.2 });
 * const state = schedule.init({ totalSteps: 50 });
 * schedule.next(state, { step: 40, loss: 1 }).learningRate; // 1
 * schedule.next(state, { step: 45, loss: 1 }).learningRate; // 0.5
 */
export function annealToZero<Inner>(
  inner: Schedule<Inner>,
  options: AnnealToZeroOptions,
): Schedule<AnnealToZeroState<Inner>> {
  checkSpan("annealToZero", options, { shape: true });
  const form = checkChoice("shape", options.shape ?? "linear", ["linear", "cosine", "sqrt"]);
  const shape = SHAPES[form];
  return {
    kind: `anneal-to-zero(${inner.kind ?? "custom"})`,
    identity: identityAround("anneal-to-zero", inOrder({ ...options, shape: form }), inner),
    needs: [...new Set(["totalSteps" as const, ...needsOf(options), ...(inner.needs ?? [])])],
    init(context) {
      const totalSteps = needed(context, "totalSteps");
      const rule = `at least the ${stepsOf(options, context)} steps of its fall to zero`;
      const decay = stepsOf(options, context);
      checkNumber("totalSteps", totalSteps, rule, (steps) => steps >= decay);
      return { inner: inner.init(context), decay, totalSteps };
    },
    extend(state, step, totalSteps) {
      const { decay, totalSteps: end } = state;
      if (step >= end) refuseEnded(end, step);
      const moves = "fraction" in options || step > end - decay;
      return {
        inner: extendState(inner, state.inner, step, totalSteps),
        decay: moves ? (decay * (totalSteps - step)) / (end - step) : Math.min(decay, totalSteps - step),
        totalSteps,
      };
    },
    wants: (state, step) => inner.wants?.(state.inner, step) ?? [],
    tolerates: (state) => inner.tolerates?.(state.inner) ?? false,
    next(state, observed) {
      const { decay, totalSteps } = state;
      const decision = inner.next(state.inner, observed);
      const into = observed.step - (totalSteps - decay);
      const factor = observed.step >= totalSteps ? 0 : into < 0 ? 1 : shape(into / decay);
      return {
        ...decision,
        learningRate: factor * decision.learningRate,
        state: { ...state, inner: decision.state },
      };
    },
  };
}
