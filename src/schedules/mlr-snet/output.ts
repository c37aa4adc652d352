import { clip, progressOf, safeLog } from "./inputs.ts";
import type { LossStatistics } from "./loss-statistics.ts";

/**
 * The integrating form: the network turns the rate up or down instead of setting it. It needs no γ.
 *
 *     p_t = tanh z_t,   u_t = clip(u_{t-1} + δ_t p_t^k, ln(floor/start), ln(ceiling/start)),   α_t = start · exp(u_t) · a_t
 *
 * from u_{-1} = 0, with δ_t = δ, or δ·settle / (S + t), S = max(settle, T/8), k = 1 or 3, and a_t = 1, or (1 - t/T)^anneal. Without these
 * α_t = α_{t-1} · exp(δ tanh z_t) between floor and ceiling. A small start makes warm-up and back-off natural: the loss
 * can answer before the rate is large. A step that settles moves the rate by as much in each doubling of the time,
 * so that a long run does not drift; the third power makes rest the easiest thing to do: a readout a little off zero, summed
 * over a long run, would carry the rate away; the annealing takes the end of a run of known length from the network.
 */
export type IntegratingOutput = {
  form: "integrating";
  /** δ, 0 < δ ≤ 2: a step changes the rate by a factor between exp(-δ) and exp(δ). */
  step: number;
  /** α_{-1}, the rate before the first step: from floor to ceiling. */
  start: number;
  /** Least rate, ≥ 1e-12. */
  floor: number;
  /** Greatest rate, ≤ 1000. */
  ceiling: number;
  /** Steps ≥ 1 after which δ_t is half of δ; absent: δ_t stays δ. */
  settle?: number;
  /** k: 3, so that a small output leaves the rate as it is; absent: 1. */
  power?: 3;
  /**
   * Start, floor and ceiling, and so all rates, are in units of the optimizer's usual rate, times ∛(1000/max(T, 20)) where T
   * is known: the longer a run, the lower the rates that suit it. Absent: they are rates.
   */
  relative?: true;
  /** Power in (0, 4] of the fall to zero at T, the horizon, which must be known then; absent: none. */
  anneal?: number;
  /** ρ in (0, 1), in files of an earlier release: what an act of the guard multiplies the rate by. */
  backOff?: number;
};

/** How the readout z becomes a rate. `sigmoid`: p = σ(z), α = γ·p, as the paper. */
export type OutputForm = "sigmoid" | IntegratingOutput;

/** What the description of a cell may say, for the error that refuses another. */
export const outputRule = '"sigmoid" or integrating, as in docs/mlr-snet.md';

export function isOutput(value: unknown): boolean {
  if (value === "sigmoid") return true;
  const {
    form,
    step,
    start,
    floor,
    ceiling,
    settle = 1,
    power = 3,
    relative = true,
    anneal = 1,
    backOff = 0.5,
    ...rest
  } = Object(value) as IntegratingOutput;
  return (
    form === "integrating" &&
    Object.keys(rest).length === 0 &&
    [step, start, floor, ceiling, settle, anneal, backOff].every(Number.isFinite) &&
    settle >= 1 &&
    power === 3 &&
    relative === true &&
    anneal > 0 &&
    anneal <= 4 &&
    backOff > 0 &&
    backOff < 1 &&
    step > 0 &&
    step <= 2 &&
    floor >= 1e-12 &&
    floor <= start &&
    start <= ceiling &&
    ceiling <= 1000
  );
}

/** Whether the output needs T. */
export function anneals(output: OutputForm): boolean {
  return output !== "sigmoid" && output.anneal !== undefined;
}

/** Whether the rates are in units of the usual one. */
export function isRelative(output: OutputForm): boolean {
  return output !== "sigmoid" && output.relative === true;
}

/** T from which on the rates of a relative form rise no more: no shorter run was learned from. */
export const shortestRun = 20;

/**
 * δ_t of the integrating form, and a_t, times ∛(1000/T) where it is relative and T is known.
 *
 * @param totalSteps T as the run was declared, also where its end was moved: its rates go on as those of such a run. null,
 *   where it is not known, counts as 0.
 * @param progress what stands in the place of t/T where the end was moved.
 */
export function scalesAt(
  { step: δ, settle, anneal, relative }: IntegratingOutput,
  step: number,
  totalSteps: number | null,
  progress: number = step / totalSteps!,
): { gain: number; scale: number } {
  return {
    gain: settle === undefined ? δ : (δ * settle) / (Math.max(settle, totalSteps! / 8) + step),
    scale:
      Math.max(0, 1 - progress) ** (anneal ?? 0) * // x ** 0 is 1, of NaN too
      Math.cbrt(relative && totalSteps ? 1000 / Math.max(totalSteps, shortestRun) : 1),
  };
}

/**
 * α_t from p_t.
 *
 * @param gamma γ; the integrating form does not read it.
 * @param history `logRate` is u_{t-1}, `step` t, `totalSteps` T, `unit` that of the rates; the sigmoid form does not read it.
 * @returns `logRate`: u_t, for the sigmoid form ln max(p, 1e-30); `slope`: dα/dp, 0 where floor or ceiling holds.
 */
export function rateOf(
  output: OutputForm,
  p: number,
  gamma: number,
  history: Pick<LossStatistics, "logRate" | "step" | "totalSteps" | "extended" | "unit">,
): { learningRate: number; logRate: number; slope: number } {
  if (output === "sigmoid") return { learningRate: gamma * p, logRate: safeLog(p), slope: gamma };
  const { start, floor, ceiling } = output;
  const { logRate, step, totalSteps, unit } = history;
  const { gain, scale } = scalesAt(output, step, totalSteps, progressOf(history) ?? undefined);
  const slope = output.power === undefined ? gain : gain * p * p;
  const free = logRate + slope * p;
  const held = clip(free, Math.log(ceiling / start), Math.log(floor / start));
  const learningRate = start * Math.exp(held) * scale * (unit ?? 0.1);
  return {
    learningRate,
    logRate: held,
    slope: held === free ? learningRate * slope * (output.power ?? 1) : 0,
  };
}
