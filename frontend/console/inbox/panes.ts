/** What htmx swaps into the inbox: which row is open, where the messages are scrolled to, where the focus goes. */

import htmx from "htmx.org";

const BOTTOM = 80; // CSS pixels from the end that still count as "at the end"

export function listenToPanes(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.target as HTMLElement;
    if (target.id !== "messages") return;
    atEnd = isAtEnd();
    last = target.dataset["newest"];
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    // Somebody is in the middle of naming or assigning: what a colleague changed meanwhile comes with the next answer.
    if ((event.target as HTMLElement).querySelector("details[open], select:focus")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
    if (row) byKeyboard = event.detail === 0 && event.isTrusted;
    if (event.target instanceof Element && event.target.closest("#newer")) toEnd();
  });
  document.addEventListener("scroll", (event) => {
    if ((event.target as HTMLElement).id === "scroll" && isAtEnd()) pill(false);
  }, true);
  htmx.onLoad((added) => settle(added as HTMLElement));
}

let atEnd = true;
let last: string | undefined; // message, before a swap
let byKeyboard = false;

/** Called for the whole page first, then for each piece that htmx puts in. */
function settle(added: HTMLElement): void {
  if (!document.getElementById("inbox")) return;
  markOpen();
  if (added.id === "messages") follow(added.dataset["newest"] !== last);
  else if (added.matches(".cs-thread") || added.querySelector(".cs-thread")) opened(added.matches(".cs-thread"));
}

/** The row of the thread in the other pane. */
function markOpen(): void {
  const open = document.querySelector<HTMLElement>("[data-thread]")?.dataset["thread"];
  for (const row of document.querySelectorAll<HTMLElement>("[data-row]"))
    if (row.dataset["row"] === open) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
}

/** A thread has been opened: show what is new in it, else its end. */
function opened(swapped: boolean): void {
  const named = location.hash.startsWith("#m-") ? document.getElementById(location.hash.slice(1)) : null;
  const first = named ?? document.getElementById("new-messages");
  if (first) first.scrollIntoView({ block: named ? "center" : "start" });
  else toEnd();
  const list = document.querySelector<HTMLElement>(".cs-inbox-list");
  if (swapped && (byKeyboard || !list?.offsetParent)) document.getElementById("thread-title")?.focus();
  byKeyboard = false;
}

/** Messages changed, or a new one came: stay at the end if that is where the reader is, else say that there is more. */
function follow(more: boolean): void {
  if (atEnd) toEnd();
  else if (more) pill(true);
}

const scroller = (): HTMLElement | null => document.getElementById("scroll");

function isAtEnd(): boolean {
  const element = scroller();
  return !element || element.scrollHeight - element.scrollTop - element.clientHeight < BOTTOM;
}

function toEnd(): void {
  const element = scroller();
  if (element) element.scrollTop = element.scrollHeight;
  pill(false);
}

function pill(shown: boolean): void {
  const element = document.getElementById("newer");
  if (element) element.hidden = !shown;
}
