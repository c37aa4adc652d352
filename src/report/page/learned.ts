import * as Plot from "@observablehq/plot";
import { formatRate } from "../format.ts";
import type { ReportData } from "../report-data.ts";
import { html, section } from "./dom.ts";
import { logTicks } from "./log-ticks.ts";

type Response = ReportData["response"];

const title = "What the paper’s recipe learns";

/** What the paper's recipe learned: p against the loss it is told. A flat line is a schedule that does not read its input. */
export function learnedSection(given: Response): HTMLElement {
  const curves = given.curves.filter(({ p }) => p.length > 0);
  const response = { ...given, curves };
  if (curves.length === 0 || response.losses.length === 0)
    return section("learned", title, html("p", {}, "Nothing to show: the schedule was asked nothing."));
  const frame = html("div", { class: "plot", role: "img", "aria-label": describe(response) });
  let width = 0;
  new ResizeObserver(() => {
    if (frame.clientWidth === width) return;
    width = frame.clientWidth;
    frame.replaceChildren(drawResponse(response, width));
  }).observe(frame);
  return section(
    "learned",
    title,
    html(
      "p",
      {},
      `The learning rate of ${response.schedule} is γ · p: γ is fixed when a snapshot is put in force, p is what the network answers to the loss.`,
    ),
    html("p", {}, html("strong", {}, judgement(response))),
    html("p", {}, range(response.losses)),
    html("ul", { class: "plain" }, ...response.curves.map((curve) => html("li", {}, movement(curve)))),
    html(
      "figure",
      { class: "chart" },
      html(
        "figcaption",
        {},
        "p against loss ",
        html("span", { class: "detail" }, "for each snapshot, log scales"),
      ),
      frame,
    ),
    response.note && html("p", { class: "small" }, response.note),
  );
}

function drawResponse({ losses, curves }: Response, width: number): Element {
  const colour = (index: number) => `var(--snapshot-${Math.min(index, 3)})`;
  const all = curves.flatMap(({ p }) => p);
  const domain: [number, number] = [Math.min(...all) / 1.5, Math.min(1, Math.max(...all) * 1.5)];
  const roomy = width >= 560;
  return Plot.plot({
    width,
    height: 300,
    marginLeft: 46,
    marginRight: roomy ? 120 : 14,
    marginTop: 16,
    marginBottom: 42,
    className: "lines",
    x: { type: "log", label: "loss, nats" },
    y: { type: "log", domain, label: null },
    marks: [
      Plot.gridY({ ticks: logTicks(...domain), strokeOpacity: 1, stroke: "var(--grid)" }),
      Plot.axisY({ ticks: logTicks(...domain), tickSize: 0, tickFormat: String }),
      Plot.axisX({
        ticks: logTicks(losses[0]!, losses.at(-1)!),
        tickSize: 4,
        labelAnchor: "center",
        labelArrow: "none",
        tickFormat: String,
      }),
      ...curves.flatMap(({ snapshot, p }, index) => {
        const points = losses.map((loss, at) => ({ loss, p: p[at]! }));
        return [
          Plot.lineY(points, {
            x: "loss",
            y: "p",
            stroke: colour(index),
            strokeWidth: 2.5,
            className: "line",
          }),
          Plot.text(points.slice(-1), {
            x: "loss",
            y: "p",
            text: () => snapshot,
            dx: roomy ? 8 : -2,
            dy: roomy ? 0 : -10,
            textAnchor: roomy ? "start" : "end",
            fill: colour(index),
            className: "end-label",
          }),
        ];
      }),
    ],
  });
}

/** How far p moves over all losses, relative to its middle. */
function relativeMovement(p: readonly number[]): number {
  const [least, greatest] = [Math.min(...p), Math.max(...p)];
  return (greatest - least) / ((greatest + least) / 2 || 1);
}

function range(losses: readonly number[]): string {
  const [from, to] = [losses[0], losses.at(-1)].map((loss) => Number(loss?.toPrecision(2)));
  return `As the loss goes from ${from} to ${to}:`;
}

function movement({ snapshot, p }: Response["curves"][number]): string {
  const moved = Number((100 * relativeMovement(p)).toPrecision(2));
  return `${snapshot}: p lies between ${formatRate(Math.min(...p))} and ${formatRate(Math.max(...p))}, a move of ${moved} %.`;
}

function judgement({ curves }: Response): string {
  const most = Math.max(...curves.map(({ p }) => relativeMovement(p)));
  if (most < 0.1)
    return "It hardly reads its input: the same rate comes out whatever the loss. What transfers is a level for each snapshot, a step schedule in effect.";
  if (most < 0.5)
    return "It reads its input only a little: most of what transfers is a level for each snapshot, and the loss bends it.";
  return "It reads its input: the rate depends clearly on the loss.";
}

function describe(response: Response): string {
  return `p against loss, line chart. ${range(response.losses)} ${response.curves.map(movement).join(" ")}`;
}
