import { html } from "./dom.ts";
import { watch } from "./highlight.ts";
import type { Series } from "./series.ts";
import { swatch } from "./styles.ts";

/** A button for each series: a click hides and shows it, hover and focus highlight it. */
export function legend(
  series: readonly Pick<Series, "key" | "label" | "style">[],
  onHidden: (hidden: ReadonlySet<string>) => void,
  onHighlight: (key: string | null) => void,
): HTMLElement {
  const hidden = new Set<string>();
  const buttons = series.map(({ key, label, style }) => {
    const button = html(
      "button",
      { type: "button", class: "key", "aria-pressed": "true", "data-key": key, click: () => toggle(key) },
      swatch(style),
      label,
    );
    watch(button, key, (entered) => onHighlight(shown(entered)));
    return button;
  });
  const all = html(
    "button",
    { type: "button", class: "link", hidden: true, click: () => showAll() },
    "show all",
  );

  /** What is hidden cannot be highlighted: all the others would only fade. */
  function shown(key: string | null): string | null {
    return key !== null && hidden.has(key) ? null : key;
  }
  function toggle(key: string): void {
    if (!hidden.delete(key)) hidden.add(key);
    update();
    onHighlight(shown(key));
  }
  function showAll(): void {
    hidden.clear();
    update();
  }
  function update(): void {
    for (const button of buttons)
      button.setAttribute("aria-pressed", String(!hidden.has(button.dataset.key!)));
    all.hidden = hidden.size === 0;
    onHidden(hidden);
  }
  return html(
    "div",
    { class: "legend", role: "group", "aria-label": "Schedules shown in the charts" },
    ...buttons,
    all,
  );
}
