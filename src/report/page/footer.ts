import { formatDuration } from "../format.ts";
import type { ReportData } from "../report-data.ts";
import { html, section } from "./dom.ts";

/** Where the numbers come from, so that they can be made again. */
export function footer({
  date,
  command,
  seconds,
  machine,
  versions,
  seeds,
  hasBudget,
}: ReportData["generated"]): HTMLElement {
  const facts: [string, string][] = [
    ["command", command],
    ["date", moment(date)],
    ["took", formatDuration(seconds)],
    ["seeds", seeds.join(", ")],
    ["machine", `${machine.cpu}, ${machine.cores} cores, ${machine.platform}`],
    ["Node", machine.node],
    ...Object.entries(versions),
  ];
  return section(
    "provenance",
    "Where the numbers come from",
    html(
      "dl",
      { class: "facts" },
      ...facts.map(([name, value]) => html("div", {}, html("dt", {}, name), html("dd", {}, value))),
    ),
    html(
      "p",
      { class: "small" },
      `${hasBudget ? "The time decided how much was done, and may decide otherwise another time; with --full" : "The same command with"} the same seeds give the same numbers on the same machine. This file holds all that it shows and asks the network for nothing.`,
    ),
  );
}

const moment = (date: string): string =>
  new Date(date)
    .toLocaleString("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" })
    .concat(" UTC");
