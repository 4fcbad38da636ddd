/**
 * A page by keyboard, declared in its HTML: while nobody types, the key in `data-key="f"` presses that element, or goes to
 * it where it is a field. `j` and `k` go through the `[data-key-item]` of the page's `[data-key-list]`; Enter then does
 * what Enter does there, and `x` ticks its box. `?` shows the page's `dialog[data-keys-list]`, in which `[data-keys-switch]` turns them all off.
 */

const OFF = "callspring-keys-off"; // the inbox's keys heed it too
const TYPED_IN = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open], audio, video";

export function listenToPageKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") leave(event.target);
    else if (isFree(event) && act(event.key)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box instanceof HTMLInputElement && box.matches("[data-keys-switch]")) turn(box.checked);
  });
  document.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-keys-help]")) help();
  });
}

/** Whether a key is meant for the page, and not for a field, a player or the browser. */
export function isFree(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return false;
  return event.target instanceof Element && !event.target.closest(TYPED_IN);
}

function act(key: string): boolean {
  if (key === "?") return help();
  if (isOff()) return false;
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  if (key === "x") return tick();
  return press(key);
}

function press(key: string): boolean {
  const element = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
  if (!element) return false;
  element.focus();
  if (element instanceof HTMLInputElement) element.select();
  else element.click();
  return true;
}

/** To the next or the previous item; from elsewhere to the first, or the last. */
function step(by: 1 | -1): boolean {
  const items = [...document.querySelectorAll<HTMLElement>("[data-key-list] [data-key-item]")];
  const at = items.findIndex((item) => item === document.activeElement);
  const next = items[at < 0 ? (by > 0 ? 0 : items.length - 1) : at + by];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return items.length > 0;
}

/** Ticks the item that `j` and `k` stand on, where it has a box. */
function tick(): boolean {
  const row = document.activeElement?.closest("[data-key-list] > *");
  const box = row?.querySelector<HTMLInputElement>("input[type=checkbox]");
  box?.click();
  return Boolean(box);
}

function help(): boolean {
  const dialog = document.querySelector<HTMLDialogElement>("dialog[data-keys-list]");
  if (!dialog || dialog.open) return false;
  const box = dialog.querySelector<HTMLInputElement>("[data-keys-switch]");
  if (box) box.checked = !isOff();
  dialog.showModal();
  return true;
}

/** Escape gives a field of ours up, so that single keys mean the page again. */
function leave(from: EventTarget | null): void {
  if (from instanceof HTMLInputElement && from.matches("[data-key]")) from.blur();
}

export function isOff(): boolean {
  try {
    return Boolean(localStorage.getItem(OFF));
  } catch {
    return false;
  }
}

function turn(on: boolean): void {
  try {
    localStorage.setItem(OFF, on ? "" : "yes");
  } catch {
    // Forbidden: they stay on.
  }
}
