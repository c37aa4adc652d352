import { clip, safeLog } from "./inputs.ts";

/**
 * The integrating form: the network turns the rate up or down instead of setting it. It needs no γ.
 *
 *     p_t = tanh z_t,   u_t = clip(u_{t-1} + δ p_t, ln(floor/start), ln(ceiling/start)),   α_t = start · exp(u_t)
 *
 * so α_t = α_{t-1} · exp(δ tanh z_t) between floor and ceiling, from α_{-1} = start, u_{-1} = 0. A small start makes
 * warm-up and back-off natural: the loss can answer before the rate is large.
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
};

/** How the readout z becomes a rate. `sigmoid`: p = σ(z), α = γ·p, as the paper. */
export type OutputForm = "sigmoid" | IntegratingOutput;

/** What the description of a cell may say, for the error that refuses another. */
export const outputRule =
  '"sigmoid" or integrating, 0 < step <= 2, 1e-12 <= floor <= start <= ceiling <= 1000';

export function isOutput(value: unknown): boolean {
  if (value === "sigmoid") return true;
  const { form, step, start, floor, ceiling, ...rest } = Object(value) as IntegratingOutput;
  return (
    form === "integrating" &&
    Object.keys(rest).length === 0 &&
    [step, start, floor, ceiling].every(Number.isFinite) &&
    step > 0 &&
    step <= 2 &&
    floor >= 1e-12 &&
    floor <= start &&
    start <= ceiling &&
    ceiling <= 1000
  );
}

/**
 * α_t from p_t.
 *
 * @param gamma γ; the integrating form does not read it.
 * @param logRate u_{t-1}; the sigmoid form does not read it.
 * @returns `logRate`: u_t, for the sigmoid form ln max(p, 1e-30); `slope`: dα/dp, 0 where floor or ceiling holds.
 */
export function rateOf(
  output: OutputForm,
  p: number,
  gamma: number,
  logRate: number,
): { learningRate: number; logRate: number; slope: number } {
  if (output === "sigmoid") return { learningRate: gamma * p, logRate: safeLog(p), slope: gamma };
  const { step, start, floor, ceiling } = output;
  const free = logRate + step * p;
  const held = clip(free, Math.log(ceiling / start), Math.log(floor / start));
  const learningRate = start * Math.exp(held);
  return { learningRate, logRate: held, slope: held === free ? learningRate * step : 0 };
}
