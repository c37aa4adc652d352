import { advantage, type Measure, marginOf, measured, type Score } from "./score.ts";
import { meanAndError } from "./statistics.ts";
import { studentQuantile } from "./student-t.ts";

/**
 * What seeds say of one schedule beside another: it is better; or not, but not worse either by more than does not matter;
 * or behind it; or the seeds cannot say.
 */
export type Outcome = "better" | "not-worse" | "behind" | "inconclusive";

/** The best word first. */
export const outcomes: readonly Outcome[] = ["better", "not-worse", "inconclusive", "behind"];

/** One schedule less another, seed by seed, in the unit of what judges; above 0 ours is better. */
export type PairedDifference = {
  /** Mean of the differences. */
  difference: number;
  /** 90 % t-interval around it; null for one seed. */
  low: number | null;
  high: number | null;
  /** m, the difference that does not matter: see `marginOf`. */
  margin: number;
  /** Number of pairs. */
  seeds: number;
  /** Null for fewer than five seeds, which can show nothing. */
  verdict: Outcome | null;
};

/** Of the interval. */
const confidence = 0.9;

const fewestSeeds = 5;

/** Means of the same numbers in another order are equal. */
const rounding = 1e-12;

/**
 * How much better schedule `a` is than `b` at the last step, seed by seed: the same seed gives both the same initial
 * weights and batches, so that much of the noise drops out. Seeds that one of them alone has are left out.
 *
 * @returns undefined where they have no seed in common.
 */
export function pairedDifference(
  runs: readonly { schedule: string; seed: number; last: Score }[],
  a: string,
  b: string,
  measure: Measure,
): PairedDifference | undefined {
  const valuesOf = (schedule: string): Map<number, number> =>
    new Map(
      runs
        .filter((run) => run.schedule === schedule)
        .map(({ seed, last }) => [seed, measured(last, measure)]),
    );
  const [ours, theirs] = [valuesOf(a), valuesOf(b)];
  const seeds = [...ours.keys()].filter((seed) => theirs.has(seed));
  if (seeds.length === 0) return undefined;
  return differenceOf(
    seeds.map((seed) => ours.get(seed)!),
    seeds.map((seed) => theirs.get(seed)!),
    measure,
  );
}

/**
 * The difference of paired values and what it says.
 *
 *     better: low > 0,   else not-worse: low ≥ -m,   else behind: high < 0,   else inconclusive
 *
 * @param ours `ours[i]` belongs to `theirs[i]`; at least one.
 */
export function differenceOf(
  ours: readonly number[],
  theirs: readonly number[],
  measure: Measure,
): PairedDifference {
  const seeds = ours.length;
  const { mean, standardError } = meanAndError(
    ours.map((value, index) => advantage(value, theirs[index]!, measure)),
  );
  const margin = marginOf(measure, meanAndError(theirs).mean);
  const half =
    standardError === null ? null : standardError * studentQuantile((1 + confidence) / 2, seeds - 1);
  const [low, high] = half === null ? [null, null] : [mean - half, mean + half];
  const verdict = low === null || seeds < fewestSeeds ? null : outcomeOf(low, high, margin);
  return { difference: mean, low, high, margin, seeds, verdict };
}

/** @param low @param high of the interval. @param margin m. */
export function outcomeOf(low: number, high: number, margin: number): Outcome {
  if (low > rounding) return "better";
  if (low >= -margin - rounding) return "not-worse";
  return high < -rounding ? "behind" : "inconclusive";
}
