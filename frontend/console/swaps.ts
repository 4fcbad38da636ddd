/**
 * What a whole part of a page has to keep when htmx puts a new one in its place: `details[data-stays-open]` stay open, and
 * the focus stays where it was, also inside one of those. A form with `data-tidy` sends only what is filled in.
 */

import htmx from "htmx.org";

const KEPT = "details[data-stays-open]";
let open: string[] = [];
let focused = "";

export function listenToSwaps(): void {
  document.addEventListener("htmx:beforeSwap", () => {
    open = [...document.querySelectorAll(`${KEPT}[open]`)].map((each) => each.id);
    focused = document.activeElement?.id ?? "";
  });
  document.addEventListener("htmx:configRequest", (event) => {
    const { elt, formData } = (event as CustomEvent<{ elt: Element; formData: FormData }>).detail;
    if (!elt.matches("form[data-tidy]")) return;
    for (const name of new Set(formData.keys())) {
      const filled = formData.getAll(name).filter((value) => value !== "");
      formData.delete(name);
      for (const value of filled) formData.append(name, value);
    }
  });
  htmx.onLoad((added) => {
    for (const each of (added as Element).querySelectorAll<HTMLDetailsElement>(KEPT))
      if (open.includes(each.id)) each.open = true;
    if (focused && document.activeElement === document.body)
      document.getElementById(focused)?.focus({ preventScroll: true });
  });
}
