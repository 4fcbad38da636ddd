/**
 * The life of a page: beats while it is seen, pressed phone links, other views of a single-page app, the leave. Part of
 * the second file.
 */

import { carry, without } from "./carry";
import type { Kit } from "./extra";
import { sent } from "./forms";
import { keep } from "./keep";
import { tell } from "./talk";

const SILENCE = 60_000; // ms
const TITLE_DELAY = 200; // ms; a single-page app sets its title after its address

let kit: Kit;
let beats = 0;
let last = Date.now();
let view = 0;
let shown: string;

/** A beat every `seconds` while the page is visible. Called again it only changes the pace. */
export function beatEvery(seconds: number): void {
  clearInterval(beats);
  beats = setInterval(beat, seconds * 1000);
}

function beat(): void {
  last = Date.now();
  if (beats && !document.hidden) tell({ kind: "beat", places: kit.places_() });
}

/** The visitor does something: a beat at once after a long silence, for timers rest while a computer sleeps. */
function active(): void {
  if (Date.now() - last > SILENCE) beat();
}

/** Listens to the page. When it returns from the back-forward cache the edge is asked again. */
export function listen(given: Kit): void {
  kit = given;
  shown = route(new URL(kit.question_().url));
  listenIn(document.documentElement);
  addEventListener("pageshow", (event) => event.persisted && kit.again_());
  const heard = { visibilitychange: beat, pagehide: leave, popstate: moved, hashchange: moved };
  for (const [kind, handler] of Object.entries(heard)) addEventListener(kind, handler as EventListener, true);
  for (const kind of ["mousedown", "keydown", "scroll"]) addEventListener(kind, active, true);
  for (const name of ["pushState", "replaceState"] as const) {
    const original = history[name];
    history[name] = (...args) => {
      original.apply(history, args);
      moved();
    };
  }
  moved(); // there may have been another view already
}

function leave(): void {
  if (view) tellView();
  tell({ kind: "leave" });
  // A number may be lost while nobody saw the page.
  if (Date.now() - last < SILENCE) keep();
}

/** Listens to the window that a node is in, which may be a frame's; once, however often it is called. */
export function listenIn(node: Node): void {
  const target = (node.ownerDocument || (node as Document)).defaultView;
  for (const kind of ["mousedown", "click"]) target?.addEventListener(kind, pressed, true);
  target?.addEventListener("submit", sent, true);
}

/** Tells of a pressed phone link, with the number it shows, before the dialler opens. Other links may carry the visit. */
function pressed(event: Event): void {
  const link = (event.composedPath()[0] as Element).closest?.<HTMLAnchorElement>("a[href]");
  if (!link) return;
  if (!/^\s*tel:/i.test(link.getAttribute("href")!)) carry(link);
  else if (event.type === "click")
    tell({ kind: "tel_click", number: kit.numberIn_(link.getAttribute("href")!).slice(0, 32) });
}

/** The address as far as it says which view is shown; of hashes only those that are routes. */
const route = ({ pathname, search, hash }: URL | Location): string =>
  pathname + without(search) + (/^#[/!].*/.exec(hash) || "");

function moved(): void {
  const now = route(location);
  if (now === shown) return;
  shown = now;
  clearTimeout(view);
  view = setTimeout(tellView, TITLE_DELAY);
}

function tellView(): void {
  clearTimeout(view);
  view = 0;
  tell({ kind: "view", ...kit.here_() });
}
