/** The inbox by keyboard, beyond what `../keys` does for every page: opening threads one after the other, and writing. */

import { isFree, isOff } from "../keys";

export function listenToInboxKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (!document.getElementById("inbox")) return;
    if (event.key === "Escape") leave(event.target as HTMLElement);
    else if (isFree(event) && !isOff()) act(event);
  });
  // A name is typed at once, without another press.
  document.addEventListener(
    "toggle",
    (event) => {
      const unfolded = event.target as HTMLDetailsElement;
      if (unfolded.matches(".cs-rename[open]")) unfolded.querySelector<HTMLInputElement>("[name=name]")?.select();
    },
    true,
  );
}

const ACTIONS: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  r: () => write("reply"),
  n: () => write("note"),
  e: () => document.getElementById("mark-unread")?.click(),
};

function act(event: KeyboardEvent): void {
  const action = ACTIONS[event.key];
  if (!action) return;
  event.preventDefault();
  action();
}

/** Opens the thread below or above the open one; without one, the first. */
function step(by: number): void {
  const rows = [...document.querySelectorAll<HTMLElement>("[data-row]")];
  const at = rows.findIndex((row) => row.hasAttribute("aria-current"));
  const row = at < 0 ? rows[0] : rows[at + by];
  row?.focus({ preventScroll: true });
  row?.scrollIntoView({ block: "nearest" });
  row?.click();
}

function write(mode: string): void {
  const choice = document.getElementById(`mode-${mode}`);
  if (choice instanceof HTMLInputElement) choice.checked = true;
  (document.getElementById(mode) ?? document.getElementById("cannot-reply"))?.focus();
}

/** Escape gives a field up: back to the open thread's row, so that the letters mean the inbox again. */
function leave(from: HTMLElement): void {
  if (!from.matches("#reply, #note")) return;
  const row = document.querySelector<HTMLElement>("[data-row][aria-current]");
  if (row?.offsetParent) row.focus({ preventScroll: true });
  else from.blur();
}
