import { sha256 } from "../files/internal.ts";
import { type HealthyPart, type HealthySequence, healthySequences } from "./healthy-sequences.ts";
import { type HealthyTraining, healthyTrainings } from "./healthy-trainings.ts";

/*
 * What a guard must leave alone, listed before the limits of any guard are set. `fit` may choose limits; `judge` chooses
 * nothing, and shares no data set, no seed and no number with it.
 */

export type HealthyManifest = {
  part: HealthyPart;
  /** Of all that follows: a recording belongs to one manifest. */
  hash: string;
  trainings: readonly HealthyTraining[];
  sequences: readonly HealthySequence[];
};

export function healthyManifest(part: HealthyPart): HealthyManifest {
  const [trainings, sequences] = [healthyTrainings(part), healthySequences(part)];
  const hash = sha256(JSON.stringify([trainings, sequences]));
  return { part, hash, trainings, sequences };
}

/** Equal parts of a run whose mean losses are compared. */
const windows = 10;
/** Of what a run has gained at its best, what it must have kept at its end. */
const kept = 0.5;
/** Standard errors of a difference that count as noise. */
const noise = 3;

/**
 * Why an unguarded training is no healthy one; undefined where it is. A guard has no part in it.
 *
 * It must have come to its end with finite losses, and kept at least half of what it had gained at its best. With means
 * M_i and standard errors s_i of the losses of ten equal parts, b the lowest:
 *
 *     M_10 ≤ M_b + (M_1 - M_b) / 2 + 3 sqrt(s_10² + s_b²)
 *
 * So a run that learns nothing is healthy, one that is lost and does not come back is not, and none ends above its start.
 * Sequences are healthy as `failures` has it: by what they are.
 */
export function whyUnhealthy(losses: ArrayLike<number>, steps: number): string | undefined {
  if (losses.length < steps) return `diverged after ${losses.length} of ${steps} steps`;
  const wrong = Array.from(losses).findIndex((loss) => !Number.isFinite(loss));
  if (wrong >= 0) return `loss not finite at step ${wrong}`;
  const parts = Array.from({ length: windows }, (_, index) => {
    const [start, end] = [index, index + 1].map((edge) => Math.round((edge * steps) / windows));
    return meanOf(Array.from(losses).slice(start, end));
  });
  const [first, last] = [parts[0]!, parts.at(-1)!];
  const best = parts.reduce((a, b) => (b.mean < a.mean ? b : a));
  const limit =
    best.mean + (1 - kept) * (first.mean - best.mean) + noise * Math.hypot(last.error, best.error);
  if (last.mean <= limit) return undefined;
  const shown = [first, best, last].map(({ mean }) => mean.toPrecision(3));
  return `begins with ${shown[0]}, comes to ${shown[1]} and ends with ${shown[2]}`;
}

function meanOf(losses: readonly number[]): { mean: number; error: number } {
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const squares = losses.reduce((sum, loss) => sum + (loss - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, losses.length - 1) / losses.length) };
}
