import type { CompareRun } from "./compare.ts";
import { advantage, type Measure, measured } from "./score.ts";
import { meanAndError } from "./statistics.ts";

/** Mean of the differences seed by seed, and its standard error; null for one seed. */
export type PairedDifference = {
  mean: number;
  standardError: number | null;
  /** Beyond twice the standard error, or for one seed beyond 0.01, a point of accuracy: a win or a loss of `a`. */
  outcome: "win" | "tie" | "loss";
};

/**
 * How much better schedule `a` is than `b` at the last step by what judges, seed by seed: the same seed gives both the same
 * initial weights and batches, so that much of the noise drops out.
 */
export function pairedDifference(
  runs: readonly CompareRun[],
  a: string,
  b: string,
  measure: Measure,
): PairedDifference {
  const valuesOf = (schedule: string): Map<number, number> =>
    new Map(
      runs
        .filter((run) => run.schedule === schedule)
        .map(({ seed, last }) => [seed, measured(last, measure)]),
    );
  const others = valuesOf(b);
  const differences = [...valuesOf(a)].map(([seed, value]) => advantage(value, others.get(seed)!, measure));
  const { mean, standardError } = meanAndError(differences);
  const margin = standardError === null ? 0.01 : 2 * standardError;
  return { mean, standardError, outcome: mean > margin ? "win" : mean < -margin ? "loss" : "tie" };
}
