import { formatDuration } from "../format.ts";
import type { ReportData, Verdict } from "../report-data.ts";
import { html } from "./dom.ts";

const outcomes = {
  win: { sign: "▲", word: "better" },
  tie: { sign: "=", word: "level" },
  loss: { sign: "▼", word: "worse" },
} as const;

/** Title, what was found out, and the way through the page. */
export function header(data: ReportData, contents: readonly { id: string; title: string }[]): HTMLElement {
  const { generated, metaTraining, verdicts } = data;
  const seeds = generated.seeds.length;
  const facts = [
    new Date(generated.date).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" }),
    `${seeds} ${seeds === 1 ? "seed" : "seeds"}`,
    `${formatDuration(generated.seconds)} on ${generated.machine.cores} cores`,
  ];
  const links = contents.map(({ id, title }) => html("li", {}, html("a", { href: `#${id}` }, title)));
  return html(
    "header",
    {},
    html("p", { class: "kicker" }, facts.join(" · ")),
    html("h1", {}, data.title),
    html(
      "p",
      { class: "lead" },
      `A learning-rate schedule was learned on ${metaTraining.task}, then used unchanged on other trainings, beside schedules made by hand. ${counts(verdicts)}`,
    ),
    html("ul", { class: "verdicts" }, ...verdicts.map(verdict)),
    html("nav", { "aria-label": "Contents" }, html("ul", {}, ...links)),
  );
}

function verdict({ text, outcome }: Verdict): HTMLElement {
  const { sign, word } = outcomes[outcome];
  return html(
    "li",
    { class: outcome },
    html("span", { class: "outcome" }, html("span", { "aria-hidden": "true" }, sign), ` ${word}`),
    html("span", {}, text),
  );
}

function counts(verdicts: readonly Verdict[]): string {
  const count = (outcome: Verdict["outcome"]) => verdicts.filter((each) => each.outcome === outcome).length;
  const parts = (["win", "tie", "loss"] as const).map(
    (outcome) => `${outcomes[outcome].word} in ${count(outcome)}`,
  );
  return verdicts.length
    ? `Of ${verdicts.length} findings it is ${parts[0]}, ${parts[1]} and ${parts[2]}.`
    : "";
}
