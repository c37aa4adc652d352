import { html } from "./dom.ts";
import { drawLines, type LineChartOptions } from "./draw-lines.ts";
import { Reader } from "./reader.ts";

/**
 * Lines over steps or generations, with the range of the seeds as a band. A pointer, or the arrow keys, read the values of a step.
 * It is drawn again when its width or the hidden series change.
 */
export class LineChart {
  readonly element: HTMLElement;
  /** Told of the step that is being read, null when reading ends. */
  onRead: (step: number | null) => void = () => {};
  /** Told after each drawing. */
  onDraw: () => void = () => {};
  readonly #options: LineChartOptions;
  readonly #frame: HTMLElement;
  readonly #reader: Reader;
  #hidden: ReadonlySet<string> = new Set();
  #width = 0;

  constructor(options: LineChartOptions) {
    this.#options = options;
    this.#frame = html("div", {
      class: "plot",
      role: "group",
      "aria-roledescription": "line chart",
      tabindex: 0,
      "aria-label": describe(options),
      style: `min-height: ${options.height}px`,
    });
    this.#reader = new Reader(this.#frame, options, (step) => this.onRead(step));
    this.element = html(
      "figure",
      { class: "chart" },
      html("figcaption", {}, options.title, " ", html("span", { class: "detail" }, options.detail)),
      this.#frame,
    );
    new ResizeObserver(() => {
      if (this.#frame.clientWidth !== this.#width) this.draw(this.#hidden);
    }).observe(this.#frame);
  }

  draw(hidden: ReadonlySet<string>): void {
    this.#hidden = hidden;
    this.#width = this.#frame.clientWidth;
    if (this.#width === 0) return;
    if (this.#options.series.every(({ points }) => points.length === 0)) {
      this.#frame.replaceChildren(html("p", { class: "small" }, nothing));
      this.#frame.style.minHeight = "0";
      return;
    }
    const shown = this.#options.series.filter(({ key, points }) => !hidden.has(key) && points.length > 0);
    const plot = drawLines(shown, this.#options, this.#width);
    this.#frame.replaceChildren(plot);
    this.#reader.attach(plot, shown);
    this.onDraw();
  }

  /** Shows the values of a step; `withText` beside the pointer too, not only as dots. */
  read(step: number | null, withText: boolean): void {
    this.#reader.show(step, withText);
  }
}

const nothing = "Nothing to show: no run has a value here.";

/** The chart in words, for those who do not see it: where each line begins and ends. */
function describe({ title, series, format, unit = "step" }: LineChartOptions): string {
  const lines = series.flatMap(({ label, points, diverged }) => {
    const [first, last] = [points[0], points.at(-1)];
    if (!first || !last) return [];
    const end = diverged ? ", then diverges" : "";
    return [`${label} from ${format(first.mean)} to ${format(last.mean)}${end}`];
  });
  if (lines.length === 0) return `${title}. ${nothing}`;
  return `${title} over ${unit}s: ${lines.join("; ")}. Arrow keys read the values of a ${unit}.`;
}
