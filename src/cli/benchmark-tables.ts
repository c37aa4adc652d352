import type { BenchmarkResult, BenchmarkSummary, BenchmarkTask, Tally } from "../benchmark/index.ts";
import { textTable } from "../report/index.ts";
import { formatAccuracy, formatFigure, formatPercent, formatRate } from "../report/internal.ts";
import { amount, verdictWords } from "./difference-text.ts";

const missing = "–";

const titles = ["", "schedule", "rate", "last", "best", "diverged", "acts", "to the comparator", ""];

/** A table for each task, and what it comes to for each learned schedule. */
export function benchmarkText(result: BenchmarkResult): string {
  const { tasks, overall, seeds, untunedSeeds } = result;
  return [
    `Test data, mean ± standard error over ${seeds} seed${seeds > 1 ? "s" : ""} (untuned: ${untunedSeeds}): accuracy, of sequences the perplexity. The comparator`,
    "was chosen on validation data; the best baselines did best on the test data: chosen with hindsight, which flatters them.",
    ...tasks.flatMap((task) => ["", taskTable(task, result)]),
    ...overall.flatMap((row) => ["", ...overallLines(row)]),
  ].join("\n");
}

function taskTable({ task, steps, settings }: BenchmarkTask, result: BenchmarkResult): string {
  const rows = result.summary.filter((row) => row.task === task);
  const { comparator, bestTuned, bestUntuned } = result.comparators.find((row) => row.task === task)!;
  const named = (schedule: string | null): BenchmarkSummary[] =>
    rows.filter((row) => row.schedule === schedule);
  const cells = (label: string, row: BenchmarkSummary): string[] => {
    const pair = result.paired.find(
      (other) => other.task === task && other.schedule === row.schedule && other.against === comparator,
    );
    const acts = row.acts.rollback + row.acts.cut;
    return [
      label,
      row.schedule,
      formatRate(row.baseRate),
      figure(row, row.mean, row.standardError),
      figure(row, row.bestMean),
      row.diverged > 0 ? `${row.diverged} of ${row.runs}` : missing,
      acts > 0 ? String(acts) : missing,
      pair ? `${pair.difference < 0 ? "-" : "+"}${amount(pair.difference, row.judgedBy)}` : missing,
      pair ? verdictWords(pair.verdict) : "",
    ];
  };
  return [
    `${task}, ${steps.toLocaleString("en-US")} steps, ${settings.judgedBy}`,
    textTable({
      columns: titles.map((title, index) => ({ title, align: index > 1 && index < 8 ? "right" : "left" })),
      rows: [
        ...named(comparator).map((row) => cells("comparator", row)),
        ...(bestTuned === comparator ? [] : named(bestTuned).map((row) => cells("best tuned", row))),
        ...named(bestUntuned).map((row) => cells("best untuned", row)),
        ...rows
          .filter(({ participant }) => participant === "candidate")
          .map((row) => cells(row.learned ? "learned" : "by hand", row)),
      ],
    }),
  ].join("\n");
}

function figure({ judgedBy }: BenchmarkSummary, mean: number, error?: number | null): string {
  if (judgedBy === "accuracy") return error === undefined ? formatPercent(mean) : formatAccuracy(mean, error);
  return typeof error === "number" ? `${formatFigure(mean)} ± ${error.toPrecision(2)}` : formatFigure(mean);
}

function overallLines(row: BenchmarkResult["overall"][number]): string[] {
  const { hindsight, untuned } = row;
  return [
    `${row.schedule} on ${row.tasks} task${row.tasks > 1 ? "s" : ""}, in margins (half a point of accuracy, 2 % of perplexity or loss):`,
    `  beside the comparator     ${tallyText(row)}`,
    ...(hindsight ? [`  beside the best tuned     ${tallyText(hindsight)}`] : []),
    ...(untuned
      ? [
          `  beside the best untuned   ${tallyText(untuned)}`,
          `  some untuned schedule has a better mean on ${untuned.higherMeans} of ${untuned.tasks} tasks`,
        ]
      : []),
    `  ${row.divergedRuns} of ${row.runs} runs diverged; the guard acted ${row.acts} times and left out ${row.skips} steps`,
  ];
}

function tallyText(tally: Tally): string {
  const { better, notWorse, inconclusive, behind, withoutVerdict, median, mean, worst } = tally;
  const counts = [
    `${better} better, ${notWorse} not worse, ${inconclusive} inconclusive, ${behind} behind`,
    ...(withoutVerdict > 0 ? [`${withoutVerdict} without a verdict`] : []),
  ].join(", ");
  return `${counts}; median ${signed(median)}, mean ${signed(mean)}, worst ${signed(worst.difference)} (${worst.task})`;
}

/** `-1.2` and `+0.4`. */
function signed(value: number): string {
  const text = value.toFixed(1);
  return text === "-0.0" ? "0.0" : `${value > 0 ? "+" : ""}${text}`;
}
