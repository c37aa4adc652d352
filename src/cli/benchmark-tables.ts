import { type BenchmarkResult, type BenchmarkSummary, best, type Versus } from "../benchmark/index.ts";
import { formatAccuracy, formatPercent, formatRate, textTable } from "../report/index.ts";

const missing = "–";

const titles = ["", "schedule", "rate", "last accuracy", "best", "diverged", "to best tuned", ""];

/** A table for each task, and what it comes to for each learned schedule. */
export function benchmarkText(result: BenchmarkResult): string {
  const { tasks, overall, seeds } = result;
  return [
    `Accuracy on test data, mean ± standard error over ${seeds} seed${seeds > 1 ? "s" : ""}. The best baselines are those that did best on the test data:`,
    "chosen with hindsight, which flatters them.",
    ...tasks.flatMap((task) => ["", taskTable(task, result)]),
    ...(overall.length > 0 ? ["", ...overallLines(result)] : []),
  ].join("\n");
}

function taskTable({ task, steps }: BenchmarkResult["tasks"][number], result: BenchmarkResult): string {
  const rows = result.summary.filter((row) => row.task === task);
  const bestOf = (kind: BenchmarkSummary["participant"]): BenchmarkSummary[] => {
    const found = best(rows.filter(({ participant }) => participant === kind));
    return found ? [found] : [];
  };
  const verdictOf = (schedule: string) =>
    result.verdicts.find((verdict) => verdict.task === task && verdict.schedule === schedule);
  const cells = (label: string, row: BenchmarkSummary): string[] => {
    const versus = verdictOf(row.schedule)?.versusBestTuned;
    return [
      label,
      row.schedule,
      formatRate(row.baseRate),
      formatAccuracy(row.mean, row.standardError),
      formatPercent(row.bestMean),
      row.diverged > 0 ? `${row.diverged} of ${row.runs}` : missing,
      versus ? points(versus.difference.mean) : missing,
      versus ? wordsOf(versus) : "",
    ];
  };
  return [
    `${task}, ${steps.toLocaleString("en-US")} steps`,
    textTable({
      columns: titles.map((title, index) => ({ title, align: index > 1 && index < 7 ? "right" : "left" })),
      rows: [
        ...bestOf("tuned").map((row) => cells("best tuned", row)),
        ...bestOf("untuned").map((row) => cells("best untuned", row)),
        ...rows
          .filter(({ participant }) => participant === "candidate")
          .map((row) => cells(row.learned ? "learned" : "by hand", row)),
      ],
    }),
  ].join("\n");
}

function wordsOf({ difference, atLeastAsGood }: Versus): string {
  if (difference.outcome === "tie") return `level (${atLeastAsGood ? "above" : "below"}, within the noise)`;
  return difference.outcome === "win" ? "wins" : "loses";
}

function overallLines({ overall, verdicts }: BenchmarkResult): string[] {
  return overall.flatMap((row) => {
    const own = verdicts.filter(({ schedule }) => schedule === row.schedule);
    const untuned = own.flatMap(({ versusUntuned }) => versusUntuned ?? []);
    const worseThan = untuned.filter(({ beatenBy }) => beatenBy.length > 0).length;
    const gap = row.meanNormalisedGap === null ? missing : row.meanNormalisedGap.toFixed(3);
    return [
      `${row.schedule} beside the best tuned baseline of each of ${row.tasks} tasks:`,
      `  at least as good on ${formatPercent(row.atLeastAsGood, 0)}, or within the noise on ${formatPercent(row.withinNoise, 0)}`,
      `  ${points(row.meanDifference)} in the mean, ${points(row.worst.difference)} at the worst (${row.worst.task})`,
      `  ${gap} of the way down to guessing; ${row.divergedRuns} diverged runs`,
      ...(untuned.length > 0
        ? [`  some untuned baseline is better on ${worseThan} of ${untuned.length} tasks`]
        : []),
    ];
  });
}

/** `-0.012` as `-1.2 points`. */
function points(difference: number): string {
  const figure = (100 * difference).toFixed(1);
  return `${difference > 0 ? "+" : ""}${figure === "-0.0" ? "0.0" : figure} points`;
}
