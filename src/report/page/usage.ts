import type { ReportData } from "../report-data.ts";
import { html, section } from "./dom.ts";

/** How to use a learned schedule: code to copy. */
export function usageSection({ schedule, file, code, shell }: ReportData["usage"]): HTMLElement {
  return section(
    "use",
    "Use it",
    html(
      "p",
      {},
      html("code", {}, schedule),
      " comes with the package. It needs no tuning run and keeps your optimizer; of your training it is told the number of steps, and at each step the loss. The schedule that was learned for this page is a file of the same kind, ",
      html("code", {}, file),
      ".",
    ),
    html("h3", {}, "In your own training loop"),
    copyable(code, "Code for your own loop"),
    html("h3", {}, "On the command line"),
    copyable(shell, "Commands"),
  );
}

function copyable(text: string, label: string): HTMLElement {
  const code = html("code", {}, ...coloured(text));
  const button = html("button", { type: "button", class: "copy", "aria-live": "polite" }, "Copy");
  button.addEventListener("click", () => {
    void copy(text, code).then((done) => {
      button.textContent = done ? "Copied" : "Selected, press Ctrl-C";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 2000);
    });
  });
  return html("div", { class: "code" }, html("pre", { tabindex: 0, "aria-label": label }, code), button);
}

/** Where the browser does not give the clipboard to a page, the text is selected instead. */
async function copy(text: string, element: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(element);
    return false;
  }
}

/** Comments recede. */
function coloured(text: string): (string | HTMLElement)[] {
  return text
    .split(/((?<=^|\s)(?:\/\/|#).*$)/m)
    .map((part, index) => (index % 2 === 1 ? html("span", { class: "comment" }, part) : part));
}
