import { quantity, refuse } from "../checks.ts";
import { scheduleStep } from "../extend.ts";
import type { Observed } from "../schedule.ts";
import type { LossStatistics } from "./loss-statistics.ts";

/**
 * What an LSTM cell can read at step t, by name; every input is finite. `loss` and `loss-over-log-classes` are the
 * paper's, in nats; the others do not depend on the loss's scale and need `LossStatistics`. With
 *
 *     ρ_t = clip(ln L_t - ln L_0, -12, 6)                 L_0: the first loss of the run; ln L is ln max(L, 1e-30)
 *     A_t = 0.9 A_{t-1} + 0.1 exp(ρ_t),  A_{-1} = 1       mean loss, in units of L_0
 *     F_t = 0.9 F_{t-1} + 0.1 ρ_t,       F_{-1} = 0       fast mean of the log loss
 *     S_t = 0.99 S_{t-1} + 0.01 ρ_t,     S_{-1} = 0       slow one
 *     W_t = W_{t-1} + 5 / (t + 5) (F_t - W_{t-1})         mean of F over about the last fifth of the steps so far
 *     B_t = min(B_{t-1}, F_t),           B_{-1} = 0       best fast mean
 *     N_t = 0.9 N_{t-1} + 0.1 |ρ_t - F_{t-1}|, N_{-1} = 0 how far losses stray
 *
 * they are
 *
 *     loss                   L_t (images)                                          as the loss
 *     loss-over-log-classes  L_t / ln C, 1 for uniform predictions (language)        as the loss
 *     log-loss               ρ_t                                                   [-12, 6]
 *     average-loss           ln A_t                                                [-12, 6]
 *     trend                  clip(F_t - S_t, ±3), below 0 while the loss falls     [-3, 3]
 *     jump                   clip(ρ_t - ln A_{t-1}, ±3), this loss against the mean [-3, 3]
 *     long-trend             clip(4 (F_t - W_t), ±3), the trend in log time        [-3, 3]
 *     excess                 clip(4 (F_t - B_t), ±3), how far above the best       [0, 3]
 *     noise                  1 + ln(min(N_t, 20) + 0.001) / 3                      [-1.4, 2]
 *     progress               min(t / T, 1); where the end was moved, min(v_t / T, 1) [0, 1]
 *     log-total-steps        clip(log10(T / 1000), ±3)                             [-3, 3]
 *     log-step               clip(log10((t + 1) / 1000), ±3)                       [-3, 3]
 *     headroom               3; read by files of an earlier release                 [3, 3]
 *     log-rate               clip(u_{t-1}, ±20) / 4                                [-5, 5]
 *     last-output            p_{t-1}, 0 at step 0                                  [-1, 1]
 *     gradient-norm          clip(ln ‖g_t‖ - ln ‖g_0‖, ±6), ln as for L            [-6, 6]
 *     gradient-cosine        <g_t, d_{t-1}> / (‖g_t‖ ‖d_{t-1}‖), 0 where undefined [-1, 1]
 *
 * u_t is ln(α_t/start) in the integrating
 * form and ln max(p_t, 1e-30) in the sigmoid form, u_{-1} = 0. `progress` and `log-total-steps` need the horizon T; a
 * schedule without them can be stopped at any time.
 */
export type InputName =
  | "loss"
  | "loss-over-log-classes"
  | "log-loss"
  | "average-loss"
  | "trend"
  | "jump"
  | "long-trend"
  | "excess"
  | "noise"
  | "progress"
  | "log-total-steps"
  | "log-step"
  | "headroom"
  | "log-rate"
  | "last-output"
  | "gradient-norm"
  | "gradient-cosine";

type Reading = {
  observed: Observed;
  classes: number;
  logLoss: number;
  before: LossStatistics;
  after: LossStatistics;
};

const readers: Record<InputName, (reading: Reading) => number> = {
  loss: ({ observed }) => observed.loss,
  "loss-over-log-classes": ({ observed, classes }) => observed.loss / Math.log(classes),
  "log-loss": ({ logLoss }) => logLoss,
  "average-loss": ({ after }) => Math.log(after.average),
  trend: ({ after }) => clip(after.fast - after.slow, 3),
  jump: ({ logLoss, before }) => clip(logLoss - Math.log(before.average), 3),
  "long-trend": ({ after }) => clip(4 * (after.fast - after.long), 3),
  excess: ({ after }) => clip(4 * (after.fast - after.best), 3),
  noise: ({ after }) => 1 + Math.log(Math.min(after.noise, 20) + 1e-3) / 3,
  progress: ({ before }) => Math.min(progressOf(before)!, 1),
  "log-total-steps": ({ before }) => logSteps(before.totalSteps!),
  "log-step": ({ after }) => logSteps(after.step),
  headroom: () => 3, // what it was before the schedule first backed off, which is the guard's now
  "log-rate": ({ before }) => clip(before.logRate, 20) / 4,
  "last-output": ({ before }) => before.output,
  "gradient-norm": ({ observed, after }) =>
    clip(safeLog(quantity(observed, "gradientNorm")) - after.logInitialGradientNorm!, 6),
  "gradient-cosine": ({ observed, before }) => {
    const norms = quantity(observed, "gradientNorm") * (before.directionNorm ?? 0);
    const product = quantity(observed, "gradientDotPreviousDirection");
    return norms > 0 ? clip(product / norms, 1) : 0;
  },
};

