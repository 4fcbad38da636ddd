/** The life of a page: beats while it is seen, pressed phone links, other views of a single-page app, the leave. */

import { numberIn } from "./find";
import { places } from "./swap";
import { tell } from "./talk";
import { cut } from "./wire";

const TITLE_DELAY = 200; // ms; a single-page app sets its title after its address

let beats = 0;
let view = 0;
let shown: string;

/** A beat every `seconds` while the page is visible. Called again it only changes the pace. */
export function beatEvery(seconds: number): void {
  clearInterval(beats);
  beats = window.setInterval(beat, seconds * 1000);
}

function beat(): void {
  if (beats && document.visibilityState === "visible") tell({ kind: "beat", places });
}

/** Listens to the page. `back` is called when it returns from the back-forward cache. */
export function listen(back: () => void): void {
  shown = route();
  addEventListener("visibilitychange", beat, true);
  addEventListener("click", pressed, true);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", (event) => event.persisted && back());
  addEventListener("popstate", moved);
  addEventListener("hashchange", moved);
  hook("pushState");
  hook("replaceState");
}

function leave(): void {
  if (view) tellView();
  tell({ kind: "leave" });
}

function pressed(event: Event): void {
  const target = event.composedPath()[0] as Element;
  const link = target.closest && target.closest('[href^="tel:" i]');
  if (link) tell({ kind: "tel_click", number: numberIn(link.getAttribute("href")!).slice(0, 32) });
}

/** The address as far as it says which view is shown; of hashes only those that are routes. */
const route = (): string => location.pathname + location.search + (/^#[/!]/.test(location.hash) ? location.hash : "");

function hook(name: "pushState" | "replaceState"): void {
  const original = history[name];
  history[name] = function (...args) {
    original.apply(history, args);
    moved();
  };
}

function moved(): void {
  const now = route();
  if (now === shown) return;
  shown = now;
  clearTimeout(view);
  view = window.setTimeout(tellView, TITLE_DELAY);
}

function tellView(): void {
  clearTimeout(view);
  view = 0;
  tell({ kind: "view", url: cut(location.href), title: cut(document.title) });
}
