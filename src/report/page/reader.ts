import { formatCount } from "../format.ts";
import { html, svg } from "./dom.ts";
import type { DrawnPlot, LineChartOptions } from "./draw-lines.ts";
import type { Series, SeriesPoint } from "./series.ts";
import { swatch } from "./styles.ts";

/** Reads the values of one step off a chart: a vertical line, a dot on each series and, beside it, the numbers. */
export class Reader {
  readonly #frame: HTMLElement;
  readonly #options: LineChartOptions;
  readonly #onRead: (step: number | null) => void;
  readonly #marks: SVGGElement = svg("g", { class: "reading-marks" });
  readonly #text: HTMLElement = html("div", { class: "reading", role: "status", hidden: true });
  #plot: DrawnPlot | undefined;
  #shown: readonly Series[] = [];
  #step: number | null = null;

  constructor(frame: HTMLElement, options: LineChartOptions, onRead: (step: number | null) => void) {
    this.#frame = frame;
    this.#options = options;
    this.#onRead = onRead;
    frame.addEventListener("pointermove", (event) => this.#readAt(event.clientX));
    frame.addEventListener("pointerleave", () => onRead(null));
    frame.addEventListener("blur", () => onRead(null));
    frame.addEventListener("keydown", (event) => this.#readNext(event));
  }

  /** Takes over a new drawing. */
  attach(plot: DrawnPlot, shown: readonly Series[]): void {
    this.#plot = plot;
    this.#shown = shown;
    plot.append(this.#marks);
    this.#frame.append(this.#text);
    this.show(null, false);
  }

  show(step: number | null, withText: boolean): void {
    this.#step = step;
    this.#text.hidden = step === null || !withText;
    this.#marks.replaceChildren();
    if (step === null || !this.#plot) return;
    const [x, y] = [this.#plot.scale("x")!, this.#plot.scale("y")!];
    const [bottom, top] = y.range as [number, number];
    const [lowest, highest] = y.domain as [number, number];
    const found = this.#shown.flatMap((series) => {
      const point = nearest(series, step);
      return point ? [{ series, point }] : [];
    });
    const at = x.apply(step) as number;
    this.#marks.replaceChildren(
      svg("line", { x1: at, x2: at, y1: top, y2: bottom }),
      ...found
        .filter(({ point }) => point.mean >= lowest && point.mean <= highest)
        .map(({ series, point }) =>
          svg("circle", {
            cx: x.apply(point.step) as number,
            cy: y.apply(point.mean) as number,
            r: 3,
            fill: series.style.colour,
            "data-series": series.key,
          }),
        ),
    );
    if (withText) this.#write(step, found, at);
  }

  #write(step: number, found: { series: Series; point: SeriesPoint }[], at: number): void {
    const { format, first, unit = "step" } = this.#options;
    const sign = first === "greatest" ? -1 : 1;
    const rows = found.toSorted((a, b) => sign * (a.point.mean - b.point.mean));
    this.#text.replaceChildren(
      html("div", { class: "reading-step" }, `${unit} ${formatCount(Math.round(step))}`),
      ...rows.map(({ series, point }) =>
        html(
          "div",
          { class: "reading-row", "data-series": series.key },
          swatch(series.style),
          html("span", {}, series.label),
          html("b", {}, format(point.mean)),
        ),
      ),
    );
    const width = this.#text.offsetWidth;
    const room = this.#frame.clientWidth;
    const left = at + 14 + width <= room ? at + 14 : at - 14 - width;
    this.#text.style.left = `${Math.max(0, Math.min(left, room - width))}px`;
  }

  #readAt(clientX: number): void {
    const x = this.#plot?.scale("x");
    if (!x?.invert) return;
    const [least, greatest] = x.domain as [number, number];
    const step = x.invert(clientX - this.#frame.getBoundingClientRect().left) as number;
    this.#onRead(this.#snap(Math.max(least, Math.min(greatest, step))));
  }

  #readNext(event: KeyboardEvent): void {
    const steps = this.#longest().map(({ step }) => step);
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -1e9, End: 1e9 }[event.key];
    if (event.key === "Escape") this.#onRead(null);
    if (by === undefined || steps.length === 0) return;
    event.preventDefault();
    const current = this.#step === null ? -1 : steps.indexOf(this.#snap(this.#step));
    this.#onRead(steps[Math.max(0, Math.min(steps.length - 1, current + by))]!);
  }

  /** The nearest step that has a point. */
  #snap(step: number): number {
    const distances = this.#longest().map((point) => Math.abs(point.step - step));
    return this.#longest()[distances.indexOf(Math.min(...distances))]?.step ?? step;
  }

  #longest(): readonly SeriesPoint[] {
    return this.#shown.reduce<readonly SeriesPoint[]>(
      (longest, { points }) => (points.length > longest.length ? points : longest),
      [],
    );
  }
}

/** The last point at or before a step; none where the series has ended long before it. */
function nearest({ points }: Series, step: number): SeriesPoint | undefined {
  const point = points.findLast((each) => each.step <= step) ?? points[0];
  const last = points.at(-1);
  const gap = points.length > 1 ? points[1]!.step - points[0]!.step : 0;
  return point && last && step <= last.step + gap ? point : undefined;
}
