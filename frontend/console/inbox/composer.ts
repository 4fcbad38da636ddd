/** Writing in the inbox: drafts that outlive a reload, how many texts a reply will be, Ctrl+Enter. */

import htmx from "htmx.org";
import { segments } from "./segments";

const DRAFT = "textarea[data-draft]";

export function listenToComposer(): void {
  document.addEventListener("input", (event) => {
    const area = event.target as HTMLElement;
    if (area.matches(DRAFT)) changed(area as HTMLTextAreaElement);
  });
  document.addEventListener("keydown", (event) => {
    const area = event.target as HTMLElement;
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !area.matches(DRAFT)) return;
    event.preventDefault();
    (area as HTMLTextAreaElement).form?.requestSubmit();
  });
  htmx.onLoad((added) => {
    for (const area of (added as HTMLElement).querySelectorAll<HTMLTextAreaElement>(DRAFT)) restore(area);
  });
}

/** Puts the draft back; a composer that comes with `data-sent` has just sent its own. */
function restore(area: HTMLTextAreaElement): void {
  const key = keyOf(area);
  if (area.hasAttribute("data-sent")) keep(key, "");
  else if (!area.value) area.value = sessionStorage.getItem(key) ?? "";
  count(area);
}

function changed(area: HTMLTextAreaElement): void {
  keep(keyOf(area), area.value);
  count(area);
}

const keyOf = (area: HTMLTextAreaElement): string => `callspring-draft-${area.dataset["draft"]}`;

function keep(key: string, text: string): void {
  try {
    if (text) sessionStorage.setItem(key, text);
    else sessionStorage.removeItem(key);
  } catch {
    // Full or forbidden: the draft lives as long as the page.
  }
}

/** Says how long the text is and how many texts it will be; the words stand in the page. */
function count(area: HTMLTextAreaElement): void {
  const output = document.getElementById(area.dataset["counter"] ?? "");
  if (!output) return;
  const { characters, parts } = segments(area.value);
  const words = output.dataset[parts === 1 ? "one" : "many"] ?? "";
  output.textContent = characters ? words.replace("{c}", String(characters)).replace("{n}", String(parts)) : "";
}
