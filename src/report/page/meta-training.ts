import { formatCount, formatLoss, formatPercent, formatRate, percentTick } from "../format.ts";
import type { MetaTrainingPoint, ReportData } from "../report-data.ts";
import { html, section } from "./dom.ts";
import { LineChart } from "./line-chart.ts";
import { type Series, smooth } from "./series.ts";
import type { LineStyle } from "./styles.ts";

const strong: LineStyle = { colour: "var(--learned-0)", dash: undefined, width: 2.25 };
const quiet: LineStyle = { colour: "var(--hand-0)", dash: "2 2.5", width: 1.75 };

/** How the schedule came about: loss and rate while it was trained, and when its snapshots were taken. */
export function metaTrainingSection({
  task,
  recipe,
  settings,
  records,
  snapshots,
}: ReportData["metaTraining"]): HTMLElement {
  const loss = series("loss", "training batch", strong, records, true);
  const ahead = series("lookAheadLoss", "meta batch after the look-ahead step", quiet, records, true);
  const accuracy = series("validationAccuracy", "validation accuracy", strong, records, false);
  const common = { height: 260, first: "greatest" as const, moments: snapshots };
  const charts = [
    new LineChart({
      ...common,
      title: "Loss",
      detail: ahead.points.length ? "dotted: meta batch, one step ahead" : "log scale, smoothed",
      series: [loss, ahead].filter(({ points }) => points.length > 0),
      scale: "log",
      format: formatLoss,
      tickFormat: formatRate,
    }),
    new LineChart({
      ...common,
      title: "Learning rate",
      detail: "log scale",
      series: [series("learningRate", "learning rate", strong, records, false)],
      scale: "log",
      format: formatRate,
      tickFormat: formatRate,
    }),
    accuracy.points.length > 1 &&
      new LineChart({
        ...common,
        title: "Validation accuracy",
        detail: "over steps",
        series: [accuracy],
        scale: "linear",
        format: formatPercent,
        tickFormat: percentTick,
      }),
  ].filter((chart) => chart !== false);
  for (const chart of charts)
    chart.onRead = (step) => {
      for (const each of charts) each.read(step, each === chart);
    };
  const rows = Object.entries(settings).map(([name, value]) =>
    html("div", {}, html("dt", {}, name), html("dd", {}, String(value))),
  );
  return section(
    "meta-training",
    "How it was learned",
    html("p", { class: "kicker" }, `${task} · ${recipe}`),
    html(
      "p",
      {},
      `While a network was trained on ${task} for ${formatCount((records.at(-1)?.step ?? -1) + 1)} steps, its schedule was trained along with it. The vertical lines are the snapshots that the transfer takes in turn.`,
    ),
    html("div", { class: charts.length > 2 ? "trio" : "pair" }, ...charts.map(({ element }) => element)),
    rows.length > 0 &&
      html("details", {}, html("summary", {}, "All settings"), html("dl", { class: "facts" }, ...rows)),
  );
}

function series(
  field: keyof MetaTrainingPoint,
  label: string,
  style: LineStyle,
  records: readonly MetaTrainingPoint[],
  smoothed: boolean,
): Series {
  const samples = records.flatMap((record) => {
    const value = record[field];
    return Number.isFinite(value) ? [{ step: record.step, value: value as number }] : [];
  });
  const points = smooth(samples, smoothed ? Math.ceil(samples.length / 80) : 0).map(({ step, value }) => ({
    step,
    mean: value,
    low: value,
    high: value,
  }));
  return { key: field, label, style, points, diverged: false };
}
