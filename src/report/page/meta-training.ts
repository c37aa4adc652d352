import { formatLoss, formatPercent, percentTick } from "../format.ts";
import type { MetaTrainingPoint, ReportData } from "../report-data.ts";
import { html, section } from "./dom.ts";
import { LineChart } from "./line-chart.ts";
import { type Series, smooth } from "./series.ts";
import type { LineStyle } from "./styles.ts";

const strong: LineStyle = { colour: "var(--learned-2)", dash: undefined, width: 2.5 };
const quiet: LineStyle = { colour: "var(--ink-faint)", dash: undefined, width: 1 };

/** How the live schedule came about: what its generations were worth, and how many of their runs diverged. */
export function metaTrainingSection({
  title,
  note,
  settings,
  records,
}: ReportData["metaTraining"]): HTMLElement {
  const half = Math.max(1, Math.round(records.length / 8));
  const common = { height: 260, first: "greatest" as const, scale: "linear" as const, unit: "generation" };
  const charts = [
    new LineChart({
      ...common,
      title: "Value",
      detail: "where trainings end, smaller is better",
      series: seriesOf("value", records, half),
      includes: [],
      format: formatLoss,
      tickFormat: (value) => String(Number(value.toFixed(2))),
    }),
    new LineChart({
      ...common,
      title: "Diverged",
      detail: "share of the candidates’ trainings",
      series: seriesOf("diverged", records, half),
      includes: [0, 0.04],
      format: formatPercent,
      tickFormat: percentTick,
    }),
  ];
  for (const chart of charts)
    chart.onRead = (step) => {
      for (const each of charts) each.read(step, each === chart);
    };
  const rows = Object.entries(settings).map(([name, value]) =>
    html("div", {}, html("dt", {}, name), html("dd", {}, String(value))),
  );
  return section(
    "meta-training",
    "How the live one was learned",
    html("p", { class: "kicker" }, title),
    html("p", {}, note),
    html("div", { class: "pair" }, ...charts.map(({ element }) => element)),
    records.length > 0 &&
      html(
        "p",
        { class: "small" },
        `Thin: each generation. Strong: the mean of ${2 * half + 1}. Every generation draws other tasks, easy and hard ones, so one alone says little. The value is the mean of ½ ln(loss at the end / loss at the start) and ½ ln(share of wrong predictions), on validation data, and a little of the way there.`,
      ),
    rows.length > 0 &&
      html("details", {}, html("summary", {}, "All settings"), html("dl", { class: "facts" }, ...rows)),
  );
}

/** Every generation, and the mean over `half` to each side where there are as many. */
function seriesOf(
  field: "value" | "diverged",
  records: readonly MetaTrainingPoint[],
  half: number,
): Series[] {
  const samples = records.flatMap(({ step, [field]: value }) => (value === null ? [] : [{ step, value }]));
  const series = (key: string, label: string, style: LineStyle, reach: number): Series => ({
    key,
    label,
    style,
    points: smooth(samples, reach)
      .slice(reach, samples.length - reach)
      .map(({ step, value }) => ({ step, mean: value, low: value, high: value })),
    diverged: false,
  });
  return [
    series("each", "this generation", quiet, 0),
    series("mean", `mean of ${2 * half + 1}`, strong, half),
  ];
}
