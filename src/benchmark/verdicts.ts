import type { BenchmarkRun, BenchmarkSummary, BenchmarkUnit } from "./benchmark-unit.ts";
import { type PairedDifference, pairedDifference } from "./paired-difference.ts";
import { meanAndError } from "./statistics.ts";

/** A learned schedule beside one that was made by hand, or beside another learned one. */
export type Versus = {
  /** The other one, with its mean test accuracy at the last step. */
  schedule: string;
  mean: number;
  /** Ours less the other's, seed by seed. */
  difference: PairedDifference;
  /** By the means alone, which noise may decide. */
  atLeastAsGood: boolean;
  /** The difference is no loss beyond the noise of the seeds. */
  withinNoise: boolean;
};

/** What one task says of one learned schedule. Accuracies are of test data at the last step, 0 to 1. */
export type BenchmarkVerdict = {
  task: string;
  schedule: string;
  /** Runs that diverged; they count as guessing. */
  diverged: number;
  mean: number;
  /**
   * Beside the tuned baseline that is best on the test data: chosen with hindsight, which flatters it. Null without any.
   * `normalisedGap` is how much of the way from the baseline down to guessing is lost: 0 level, 1 as bad as guessing,
   * below 0 better; null where the baseline itself does no better than guessing.
   */
  versusBestTuned: (Versus & { normalisedGap: number | null }) | null;
  /** Beside the untuned baseline that is best on the test data, and all those whose mean is higher than ours. */
  versusUntuned: (Versus & { beatenBy: string[] }) | null;
  versusLearned: Versus[];
};

/** One learned schedule over all tasks that have tuned baselines; differences are to the best tuned one. */
export type BenchmarkOverall = {
  schedule: string;
  tasks: number;
  divergedRuns: number;
  /** Shares of the tasks, 0 to 1: by the means alone, and with what is within the noise of the seeds. */
  atLeastAsGood: number;
  withinNoise: number;
  /** Accuracy, mean over the tasks. */
  meanDifference: number;
  worst: { task: string; difference: number };
  /** Mean over the tasks that have one. */
  meanNormalisedGap: number | null;
};

/** Means of the same accuracies in another order are equal. */
const rounding = 1e-12;

/** The verdicts on every learned schedule, task by task in the order of the units. */
export function verdictsOf(units: readonly BenchmarkUnit[]): BenchmarkVerdict[] {
  const tasks = [...new Set(units.map(({ summary }) => summary.task))];
  return tasks.flatMap((task) => {
    const here = units.filter(({ summary }) => summary.task === task);
    return here.filter(({ summary }) => summary.learned).map((unit) => verdictOn(unit, here));
  });
}

function verdictOn({ summary, guess }: BenchmarkUnit, units: readonly BenchmarkUnit[]): BenchmarkVerdict {
  const rows = units.map((unit) => unit.summary);
  const runs = units.flatMap((unit) => unit.runs);
  const bestOf = (kind: BenchmarkSummary["participant"]): BenchmarkSummary | undefined =>
    best(rows.filter(({ participant }) => participant === kind));
  const { task, schedule, diverged, mean } = summary;
  const tuned = bestOf("tuned");
  const untuned = bestOf("untuned");
  return {
    task,
    schedule,
    diverged,
    mean,
    versusBestTuned: tuned
      ? {
          ...versus(summary, tuned, runs),
          normalisedGap: tuned.mean > guess ? (tuned.mean - mean) / (tuned.mean - guess) : null,
        }
      : null,
    versusUntuned: untuned
      ? {
          ...versus(summary, untuned, runs),
          beatenBy: rows
            .filter((row) => row.participant === "untuned" && row.mean > mean + rounding)
            .toSorted((a, b) => b.mean - a.mean)
            .map((row) => row.schedule),
        }
      : null,
    versusLearned: rows
      .filter((row) => row.learned && row.schedule !== schedule)
      .map((row) => versus(summary, row, runs)),
  };
}

/** The row of the highest mean, the first of equals. */
export function best(rows: readonly BenchmarkSummary[]): BenchmarkSummary | undefined {
  return rows.length === 0 ? undefined : rows.reduce((a, b) => (b.mean > a.mean ? b : a));
}

function versus(ours: BenchmarkSummary, other: BenchmarkSummary, runs: readonly BenchmarkRun[]): Versus {
  const withCurves = runs.map((run) => ({ ...run, curve: [] }));
  const difference = pairedDifference(withCurves, ours.schedule, other.schedule, ours.judgedBy);
  return {
    schedule: other.schedule,
    mean: other.mean,
    difference,
    atLeastAsGood: ours.mean >= other.mean - rounding,
    withinNoise: difference.outcome !== "loss",
  };
}

/** One row for each learned schedule that has a verdict beside a tuned baseline. */
export function overallOf(verdicts: readonly BenchmarkVerdict[]): BenchmarkOverall[] {
  const schedules = [...new Set(verdicts.map(({ schedule }) => schedule))];
  return schedules.flatMap((schedule) => {
    const judged = verdicts.flatMap((verdict) =>
      verdict.schedule === schedule && verdict.versusBestTuned
        ? [{ ...verdict.versusBestTuned, task: verdict.task, diverged: verdict.diverged }]
        : [],
    );
    if (judged.length === 0) return [];
    const share = (isSo: (row: Versus) => boolean): number => judged.filter(isSo).length / judged.length;
    const gaps = judged.flatMap(({ normalisedGap }) => (normalisedGap === null ? [] : [normalisedGap]));
    const worst = judged.reduce((a, b) => (b.difference.mean < a.difference.mean ? b : a));
    return [
      {
        schedule,
        tasks: judged.length,
        divergedRuns: judged.reduce((sum, { diverged }) => sum + diverged, 0),
        atLeastAsGood: share((row) => row.atLeastAsGood),
        withinNoise: share((row) => row.withinNoise),
        meanDifference: meanAndError(judged.map(({ difference }) => difference.mean)).mean,
        worst: { task: worst.task, difference: worst.difference.mean },
        meanNormalisedGap: gaps.length > 0 ? meanAndError(gaps).mean : null,
      },
    ];
  });
}
