import type { ReportComparison } from "../report-data.ts";
import { svg } from "./dom.ts";

/** How a schedule looks in every chart: a colour for all eyes, and a dash pattern for those who see fewer. */
export type LineStyle = { colour: string; dash: string | undefined; width: number };

const handColours = 10;
const learnedColours = 3;
const dashes = [undefined, "7 3", "2 2.5", "9 3 2 3"] as const;

/** One style for each schedule of the report, in order of appearance; learned ones are strong and never dashed. */
export function lineStyles(comparisons: readonly ReportComparison[]): ReadonlyMap<string, LineStyle> {
  const styles = new Map<string, LineStyle>();
  let learned = 0;
  let byHand = 0;
  for (const row of comparisons.flatMap(({ summary }) => summary)) {
    if (styles.has(row.schedule)) continue;
    if (row.learned) {
      const colour = `var(--learned-${learned % learnedColours})`;
      styles.set(row.schedule, { colour, dash: undefined, width: 2.75 });
      learned++;
    } else {
      const colour = `var(--hand-${byHand % handColours})`;
      styles.set(row.schedule, { colour, dash: dashes[byHand % dashes.length], width: 1.5 });
      byHand++;
    }
  }
  return styles;
}

/** A short piece of the line, for legends and tables. */
export function swatch({ colour, dash, width }: LineStyle): SVGSVGElement {
  return svg(
    "svg",
    { class: "swatch", width: 26, height: 10, viewBox: "0 0 26 10", "aria-hidden": "true" },
    svg("line", {
      x1: 1,
      x2: 25,
      y1: 5,
      y2: 5,
      stroke: colour,
      "stroke-width": width + 0.5,
      "stroke-dasharray": dash,
    }),
  );
}
