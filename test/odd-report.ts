import type { ReportComparison, ReportData } from "../src/report/index.ts";
import { sampleReport } from "./report-sample.ts";

/** Comparisons that a report must be able to show: losses of any sign and of 0, rates of 0, curves and runs that are missing. */
export function oddReport(): ReportData {
  const sample = sampleReport();
  const [first] = sample.comparisons as [ReportComparison];
  const withLoss = (title: string, loss: (loss: number) => number): ReportComparison => ({
    ...first,
    title,
    runs: first.runs.map((run) => ({
      ...run,
      curve: run.curve.map((point) => ({ ...point, loss: point.loss === null ? null : loss(point.loss) })),
    })),
  });
  return {
    ...sample,
    metaTraining: { ...sample.metaTraining, records: [] },
    response: { ...sample.response, curves: [] },
    comparisons: [
      withLoss("Losses below 0", (loss) => loss - 2),
      withLoss("All losses below 0", (loss) => loss - 200),
      withLoss("Losses of 0", (loss) => Math.max(0, loss - 0.5)),
      {
        ...first,
        title: "Rates of 0",
        runs: first.runs.map((run) => ({
          ...run,
          curve: run.curve.map((point) => ({ ...point, learningRate: 0 })),
        })),
      },
      { ...first, title: "Empty curves", runs: first.runs.map((run) => ({ ...run, curve: [] })) },
      {
        ...first,
        title: "Everything diverged",
        runs: first.runs.map((run) => ({
          ...run,
          status: "diverged",
          last: { loss: null, accuracy: null },
          best: { loss: null, accuracy: null },
          curve: run.curve.slice(0, 1),
        })),
        summary: first.summary.map((row) => ({
          ...row,
          mean: 0.1,
          standardError: 0,
          lastLossMean: null,
          bestMean: null,
          diverged: 3,
        })),
      },
      { ...first, title: "No runs", runs: [], summary: [] },
    ],
  };
}
