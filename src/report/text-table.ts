import { formatLoss, formatRate, missing } from "./format.ts";
import { judgedBy, measuredBy, ranked } from "./measured.ts";
import type { SummaryRow } from "./report-data.ts";

/** A table of text, before it is laid out. Each row has a cell for each column. */
export type Table = {
  columns: readonly { title: string; align: "left" | "right" }[];
  rows: readonly (readonly string[])[];
};

/** The rows of a comparison, the best first; a learned schedule carries `*`. */
export function summaryTable(summary: readonly SummaryRow[]): Table {
  const diverged = summary.some((row) => row.diverged > 0);
  const measured = measuredBy(summary);
  const lossBeside = judgedBy(summary) !== "loss";
  return {
    columns: [
      { title: "schedule", align: "left" },
      { title: "rate", align: "right" },
      { title: measured.title, align: "right" },
      { title: "best", align: "right" },
      ...(lossBeside ? [{ title: "last loss", align: "right" as const }] : []),
      { title: "tuning runs", align: "right" },
      ...(diverged ? [{ title: "diverged", align: "right" as const }] : []),
    ],
    rows: ranked(summary).map((row) => [
      row.learned ? `${row.label} *` : row.label,
      formatRate(row.baseRate),
      measured.formatMean(row.mean, row.standardError),
      measured.format(row.bestMean),
      ...(lossBeside ? [formatLoss(row.lastLossMean)] : []),
      String(row.tuningRuns),
      ...(diverged ? [row.diverged ? String(row.diverged) : missing] : []),
    ]),
  };
}

/**
 * The table for a terminal: columns padded to their widest cell, two spaces apart, a rule below the titles.
 * No line ends in a space and the text has no final newline.
 */
export function textTable({ columns, rows }: Table): string {
  const widths = columns.map(({ title }, index) =>
    Math.max(width(title), ...rows.map((row) => width(row[index]!))),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => pad(cell, widths[index]!, columns[index]!.align))
      .join("  ")
      .trimEnd();
  const rule = widths.map((count) => "─".repeat(count)).join("  ");
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join("\n");
}

/** The table for a Markdown file; bars inside cells are escaped. No final newline. */
export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
  const rule = `|${columns.map(({ align }) => (align === "right" ? "---:" : "---")).join("|")}|`;
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join("\n");
}

/** Columns of a terminal, for the letters that occur here: one for each code point. */
const width = (text: string): number => [...text].length;

function pad(text: string, columns: number, align: "left" | "right"): string {
  const space = " ".repeat(columns - width(text));
  return align === "right" ? space + text : text + space;
}
