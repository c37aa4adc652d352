import * as Plot from "@observablehq/plot";
import { type Axis, reach, symlogTicks } from "./axis.ts";
import { placeEndLabels } from "./end-labels.ts";
import { logTicks } from "./log-ticks.ts";
import type { Series, SeriesPoint } from "./series.ts";

export type LineChartOptions = {
  title: string;
  /** Smaller, behind the title: unit, smoothing. */
  detail: string;
  series: readonly Series[];
  scale: Axis["scale"];
  format: (value: number) => string;
  /** Shorter than `format`, since ticks are round. */
  tickFormat: (value: number) => string;
  height: number;
  /** Which value of a reading stands first. */
  first: "greatest" | "least";
  /** Nothing above this is shown, so that a run that explodes leaves room for the others. */
  ceiling?: number | undefined;
  /** The label of each line at its end, where there is room. */
  endLabels?: boolean;
  /** A linear axis shows all points and these values, instead of leaving room for what follows the first climb. */
  includes?: readonly number[];
  /** What is counted along the axis; default: `step`. */
  unit?: string;
};

export type DrawnPlot = (SVGSVGElement | HTMLElement) & Plot.Plot;

/** A linear axis has room for what happens after this part of the steps; the first climb may begin below it. */
const climb = 0.12;

/** Draws the series that are shown, in `width` pixels. */
export function drawLines(shown: readonly Series[], options: LineChartOptions, width: number): DrawnPlot {
  const roomy = width >= 640;
  const labelled = options.endLabels === true && roomy;
  const bounds = domain(shown, options);
  const within = (points: readonly SeriesPoint[]) =>
    options.scale === "log" ? points.filter(({ low }) => low > 0) : [...points];
  const ticks = ticksOf(options.scale, bounds);
  const plot = Plot.plot({
    width,
    height: options.height,
    marginLeft: 46,
    marginRight: labelled ? 150 : 14,
    marginTop: 12,
    marginBottom: 30,
    className: "lines",
    x: { domain: [0, lastStep(options)], label: null },
    y: { type: options.scale, domain: bounds, constant: bounds[1] / reach, label: null },
    marks: [
      Plot.gridY({ ticks, strokeOpacity: 1, stroke: "var(--grid)" }),
      Plot.axisY({ ticks, tickSize: 0, tickFormat: options.tickFormat }),
      Plot.axisX({ ticks: roomy ? 8 : 4, tickSize: 4 }),
      ...shown.map(({ key, style, points }) =>
        Plot.areaY(within(points), {
          x: "step",
          y1: "low",
          y2: "high",
          fill: style.colour,
          clip: true,
          render: tagged(key, "band"),
        }),
      ),
      ...shown.map(({ key, style, points }) =>
        Plot.lineY(within(points), {
          x: "step",
          y: "mean",
          stroke: style.colour,
          strokeWidth: style.width,
          strokeLinejoin: "round",
          ...(style.dash ? { strokeDasharray: style.dash } : {}),
          clip: true,
          render: tagged(key, "line"),
        }),
      ),
      ...shown
        .filter(({ diverged }) => diverged)
        .map(({ key, style, points }) =>
          Plot.dot(within(points).slice(-1), {
            x: "step",
            y: (point: SeriesPoint) => Math.min(point.mean, bounds[1]),
            symbol: "times",
            r: 5,
            stroke: style.colour,
            strokeWidth: 2,
            render: tagged(key, "end"),
          }),
        ),
    ],
  }) as DrawnPlot;
  plot.setAttribute("aria-hidden", "true");
  if (labelled) placeEndLabels(plot, shown, width - 150);
  return plot;
}

/** Marks a layer with its series, for highlighting; Plot's own class would stand inside the clipped layer. */
function tagged(key: string, kind: "band" | "line" | "end"): Plot.RenderFunction {
  return (index, scales, values, dimensions, context, next) => {
    const layer = next!(index, scales, values, dimensions, context);
    if (layer) {
      layer.dataset.series = key;
      layer.classList.add(kind);
    }
    return layer;
  };
}

function domain(shown: readonly Series[], options: LineChartOptions): [number, number] {
  const { scale, ceiling = Number.POSITIVE_INFINITY, includes } = options;
  const points = shown.flatMap((series) => series.points);
  if (scale === "linear") {
    const late = points.filter(({ step }) => step >= climb * lastStep(options));
    const counted = late.length && !includes ? late : points;
    if (counted.length === 0) return [0, 1];
    const low = Math.min(...counted.map((each) => each.low), ...(includes ?? []));
    const high = Math.min(ceiling, Math.max(...counted.map((each) => each.high), ...(includes ?? [])));
    const padding = (high - low || 0.1) * 0.04;
    return [low - padding, high + padding];
  }
  const lows = points.map(({ low }) => low).filter((low) => low > 0);
  const greatest = Math.max(0, ...points.map((each) => each.high));
  if (scale === "symlog") return [0, 1.1 * Math.min(ceiling, greatest || 1)];
  if (lows.length === 0) return [0.1, 1];
  const high = Math.min(ceiling, greatest);
  return [Math.min(Math.max(Math.min(...lows), high / reach) * 0.9, high * 0.8), high * 1.1];
}

function ticksOf(scale: Axis["scale"], bounds: [number, number]): number | number[] {
  if (scale === "linear") return 5;
  return scale === "log" ? logTicks(...bounds) : symlogTicks(bounds[1]);
}

function lastStep({ series }: LineChartOptions): number {
  return Math.max(1, ...series.flatMap(({ points }) => points.at(-1)?.step ?? 0));
}
