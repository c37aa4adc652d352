import { byStep, type Horizon, type Schedule } from "../schedules/index.ts";

/**
 * The control for a learned schedule: its levels as a plain staircase, without a network, a loss or a γ.
 *
 *     α_t = mean learned rate over the part of the run that t lies in,   parts of equal length
 *
 * Where it does as well as the learned schedule, the network's reading of the loss has added nothing.
 *
 * @param learningRates of a whole run that the learned schedule drove, one a step.
 * @param parts ≥ 1; default 3, as many as the paper's transfer has snapshots.
 * @see arXiv 2007.14546: the released transfer lets three snapshots take thirds of a run.
 */
export function levelsOf(learningRates: readonly number[], parts = 3): Schedule<Horizon> {
  const levels = Array.from({ length: parts }, (_, part) => {
    const start = Math.floor((part * learningRates.length) / parts);
    const end = Math.max(start + 1, Math.floor(((part + 1) * learningRates.length) / parts));
    const rates = learningRates.slice(start, end);
    return rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
  });
  return byStep({
    kind: "levels",
    settings: { levels },
    init: ({ totalSteps }) => ({ totalSteps: totalSteps ?? learningRates.length }),
    rateAt: (step, { totalSteps }) => levels[Math.min(parts - 1, Math.floor((step * parts) / totalSteps))]!,
  });
}
