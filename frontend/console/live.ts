/**
 * Pieces that ask again every two seconds (`data-live`): they rest while the tab is hidden, say when the server is out of
 * reach, announce what is new, and count the seconds of calls in progress.
 */

import htmx from "htmx.org";

export function listenToLive(): void {
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (isLive(event) && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:sendError", (event) => isLoud(event) && lost(true));
  document.addEventListener("htmx:afterRequest", (event) => {
    if (isLoud(event) && (event as CustomEvent).detail.xhr?.status) lost((event as CustomEvent).detail.xhr.status >= 500);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const live = event.target as HTMLElement;
    if (isLive(event)) newest.set(live.id, live.dataset["newest"] ?? "");
  });
  htmx.onLoad((added) => {
    announce(added as HTMLElement);
    tick();
  });
  setInterval(tick, 1000);
}

const newest = new Map<string, string>();
const isLive = (event: Event): boolean => event.target instanceof HTMLElement && event.target.hasAttribute("data-live");

/** The menu's own figure (`data-live="quietly"`) says nothing about what the page shows. */
const isLoud = (event: Event): boolean => isLive(event) && (event.target as HTMLElement).dataset["live"] !== "quietly";

function lost(now: boolean): void {
  for (const mark of document.querySelectorAll<HTMLElement>(".cs-live")) mark.toggleAttribute("data-lost", now);
}

/** Tells screen readers about a new first entry, once. */
function announce(live: HTMLElement): void {
  const before = newest.get(live.id);
  if (before === undefined || before === live.dataset["newest"]) return;
  const speaker = document.getElementById("said");
  if (speaker) speaker.textContent = live.dataset["say"] ?? "";
}

/** `data-since` holds a time; the element shows the minutes and seconds gone since. */
function tick(): void {
  for (const clock of document.querySelectorAll<HTMLElement>("[data-since]")) {
    const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset["since"] ?? "")) / 1000));
    clock.textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
