import type { TaskOutcome } from "../tasks/task-runs.ts";
import { centredRanks } from "./rank-shaping.ts";

/**
 * Weight of the training's average in a run's value, beside its end. Short runs of small networks forgive a rate that is too
 * large until the last steps, longer ones of larger networks do not: the average asks for a rate at which the loss falls
 * all the way.
 */
export const defaultAverageShare = 0.3;
/** The value of a run that diverged. A guess at random has about 0, a good run -1 to -3. */
const divergedValue = 2;
/** A loss this part of L_0 is as good as none. */
const lossFloor = 0.02;
/** Added to the share of wrong predictions before the logarithm: about the noise of 500 examples. */
const errorFloor = 0.02;

/**
 * What a schedule made of a run, smaller is better: its end, and the way there.
 *
 *     v = 1/2 ln max(L_val / L_0, 0.02) + 1/2 ln(share wrong + 0.02) + averageShare · mean_t ln(L_t / L_0)
 *
 * without the second term (and the first whole) where no classes are predicted, of quadratics and regressions. At the end of training, on validation data
 * that the network never saw. A run that diverged has the value 2, which is much worse than any other.
 */
export function valuesOf(
  { losses, correct, progress, initialLoss, predicts }: TaskOutcome,
  averageShare: number = defaultAverageShare,
): number[] {
  return losses.map((loss, member) => {
    const logLoss = Math.log(Math.max(loss / initialLoss, lossFloor));
    const logError = Math.log(1 - correct[member]! + errorFloor);
    const end = predicts ? (Math.min(logLoss, 1) + logError) / 2 : Math.min(logLoss, 1);
    const value = end + averageShare * progress[member]!;
    return Number.isFinite(value) && Number.isFinite(loss) ? Math.min(value, divergedValue) : divergedValue;
  });
}

/**
 * How the values of a task's candidates weigh. `ranks`: their centred ranks, which do not care how bad the worst is;
 * `differences`: the values themselves around their median, each at most `clip` away, so that a run that is lost weighs more
 * than one that is a little worse.
 */
export type Shaping = "ranks" | "differences";

/** Weights of the candidates, around zero, larger is worse. @param clip of the differences, > 0. */
export function shape(values: readonly number[], shaping: Shaping, clip: number): number[] {
  if (shaping === "ranks") return centredRanks(values);
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  return values.map((value) => Math.max(-clip, Math.min(clip, value - median)));
}
