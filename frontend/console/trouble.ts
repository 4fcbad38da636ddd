/**
 * Says that a live piece cannot be brought up to date: the `[data-trouble]` that names its id appears after the second
 * failure in a row, says how old the piece is, and goes with the next success. `[data-retry]` asks at once.
 */

import htmx from "htmx.org";

const QUIET = 2; // failures: one may be a lift or a tunnel
const failures = new Map<string, number>();
const since = new Map<string, Date>();
const loaded = new Date();

export function listenToTrouble(): void {
  document.addEventListener("htmx:afterRequest", (event) => {
    const piece = event.target;
    if (piece instanceof HTMLElement && piece.hasAttribute("data-live"))
      told(piece.id, (event as CustomEvent).detail.xhr?.status ?? 0);
  });
  // A whole page that cannot be loaded is said at once, above what is still there.
  for (const kind of ["htmx:sendError", "htmx:responseError"])
    document.addEventListener(kind, (event) => {
      if (!(event.target as Element).hasAttribute?.("data-live")) for (const each of notes()) show(each, true);
    });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-retry]") : null;
    if (button) htmx.trigger(`#${button.dataset["retry"]}`, "retry", {});
  });
}

/** Every answer below 500 is one; a page that is there no more (404) or a session that ended (401) is not trouble. */
function told(id: string, status: number): void {
  const failed = status === 0 || status >= 500;
  failures.set(id, failed ? (failures.get(id) ?? 0) + 1 : 0);
  if (!failed) since.set(id, new Date());
  const note = notes().find((each) => each.dataset["trouble"] === id);
  if (note) show(note, (failures.get(id) ?? 0) >= QUIET);
}

function show(note: HTMLElement, shown: boolean): void {
  const clock = note.querySelector<HTMLElement>("[data-trouble-since]");
  // Counted up by live.ts. No time of day: the page's times are the company's, the browser's may be others.
  if (clock) clock.dataset["since"] = (since.get(note.dataset["trouble"] ?? "") ?? loaded).toISOString();
  note.hidden = !shown;
}

const notes = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("[data-trouble]")];
