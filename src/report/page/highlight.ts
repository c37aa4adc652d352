/** Dims all that belongs to another series of this part of the page; null gives everything back its strength. */
export function highlight(root: Element, key: string | null): void {
  for (const element of root.querySelectorAll<HTMLElement | SVGElement>("[data-series]"))
    element.classList.toggle("dim", key !== null && element.dataset.series !== key);
}

/** Calls back with the series under the pointer or the keyboard's focus, null when it leaves. */
export function watch(element: HTMLElement, key: string, onChange: (key: string | null) => void): void {
  for (const event of ["pointerenter", "focusin"]) element.addEventListener(event, () => onChange(key));
  for (const event of ["pointerleave", "focusout"]) element.addEventListener(event, () => onChange(null));
}
