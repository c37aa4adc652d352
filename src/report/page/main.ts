import type { ReportData } from "../report-data.ts";
import { comparisonSection } from "./comparison.ts";
import { html } from "./dom.ts";
import { footer } from "./footer.ts";
import { header } from "./header.ts";
import { learnedSection } from "./learned.ts";
import { metaTrainingSection } from "./meta-training.ts";
import { lineStyles } from "./styles.ts";
import { usageSection } from "./usage.ts";

const data = JSON.parse(document.getElementById("data")!.textContent) as ReportData | null;
const main = document.getElementById("report")!;

if (data) show(data);
else main.replaceChildren(html("p", {}, "This page has no data; `mlr-snet demo` writes one that has."));

function show(report: ReportData): void {
  document.title = report.title;
  const styles = lineStyles(report.comparisons);
  const sections = [
    ...report.comparisons.map((comparison, index) =>
      comparisonSection(comparison, `comparison-${index}`, styles),
    ),
    metaTrainingSection(report.metaTraining),
    learnedSection(report.response),
    usageSection(report.usage),
    footer(report.generated),
  ];
  const contents = sections.map((each) => ({ id: each.id, title: each.querySelector("h2")!.textContent }));
  main.replaceChildren(header(report, contents), ...sections);
}
