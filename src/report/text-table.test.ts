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

  it("has one column of losses where they are what judges, the smallest first, and none of accuracies.", () => {
    const judged = { judgedBy: "loss" as const, mean: 0.0123412, standardError: 0.00031, bestMean: 0.0121 };
    const lost = { ...rows[1]!, ...judged, mean: 0.97, standardError: null, diverged: 2 };
    expect(textTable(summaryTable([lost, { ...rows[0]!, ...judged }]))).toBe(
      [
        "schedule                 rate          last loss     best  tuning runs  diverged",
        "──────────────────────  ─────  ─────────────────  ───────  ───────────  ────────",
        "cosine                  0.316  0.01234 ± 0.00031  0.01210            7         –",
        "MLR-SNet, γ measured *      –             0.9700  0.01210            0         2",
      ].join("\n"),
    );
  });

  it("has perplexities beside the losses of sequences, the smallest first.", () => {
    const judged = { judgedBy: "perplexity" as const, bestMean: 6 };
    const table = summaryTable([
      { ...rows[0]!, ...judged, mean: 12.3, standardError: 0.25 },
      { ...rows[1]!, ...judged, mean: 7, standardError: null },
    ]);
    expect(table.columns[2]!.title).toBe("last perplexity");
    expect(table.rows.map((row) => row.slice(2, 5))).toEqual([
      ["7.000", "6.000", "0.988"],
      ["12.30 ± 0.25", "6.000", "1.170"],
    ]);
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