export const inputNames: readonly InputName[] = Object.keys(readers) as InputName[];

const byLogarithm: readonly InputName[] = [
  "log-loss",
  "average-loss",
  "trend",
  "jump",
  "long-trend",
  "excess",
  "noise",
];

/** Whether these inputs are computed from T, so that the horizon must be known. */
export function readsHorizon(names: readonly InputName[]): boolean {
  return names.some((name) => name === "progress" || name === "log-total-steps");
}

/** Whether these inputs read losses by their logarithm, so that no loss may be below 0. */
export function readsLogarithm(names: readonly InputName[]): boolean {
  return names.some((name) => byLogarithm.includes(name));
}

/**
 * Whether a loss can be read by its logarithm. A loss of 0 can, once there is one to compare it with.
 *
 * @throws {MlrSnetError} `INVALID_ARGUMENT` for a first loss that cannot, with what to do instead.
 */
export function isReadable({ logInitialLoss }: LossStatistics, { loss, step }: Observed): boolean {
  if (loss > 0 || (loss === 0 && logInitialLoss !== null)) return true;
  if (loss === 0 || logInitialLoss !== null || step > 0) return false;
  return refuse(
    "the first loss of the run to be above 0",
    `${loss}, which has no logarithm. Give it the loss plus a constant, which changes no gradient, or use one that does not read the loss, such as linear`,
  );
}

/** What the training loop must observe for these inputs beyond the loss. */
export function observedFor(names: readonly InputName[]): (keyof Observed)[] {
  if (names.includes("gradient-cosine"))
    return ["gradientNorm", "directionNorm", "gradientDotPreviousDirection"];
  return names.includes("gradient-norm") ? ["gradientNorm"] : [];
}

/**
 * x_t, and the statistics with this step's observations; `logRate` and `output` in them are still those of the step
 * before, for the caller to set once the network has answered.
 *
 * @param history of the steps before; left as it is.
 * @param classes C; read by `loss-over-log-classes` alone.
 * @returns `inputs`: what the first LSTM layer reads, [inputs], in the order of `names`.
 * @throws {MlrSnetError} `MISSING_OBSERVATION`, `NOT_FINITE` for a gradient quantity. The loss is the caller's to check.
 */
export function readInputs(
  names: readonly InputName[],
  history: LossStatistics,
  observed: Observed,
  classes: number = Number.NaN,
): { inputs: number[]; history: LossStatistics } {
  const initial = history.logInitialLoss ?? safeLog(observed.loss);
  const logLoss = clip(safeLog(observed.loss) - initial, 6, -12);
  const fast = 0.9 * history.fast + 0.1 * logLoss;
  const after: LossStatistics = {
    ...history,
    step: history.step + 1,
    logInitialLoss: initial,
    average: 0.9 * history.average + 0.1 * Math.exp(logLoss),
    fast,
    slow: 0.99 * history.slow + 0.01 * logLoss,
    long: history.long + (5 / (history.step + 5)) * (fast - history.long),
    best: Math.min(history.best, fast),
    noise: 0.9 * history.noise + 0.1 * Math.abs(logLoss - history.fast),
  };
  if (names.includes("gradient-norm"))
    after.logInitialGradientNorm ??= safeLog(quantity(observed, "gradientNorm"));
  if (names.includes("gradient-cosine")) after.directionNorm = quantity(observed, "directionNorm");
  const reading = { observed, classes, logLoss, before: history, after };
  return { inputs: names.map((name) => readers[name](reading)), history: after };
}

/** t/T, or v_t/T where the end of the run was moved (`scheduleStep`); null where T is not known. */
export function progressOf(history: Pick<LossStatistics, "step" | "totalSteps" | "extended">): number | null {
  return history.totalSteps && scheduleStep(history, history.step) / history.totalSteps;
}

export function clip(x: number, most: number, least: number = -most): number {
  return Math.max(least, Math.min(most, x));
}

function logSteps(steps: number): number {
  return clip(Math.log10(steps / 1000), 3);
}

/** ln max(x, 1e-30): finite at 0, and 1e-30 is a normal number in float32 too. */
export function safeLog(x: number): number {
  return Math.log(Math.max(x, 1e-30));
}
