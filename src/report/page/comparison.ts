import { formatCount, formatFigure, formatLoss, formatPercent, formatRate, percentTick } from "../format.ts";
import { judgedBy } from "../measured.ts";
import type { ReportComparison } from "../report-data.ts";
import { html, section } from "./dom.ts";
import type { LineChartOptions } from "./draw-lines.ts";
import { highlight } from "./highlight.ts";
import { legend } from "./legend.ts";
import { LineChart } from "./line-chart.ts";
import { resultsTable } from "./results-table.ts";
import { type Series, seriesOf } from "./series.ts";
import type { LineStyle } from "./styles.ts";

/** One task: its table, and three charts that share legend, highlight and the step that is read. */
export function comparisonSection(
  comparison: ReportComparison,
  id: string,
  styles: ReadonlyMap<string, LineStyle>,
): HTMLElement {
  const charts = chartsOf(comparison, styles);
  const series = comparison.summary.map(({ schedule, label }) => ({
    key: schedule,
    label,
    style: styles.get(schedule)!,
  }));
  let current: string | null = null;
  const show = (key: string | null) => {
    current = key;
    highlight(root, key);
  };
  for (const chart of charts) {
    chart.onDraw = () => highlight(root, current);
    chart.onRead = (step) => {
      for (const each of charts) each.read(step, each === chart);
    };
  }
  const drawAll = (hidden: ReadonlySet<string>) => {
    for (const chart of charts) chart.draw(hidden);
  };
  const [first, ...others] = charts.map(({ element }) => element);
  const seeds = new Set(comparison.runs.map(({ seed }) => seed)).size;
  const root = section(
    id,
    comparison.title,
    html(
      "p",
      { class: "kicker" },
      `${comparison.task} · ${formatCount(comparison.steps)} steps · ${seedsInWords(seeds)}`,
    ),
    html("p", {}, comparison.note),
    resultsTable(comparison, styles, show),
    html("p", { class: "small" }, readingHelp(comparison, seeds)),
    legend(series, drawAll, show),
    first,
    html("div", { class: "pair" }, ...others),
  );
  return root;
}

const seedsInWords = (count: number): string => (count === 1 ? "1 seed" : `${count} seeds`);

function readingHelp({ summary }: ReportComparison, seeds: number): string {
  const measure = judgedBy(summary);
  const guessing = measure === "loss" ? "the best constant prediction" : "guessing";
  const spread =
    seeds > 1
      ? `Mean ± standard error over ${seeds} seeds; lines are means, bands reach from the lowest to the highest seed.`
      : "One seed: differences of a point or two may be chance.";
  const ended = summary.some(({ diverged }) => diverged > 0)
    ? ` A run that diverged counts as ${guessing}; a line ends with × where the first of its seeds did.`
    : "";
  const what = measure === "loss" ? "Loss" : `${measure === "accuracy" ? "Accuracy" : "Perplexity"} and loss`;
  return `${what} on test data. ${spread}${ended} “Last” is after the last update, “best” the best evaluation of each run, which flatters every schedule. Tuning runs were spent on choosing the base rate.`;
}

function chartsOf(comparison: ReportComparison, styles: ReadonlyMap<string, LineStyle>): LineChart[] {
  const points = Math.max(...comparison.runs.map(({ curve }) => curve.length));
  const half = Math.round(points / 80);
  const span = Math.max(1, Math.round(((2 * half + 1) * comparison.steps) / points));
  const losses = seriesOf(comparison, "loss", styles, half);
  return [
    new LineChart(testChart(comparison, styles)),
    new LineChart({
      title: "Training loss",
      detail: span > 1 ? `log scale, mean of ${span} steps` : "log scale",
      series: losses,
      scale: "log",
      format: formatLoss,
      tickFormat: formatRate,
      height: 280,
      first: "least",
      ceiling: 3 * firstLoss(losses),
    }),
    new LineChart({
      title: "Learning rate",
      detail: "log scale",
      series: seriesOf(comparison, "learningRate", styles),
      scale: "log",
      format: formatRate,
      tickFormat: formatRate,
      height: 280,
      first: "greatest",
    }),
  ];
}

/** Accuracies where the schedules are judged by them; else losses, which perplexities grow with. */
function testChart(comparison: ReportComparison, styles: ReadonlyMap<string, LineStyle>): LineChartOptions {
  const shared = { height: 380, endLabels: true };
  if (judgedBy(comparison.summary) === "accuracy")
    return {
      ...shared,
      title: "Test accuracy",
      detail: "over steps",
      series: seriesOf(comparison, "testAccuracy", styles),
      scale: "linear",
      format: formatPercent,
      tickFormat: percentTick,
      first: "greatest",
    };
  const series = seriesOf(comparison, "testLoss", styles);
  return {
    ...shared,
    title: "Test loss",
    detail: "over steps, log scale",
    series,
    scale: "log",
    format: formatFigure,
    tickFormat: formatRate,
    first: "least",
    ceiling: 3 * firstLoss(series),
  };
}

const firstLoss = (series: readonly Series[]): number =>
  Math.max(...series.flatMap(({ points }) => points[0]?.mean ?? 0)) || 1;
