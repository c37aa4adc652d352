import { svg } from "./dom.ts";
import type { DrawnPlot } from "./draw-lines.ts";
import type { Series } from "./series.ts";

const lineHeight = 15;

/** Writes each line's label at its end, moved apart where lines end close together. */
export function placeEndLabels(plot: DrawnPlot, shown: readonly Series[], x: number): void {
  const y = plot.scale("y")!;
  const [bottom, top] = y.range as [number, number];
  const labels = shown
    .filter(({ diverged }) => !diverged)
    .map((series) => ({ series, end: y.apply(series.points.at(-1)!.mean) as number }))
    .sort((a, b) => a.end - b.end);
  const places = apart(
    labels.map(({ end }) => end),
    top,
    bottom,
  );
  labels.forEach(({ series, end }, index) => {
    const place = places[index]!;
    plot.append(
      svg(
        "g",
        {
          class: "end-label",
          "text-anchor": "start",
          "font-weight": series.style.width > 2 ? 600 : 400,
          "data-series": series.key,
        },
        svg("path", {
          d: `M${x + 3},${end}L${x + 12},${place}`,
          stroke: series.style.colour,
          "stroke-opacity": 0.6,
          fill: "none",
        }),
        svg("text", { x: x + 16, y: place, dy: "0.32em", fill: series.style.colour }, series.label),
      ),
    );
  });
}

/**
 * Places at least `lineHeight` apart, in order, as near to `wanted` (ascending) as they can be: labels that would
 * overlap form a block, which stands around the mean of what its members want.
 */
export function apart(wanted: readonly number[], least: number, greatest: number): number[] {
  const blocks: Block[] = [];
  for (const place of wanted) {
    let block: Block = { top: place, count: 1 };
    for (let above = blocks.at(-1); above && overlap(above, block); above = blocks.at(-1)) {
      blocks.pop();
      block = joined(above, block);
    }
    blocks.push(block);
  }
  const places = blocks.flatMap(({ top, count }) =>
    Array.from({ length: count }, (_, index) => top + index * lineHeight),
  );
  const shift = Math.min(0, greatest - (places.at(-1) ?? 0));
  return places.map((place, index) => Math.max(place + shift, least + index * lineHeight));
}

type Block = { top: number; count: number };

const overlap = (above: Block, below: Block): boolean => above.top + above.count * lineHeight > below.top;

function joined(above: Block, below: Block): Block {
  const count = above.count + below.count;
  const top = (above.top * above.count + (below.top - above.count * lineHeight) * below.count) / count;
  return { top, count };
}
