import { MlrSnetError } from "../errors.ts";
import { checkFraction, needed, refuse, stepOfRun } from "./checks.ts";
import { identityAround } from "./checksum.ts";
import { extendState } from "./extend.ts";
import type { RunContext, Schedule } from "./schedule.ts";
import { checkSpan, inOrder, needsOf, type Span, stepsOf } from "./span.ts";

/** W as steps, epochs or a fraction of the run, and where the rise starts. */
export type WarmupOptions = Span & {
  /** ψ in [0, 1]: the first rate as a fraction of the inner schedule's first; default 1/(W + 1), so that no step is lost at rate 0. */
  startFraction?: number;
};

/** The inner schedule's state, the warm-up in steps, and the run's if it was told. */
export type WarmupState<Inner> = {
  inner: Inner;
  warmup: number;
  totalSteps?: number;
  /** Where the end of the run was moved in mid-rise: the rise goes on from there. */
  rise?: { step: number; fraction: number };
};

/**
 * A linear warm-up in front of any schedule, learned or hand-made.
 *
 *     α_t = (ψ + (1 - ψ) · t/W) · β_0    for t < W
 *     α_t = β_{t-W}                      for t ≥ W
 *
 * β is the inner schedule, which starts after the warm-up: its step 0 is step W of the run, and the `totalSteps` and
 * `epochs` it is told are the run's less W, so that it still ends where the run ends. What it says in events and errors is
 * counted in the run's steps. During the warm-up its step 0 is asked
 * again at every step, with the loss of that step, and forgotten; its memory starts at step W. W = 0: the inner schedule.
 *
 * If the end of the run is moved, a warm-up that is still under way keeps its length if it was given in steps or epochs.
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

  /** What the inner rate is multiplied by at a step of the warm-up. */
  const riseAt = ({ warmup, rise }: WarmupState<Inner>, step: number): number => {
    const { step: from, fraction } = rise ?? {
      step: 0,
      fraction: options.startFraction ?? 1 / (warmup + 1),
    };
    return fraction + ((1 - fraction) * (step - from)) / (warmup - from);
  };
  /** The end of the run moved to `totalSteps`, that of the warm-up to `warmup`. */
  const extendInner = (
    state: WarmupState<Inner>,
    step: number,
    totalSteps: number,
    warmup: number,
  ): WarmupState<Inner> => {
    const own = Math.max(0, step - warmup);
    // A run that now ends within its warm-up never asks the inner schedule for a step of its own.
    const extended =
      totalSteps > warmup ? extendState(inner, state.inner, own, totalSteps - warmup) : state.inner;
    return { ...state, inner: extended, warmup, ...(state.totalSteps !== undefined && { totalSteps }) };
  };
  return {
    kind: `warmup(${inner.kind ?? "custom"})`,
    identity: identityAround("warmup", inOrder(options), inner),
    needs: [...new Set([...needsOf(options), ...(inner.needs ?? [])])],
    init(context) {
      const warmup = stepsOf(options, context);
      const { totalSteps } = context;
      return {
        inner: initBehind(inner, warmup, context),
        warmup,
        ...(totalSteps !== undefined && { totalSteps }),
      };
    },
    extend(state, step, totalSteps) {
      if (totalSteps === state.totalSteps) return state;
      const rises = step < state.warmup;
      if (rises && "fraction" in options) {
        const { totalSteps: end = totalSteps } = state;
        const left = Math.round(((state.warmup - step) * (totalSteps - step)) / (end - step));
        const warmup = step + Math.max(1, Math.min(left, totalSteps - step - 1));
        const rise = { step, fraction: riseAt(state, step) };
        return { ...extendInner(state, step, totalSteps, warmup), rise };
      }
      if (rises && state.totalSteps !== undefined) checkShorter(state.warmup, totalSteps);
      return extendInner(state, step, totalSteps, state.warmup);
    },
    wants: (state, step) => inner.wants?.(state.inner, Math.max(0, step - state.warmup)) ?? [],
    tolerates: (state) => inner.tolerates?.(state.inner) ?? false,
    next(state, observed) {
      const { warmup } = state;
      const step = Math.max(0, observed.step - warmup);
      const stepsBefore = stepOfRun(observed) - step;
      const decision = inner.next(state.inner, { ...observed, step, stepsBefore });
      // State and events are dropped on purpose: the inner schedule's real step 0 is still to come.
      if (observed.step < warmup)
        return { learningRate: riseAt(state, observed.step) * decision.learningRate, state };
      const events = decision.events?.map((event) => ({ ...event, step: event.step + warmup }));
      return { ...decision, state: { ...state, inner: decision.state }, ...(events && { events }) };
    },
  };
}

/** The inner schedule at its step 0, told of the run behind the warm-up. */
function initBehind<Inner>(inner: Schedule<Inner>, warmup: number, context: RunContext): Inner {
  const { epochs, stepsPerEpoch } = context;
  const counted = epochs !== undefined && stepsPerEpoch !== undefined ? epochs * stepsPerEpoch : undefined;
  const total = context.totalSteps === undefined ? counted : needed(context, "totalSteps");
  if (warmup === 0 || total === undefined) return inner.init(context);
  checkShorter(warmup, total);
  const share = ((counted ?? total) - warmup) / (counted ?? total);
  const behind = {
    ...context,
    ...(context.totalSteps !== undefined && { totalSteps: total - warmup }),
    ...(epochs !== undefined && { epochs: Math.max(1, Math.round(epochs * share)) }),
  };
  try {
    return inner.init(behind);
  } catch (error) {
    inner.init(context); // throws too where the warm-up is not the reason
    if (!(error instanceof MlrSnetError)) throw error;
    const message = `${error.message} This is what a warm-up of ${warmup} steps leaves of the run.`;
    throw new MlrSnetError(error.code, message, { cause: error });
  }
}

/** @throws {MlrSnetError} `INVALID_ARGUMENT` where the warm-up leaves no step of the run. */
function checkShorter(warmup: number, totalSteps: number): void {
  if (warmup < totalSteps) return;
  refuse(
    "`totalSteps` to be more than the warm-up",
    `a warm-up of ${warmup} steps and a run of ${totalSteps}: shorten the warm-up, or train longer`,
  );
}
