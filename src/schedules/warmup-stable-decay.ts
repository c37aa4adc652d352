import { type AnnealToZeroOptions, type AnnealToZeroState, annealToZero } from "./anneal-to-zero.ts";
import { checkOptionNames } from "./checks.ts";
import { constant } from "./constant.ts";
import type { Schedule } from "./schedule.ts";
import type { Span } from "./span.ts";
import { type WarmupState, warmup } from "./warmup.ts";

export type WarmupStableDecayOptions = {
  /** α_0 > 0: the rate of the stable part. */
  baseRate: number;
  /** W: the rise; default 1/20 of the run. */
  warmup?: Span;
  /** D: the fall; default the last 1/5 of the run. */
  decay?: Span;
  /** The fall's shape; default linear. */
  shape?: NonNullable<AnnealToZeroOptions["shape"]>;
};

export type WarmupStableDecayState = AnnealToZeroState<WarmupState<Record<string, never>>>;

/**
 * A rise, a plateau, a fall to zero: {@link warmup}, {@link constant} and {@link annealToZero} in one.
 *
 *     α_t = α_0 · (t + 1)/(W + 1)              for t < W
 *     α_t = α_0                                for W ≤ t < T - D
 *     α_t = α_0 · s((t - (T - D)) / D)         for T - D ≤ t < T,   0 from T on
 *
 * T is the total steps; s is `1 - x`, `(1 + cos πx)/2` or `1 - √x`. Where rise and fall overlap they multiply.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` if an option is outside its range or the context lacks `totalSteps`.
 * @see arXiv:2404.06395 and arXiv:2405.18392 (a fall over 20 % of the run).
 * @example
 * const schedule = warmupStableDecay({ baseRate: 1, warmup: { steps: 4 } });
 * const state = schedule.init({ totalSteps: 100 });
 * schedule.next(state, { step: 0, loss: 1 }).learningRate; // 0.2
 * schedule.next(state, { step: 90, loss: 1 }).learningRate; // 0.5
 */
export function warmupStableDecay(options: WarmupStableDecayOptions): Schedule<WarmupStableDecayState> {
  checkOptionNames("`warmupStableDecay`", options, {
    baseRate: true,
    warmup: true,
    decay: true,
    shape: true,
  });
  const rising = warmup(constant({ baseRate: options.baseRate }), options.warmup ?? { fraction: 1 / 20 });
  const fall = { ...(options.decay ?? { fraction: 1 / 5 }), shape: options.shape ?? "linear" };
  const schedule = annealToZero(rising, fall);
  return { ...schedule, kind: "wsd", identity: `wsd: ${schedule.identity}` };
}
