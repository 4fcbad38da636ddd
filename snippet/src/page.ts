/** The life of a page: beats while it is seen, pressed phone links, other views of a single-page app, the leave. */

import { keep } from "./cache";
import { numberIn } from "./find";
import { places } from "./swap";
import { tell } from "./talk";
import { here } from "./wire";

const TITLE_DELAY = 200; // ms; a single-page app sets its title after its address

let beats = 0;
let view = 0;
let shown: string;

/** A beat every `seconds` while the page is visible. Called again it only changes the pace. */
export function beatEvery(seconds: number): void {
  clearInterval(beats);
  beats = setInterval(beat, seconds * 1000);
}

function beat(): void {
  if (beats && !document.hidden) tell({ kind: "beat", places });
}

/** Listens to the page. `back` is called when it returns from the back-forward cache. */
export function listen(back: () => void): void {
  shown = route();
  addEventListener("pageshow", (event) => event.persisted && back());
  const heard = { visibilitychange: beat, click: pressed, pagehide: leave, popstate: moved, hashchange: moved };
  for (const [kind, handler] of Object.entries(heard)) addEventListener(kind, handler as EventListener, true);
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...args) => {
      original.apply(history, args);
      moved();
    };
  }
}

function leave(): void {
  if (view) tellView();
  tell({ kind: "leave" });
  keep();
}

/** Tells of a pressed phone link, with the number it shows, before the dialler opens. */
export function pressed(event: Event): void {
  const link = (event.composedPath()[0] as Element).closest?.('[href^="tel:" i]');
  if (link) tell({ kind: "tel_click", number: numberIn(link.getAttribute("href")!).slice(0, 32) });
}

/** The address as far as it says which view is shown; of hashes only those that are routes. */
const route = (): string => location.pathname + location.search + (/^#[/!].*/.exec(location.hash) || "");

function moved(): void {
  const now = route();
  if (now === shown) return;
  shown = now;
  clearTimeout(view);
  view = setTimeout(tellView, TITLE_DELAY);
}

function tellView(): void {
  clearTimeout(view);
  view = 0;
  tell({ kind: "view", ...here() });
}
