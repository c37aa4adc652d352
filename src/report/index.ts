export type {
  CurvePoint,
  Figures,
  Measure,
  MetaTrainingPoint,
  Outcome,
  Reading,
  ReportComparison,
  ReportData,
  ReportRun,
  SummaryRow,
  Verdict,
} from "./report-data.ts";
export { markdownTable, summaryTable, type Table, textTable } from "./text-table.ts";
export { type WriteReportOptions, writeReport } from "./write-report.ts";
