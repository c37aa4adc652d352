import { formatDuration } from "../format.ts";
import type { ReportData, Verdict } from "../report-data.ts";
import { html, unbroken } from "./dom.ts";

const outcomes = {
  better: { sign: "▲", word: "better" },
  "not-worse": { sign: "=", word: "not worse" },
  behind: { sign: "▼", word: "behind" },
  inconclusive: { sign: "?", word: "inconclusive" },
  none: { sign: "·", word: "means only" },
} as const;

/** Title, what was found out, and the way through the page. */
export function header(data: ReportData, contents: readonly { id: string; title: string }[]): HTMLElement {
  const { generated, lead, verdicts } = data;
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
    html("p", { class: "lead" }, unbroken(lead)),
    ...topicsOf(verdicts).flatMap((topic) => [
      html("h2", { class: "topic" }, topic),
      html("ul", { class: "verdicts" }, ...verdicts.filter((each) => each.topic === topic).map(verdict)),
    ]),
    html("nav", { "aria-label": "Contents" }, html("ul", {}, ...links)),
  );
}

function verdict({ text, outcome }: Verdict): HTMLElement {
  const kind = outcome ?? "none";
  const { sign, word } = outcomes[kind];
  return html(
    "li",
    { class: kind },
    html("span", { class: "outcome" }, html("span", { "aria-hidden": "true" }, sign), ` ${word}`),
    html("span", {}, unbroken(text)),
  );
}

const topicsOf = (verdicts: readonly Verdict[]): string[] => [...new Set(verdicts.map(({ topic }) => topic))];
