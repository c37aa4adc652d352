import { formatCount, formatFigure, formatLoss, formatPercent, formatRate, percentTick } from "../format.ts";
import { judgedBy } from "../measured.ts";
import type { ReportComparison } from "../report-data.ts";
import { lossAxis, lossCeiling, rateAxis } from "./axis.ts";
import { html, section } from "./dom.ts";
import type { LineChartOptions } from "./draw-lines.ts";
import { highlight } from "./highlight.ts";
import { legend } from "./legend.ts";
import { LineChart } from "./line-chart.ts";
import { resultsTable } from "./results-table.ts";
import { seriesOf } from "./series.ts";
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
      : seeds === 1
        ? "One seed: differences of a point or two may be chance."
        : "No run has ended.";
  const ended = summary.some(({ diverged }) => diverged > 0)
    ? ` A run that diverged counts as ${guessing}; a line ends with × where the first of its seeds did.`
    : "";
  const what = measure === "loss" ? "Loss" : `${measure === "accuracy" ? "Accuracy" : "Perplexity"} and loss`;
  return `${what} on test data. ${spread}${ended} “Last” is after the last update, “best” the best evaluation of each run, which flatters every schedule. Tuning runs were spent on choosing the base rate.`;
}

function chartsOf(comparison: ReportComparison, styles: ReadonlyMap<string, LineStyle>): LineChart[] {
  const half = Math.round(Math.max(0, ...comparison.runs.map(({ curve }) => curve.length)) / 80);
  const span = (2 * half + 1) * stepsPerPoint(comparison);
  const losses = seriesOf(comparison, "loss", styles, half);
  const rates = seriesOf(comparison, "learningRate", styles);
  const [lossScale, rateScale] = [lossAxis(losses), rateAxis(rates)];
  return [
    new LineChart(testChart(comparison, styles)),
    new LineChart({
      title: "Training loss",
      detail: span > 1 ? `${lossScale.words}, mean of ${span} steps` : lossScale.words,
      series: losses,
      scale: lossScale.scale,
      format: formatLoss,
      tickFormat: formatRate,
      height: 280,
      first: "least",
      ceiling: lossCeiling(losses),
    }),
    new LineChart({
      title: "Learning rate",
      detail: rateScale.words,
      series: rates,
      scale: rateScale.scale,
      format: formatRate,
      tickFormat: formatRate,
      height: 280,
      first: "greatest",
    }),
  ];
}

/** Points of long curves stand for several steps each. */
function stepsPerPoint({ runs }: ReportComparison): number {
  const [first, second] = runs.find(({ curve }) => curve.length > 1)?.curve ?? [];
  return first && second ? second.step - first.step : 1;
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
  const { scale, words } = lossAxis(series);
  return {
    ...shared,
    title: "Test loss",
    detail: `over steps, ${words}`,
    series,
    scale,
    format: formatFigure,
    tickFormat: formatRate,
    first: "least",
    ceiling: lossCeiling(series),
  };
}
