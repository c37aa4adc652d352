import { formatLoss, formatRate, missing } from "../format.ts";
import { judgedBy, measuredBy, ranked } from "../measured.ts";
import type { Reading, ReportComparison, ReportRun, SummaryRow } from "../report-data.ts";
import { html, svg } from "./dom.ts";
import { watch } from "./highlight.ts";
import { type LineStyle, swatch } from "./styles.ts";

type Column = {
  title: string;
  value: (row: SummaryRow) => Reading | string;
  text: (row: SummaryRow, comparison: ReportComparison) => string;
  descending?: boolean;
};

/** What the schedules are judged by: at the last step, and at the best. */
function judgedColumns(summary: readonly SummaryRow[]): [Column, Column] {
  const { title, isLargerBetter: descending, format, formatMean } = measuredBy(summary);
  return [
    {
      title,
      value: ({ mean }) => mean,
      text: ({ mean, standardError }) => formatMean(mean, standardError),
      descending,
    },
    {
      title: "best",
      value: ({ bestMean }) => bestMean,
      text: ({ bestMean }) => format(bestMean),
      descending,
    },
  ];
}

const loss: Column = {
  title: "last loss",
  value: ({ lastLossMean }) => lastLossMean,
  text: ({ lastLossMean }) => formatLoss(lastLossMean),
};

const choice: Column[] = [
  { title: "base rate", value: ({ baseRate }) => baseRate, text: ({ baseRate }) => formatRate(baseRate) },
  {
    title: "tuning runs",
    value: ({ tuningRuns }) => tuningRuns,
    text: ({ tuningRuns }) => String(tuningRuns),
  },
];

const divergences: Column = {
  title: "diverged",
  value: ({ diverged }) => diverged,
  text: ({ schedule, diverged }, { runs }) =>
    diverged ? `${diverged} of ${runs.filter((run) => run.schedule === schedule).length}` : missing,
};

/** The summary of a comparison; a click on a title sorts by that column. */
export function resultsTable(
  comparison: ReportComparison,
  styles: ReadonlyMap<string, LineStyle>,
  onHighlight: (key: string | null) => void,
): HTMLElement {
  const { summary, title } = comparison;
  const [last, best] = judgedColumns(summary);
  const shown = [
    last,
    best,
    ...(judgedBy(summary) === "loss" ? [] : [loss]),
    ...choice,
    ...(summary.some(({ diverged }) => diverged > 0) ? [divergences] : []),
  ];
  const position = strip(comparison);
  const body = html("tbody");
  const heads = shown.map((column) => {
    const button = html("button", { type: "button", click: () => sortBy(column) }, column.title);
    return html("th", { scope: "col", class: "number" }, button);
  });

  function sortBy(column: Column): void {
    const current = heads[shown.indexOf(column)]!;
    const before = current.getAttribute("aria-sort");
    const descending = before ? before === "ascending" : column.descending === true;
    for (const head of heads) head.removeAttribute("aria-sort");
    current.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const rows = ranked(summary).sort((a, b) => compare(column.value(a), column.value(b), descending));
    body.replaceChildren(...rows.map(rowOf));
  }

  function rowOf(row: SummaryRow): HTMLElement {
    const style = styles.get(row.schedule)!;
    const cells = shown.map((column) => html("td", { class: "number" }, column.text(row, comparison)));
    const tag = row.learned && html("span", { class: "tag" }, "learned");
    const element = html(
      "tr",
      { class: row.learned ? "learned" : "", "data-series": row.schedule },
      html(
        "th",
        { scope: "row" },
        html(
          "span",
          { class: "name" },
          swatch(style),
          html("span", { class: "label" }, html("span", {}, row.label), tag),
        ),
      ),
      html("td", { class: "strip" }, position(row, style)),
      ...cells,
    );
    watch(element, row.schedule, onHighlight);
    return element;
  }

  sortBy(last);
  const top = html(
    "tr",
    {},
    html("th", { scope: "col" }, "schedule"),
    html("th", { class: "strip" }, "seeds"),
    ...heads,
  );
  return html(
    "div",
    { class: "table-frame", tabindex: 0, role: "region", "aria-label": `Results: ${title}` },
    html("table", { class: "results" }, html("thead", {}, top), body),
  );
}

/** Missing values stand last, whichever way. */
function compare(a: Reading | string, b: Reading | string, descending: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order = a < b ? -1 : a > b ? 1 : 0;
  return descending ? -order : order;
}

/** A small picture for each row on one common scale: a dot for the end of each seed, a bar for the mean. */
function strip({ runs, summary }: ReportComparison): (row: SummaryRow, style: LineStyle) => SVGElement {
  const [width, height] = [120, 14];
  const measure = judgedBy(summary);
  const endOf = ({ last }: ReportRun): Reading => last[measure] ?? null;
  const found = [...runs.map(endOf), ...summary.map(({ mean }) => mean)].filter((value) => value !== null);
  const [least, greatest] = [Math.min(...found), Math.max(...found)];
  const x = (value: number) => 5 + ((value - least) / (greatest - least || 1)) * (width - 10);
  return ({ schedule, mean }, { colour }) =>
    svg(
      "svg",
      { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" },
      svg("line", { x1: 0, x2: width, y1: 7, y2: 7, class: "strip-axis" }),
      ...runs
        .filter((run) => run.schedule === schedule && endOf(run) !== null)
        .map((run) => svg("circle", { cx: x(endOf(run)!), cy: 7, r: 3, fill: colour, "fill-opacity": 0.55 })),
      mean !== null && svg("rect", { x: x(mean) - 1, y: 1, width: 2, height: 12, fill: colour }),
    );
}
