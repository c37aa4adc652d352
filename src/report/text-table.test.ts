import { describe, expect, it } from "vitest";
import type { SummaryRow } from "./report-data.ts";
import { markdownTable, summaryTable, textTable } from "./text-table.ts";

const rows: SummaryRow[] = [
  {
    schedule: "cosine",
    label: "cosine",
    learned: false,
    judgedBy: "accuracy",
    mean: 0.6812,
    standardError: 0.0041,
    lastLossMean: 1.1704,
    bestMean: 0.69,
    baseRate: 0.31622,
    tuningRuns: 7,
    diverged: 0,
  },
  {
    schedule: "mlr-snet",
    label: "MLR-SNet, γ measured",
    learned: true,
    judgedBy: "accuracy",
    mean: 0.7,
    standardError: null,
    lastLossMean: 0.98765,
    bestMean: 0.71,
    baseRate: null,
    tuningRuns: 0,
    diverged: 0,
  },
];
const diverged: SummaryRow = {
  ...rows[0]!,
  label: "L4",
  mean: null,
  standardError: null,
  lastLossMean: null,
  bestMean: null,
  diverged: 3,
};

describe("textTable", () => {
  it("aligns its columns, the best schedule first and a learned one marked.", () => {
    expect(textTable(summaryTable(rows))).toBe(
      [
        "schedule                 rate  last accuracy    best  last loss  tuning runs",
        "──────────────────────  ─────  ─────────────  ──────  ─────────  ───────────",
        "MLR-SNet, γ measured *      –         70.0 %  71.0 %      0.988            0",
        "cosine                  0.316   68.1 ± 0.4 %  69.0 %      1.170            7",
      ].join("\n"),
    );
  });

  it("has a column of divergences where a run diverged, and puts a schedule without a mean last.", () => {
    const lines = textTable(summaryTable([diverged, ...rows])).split("\n");
    expect(lines[0]).toMatch(/diverged$/);
    expect(lines.at(-1)).toMatch(/^L4 +0\.316 +– +– +– +7 +3$/);
  });

  it("gives every line the same width, and none a space at its end.", () => {
    const table = { columns: [{ title: "name", align: "left" as const }], rows: [["α"], ["longer name"]] };
    expect(textTable(table)).toBe("name\n───────────\nα\nlonger name");
  });
});

describe("markdownTable", () => {
  it("aligns numbers to the right and escapes the bars of cells.", () => {
    const columns = [
      { title: "task", align: "left" as const },
      { title: "runs", align: "right" as const },
    ];
    expect(markdownTable({ columns, rows: [["a|b", "3"]] })).toBe(
      "| task | runs |\n|---|---:|\n| a\\|b | 3 |",
    );
  });
});
