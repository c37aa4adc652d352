import type { BenchmarkRun, BenchmarkSummary, BenchmarkUnit } from "./benchmark-unit.ts";
import type { Paired } from "./compare.ts";
import { comparatorOf } from "./compare-run.ts";
import { type Outcome, pairedDifference } from "./paired-difference.ts";
import { advantage } from "./score.ts";
import { meanAndError } from "./statistics.ts";

/** A candidate beside another schedule on one task. */
export type BenchmarkPaired = { task: string } & Paired;

/** What candidates are measured against on one task; null where there is no such schedule. */
export type BenchmarkComparator = {
  task: string;
  /** Chosen on validation data: see `comparatorOf`. */
  comparator: string | null;
  /** With the best mean on test data: chosen with hindsight, which flatters it. */
  bestTuned: string | null;
  bestUntuned: string | null;
};

/** What the differences of several tasks come to, best word first. */
export type Tally = {
  tasks: number;
  better: number;
  notWorse: number;
  inconclusive: number;
  behind: number;
  /** Of fewer than five seeds. */
  withoutVerdict: number;
  /** Over the tasks, in margins: half a point of accuracy, or 2 % of perplexity or loss, is 1. */
  median: number;
  mean: number;
  worst: { task: string; difference: number };
};

/** One candidate over all tasks: beside the comparators, and beside those that hindsight chooses. */
export type BenchmarkOverall = {
  schedule: string;
  divergedRuns: number;
  runs: number;
  /** Acts of its guard in all runs: going back and cutting; and steps left out. */
  acts: number;
  skips: number;
} & Tally & { hindsight: Tally | null; untuned: (Tally & { higherMeans: number }) | null };

/** Means of the same accuracies in another order are equal. */
const rounding = 1e-12;

const tasksOf = (units: readonly BenchmarkUnit[]): string[] => [
  ...new Set(units.map(({ summary }) => summary.task)),
];

const rowsOf = (units: readonly BenchmarkUnit[], task: string): BenchmarkSummary[] =>
  units.flatMap(({ summary }) => (summary.task === task ? [summary] : []));

/** Task by task in the order of the units. */
export function comparatorsOf(units: readonly BenchmarkUnit[]): BenchmarkComparator[] {
  return tasksOf(units).map((task) => {
    const rows = rowsOf(units, task);
    const bestOf = (kind: BenchmarkSummary["participant"]): string | null =>
      best(rows.filter(({ participant }) => participant === kind))?.schedule ?? null;
    return {
      task,
      comparator: comparatorOf(rows)?.schedule ?? null,
      bestTuned: bestOf("tuned"),
      bestUntuned: bestOf("untuned"),
    };
  });
}

/** Every candidate beside every other schedule of its task, as far as they have seeds in common. */
export function pairsOf(units: readonly BenchmarkUnit[]): BenchmarkPaired[] {
  return tasksOf(units).flatMap((task) => {
    const rows = rowsOf(units, task);
    const runs: BenchmarkRun[] = units.flatMap((unit) => (unit.summary.task === task ? unit.runs : []));
    const candidates = rows.filter(({ participant }) => participant === "candidate");
    return candidates.flatMap(({ schedule, judgedBy }) =>
      rows
        .filter((row) => row.schedule !== schedule)
        .flatMap(({ schedule: against }) => {
          const difference = pairedDifference(runs, schedule, against, judgedBy);
          return difference ? [{ task, schedule, against, ...difference }] : [];
        }),
    );
  });
}

/** The row of the best mean, the first of equals. */
export function best(rows: readonly BenchmarkSummary[]): BenchmarkSummary | undefined {
  return rows.length === 0
    ? undefined
    : rows.reduce((a, b) => (advantage(b.mean, a.mean, b.judgedBy) > 0 ? b : a));
}

/** One row for each candidate that stands beside a comparator somewhere. */
export function overallOf(
  units: readonly BenchmarkUnit[],
  comparators: readonly BenchmarkComparator[],
  paired: readonly BenchmarkPaired[],
): BenchmarkOverall[] {
  const rows = units.map(({ summary }) => summary);
  const candidates = rows.filter(({ participant }) => participant === "candidate");
  return [...new Set(candidates.map(({ schedule }) => schedule))].flatMap((schedule) => {
    const own = rows.filter((row) => row.schedule === schedule);
    const besides = (role: "comparator" | "bestTuned" | "bestUntuned"): BenchmarkPaired[] =>
      comparators.flatMap(({ task, [role]: against }) =>
        paired.filter((pair) => pair.task === task && pair.schedule === schedule && pair.against === against),
      );
    const [tally, hindsight, untuned] = [
      tallyOf(besides("comparator")),
      tallyOf(besides("bestTuned")),
      tallyOf(besides("bestUntuned")),
    ];
    if (!tally) return [];
    const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
    return [
      {
        schedule,
        divergedRuns: sum(own.map(({ diverged }) => diverged)),
        runs: sum(own.map((row) => row.runs)),
        acts: sum(own.map(({ acts }) => acts.rollback + acts.cut)),
        skips: sum(own.map(({ acts }) => acts.skip)),
        ...tally,
        hindsight,
        untuned: untuned && {
          ...untuned,
          higherMeans: own.filter((row) => isBeaten(row, rows)).length,
        },
      },
    ];
  });
}

/** Whether some schedule at its usual rate has a better mean on the row's task. */
function isBeaten({ task, mean, judgedBy }: BenchmarkSummary, rows: readonly BenchmarkSummary[]): boolean {
  return rows.some(
    (row) =>
      row.task === task && row.participant === "untuned" && advantage(row.mean, mean, judgedBy) > rounding,
  );
}

/** @returns null for no differences. */
export function tallyOf(paired: readonly BenchmarkPaired[]): Tally | null {
  if (paired.length === 0) return null;
  const count = (outcome: Outcome | null): number =>
    paired.filter(({ verdict }) => verdict === outcome).length;
  const differences = paired.map(({ task, difference, margin }) => ({
    task,
    difference: difference / margin,
  }));
  const sorted = differences.toSorted((a, b) => a.difference - b.difference);
  const middle = sorted.length >> 1;
  return {
    tasks: paired.length,
    better: count("better"),
    notWorse: count("not-worse"),
    inconclusive: count("inconclusive"),
    behind: count("behind"),
    withoutVerdict: count(null),
    median:
      sorted.length % 2 === 1
        ? sorted[middle]!.difference
        : (sorted[middle - 1]!.difference + sorted[middle]!.difference) / 2,
    mean: meanAndError(differences.map(({ difference }) => difference)).mean,
    worst: sorted[0]!,
  };
}
