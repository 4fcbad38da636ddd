/**
 * Rows put into another order: in a `table[data-arrange="form"]` each row has a handle that can be dragged (`.cs-grip`) and
 * its `data-id`. Where it is let go, the order of all ids goes into that form's field `ids`, and the form is sent.
 * Keyboards and fingers have the buttons beside the handle.
 */

const ROW = "tr[data-id]";
let dragged: HTMLTableRowElement | null = null;
let before = "";

export function listenToArrange(): void {
  document.addEventListener("dragstart", begin);
  document.addEventListener("dragover", over);
  document.addEventListener("drop", (event) => dragged && event.preventDefault());
  document.addEventListener("dragend", end);
}

function begin(event: DragEvent): void {
  const handle = event.target instanceof Element ? event.target.closest(".cs-grip") : null;
  const row = handle?.closest<HTMLTableRowElement>(ROW);
  if (!row || !event.dataTransfer || !formOf(row)) return;
  dragged = row;
  before = order(row);
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", row.dataset["id"] ?? "");
  event.dataTransfer.setDragImage(row, 16, 16);
  row.classList.add("is-dragged");
}

/** The row follows the pointer: above or below the one that it is over, whichever half it is. */
function over(event: DragEvent): void {
  if (!dragged) return;
  const row = event.target instanceof Element ? event.target.closest<HTMLTableRowElement>(ROW) : null;
  if (!row || row.parentElement !== dragged.parentElement) return;
  event.preventDefault();
  const box = row.getBoundingClientRect();
  if (row !== dragged) row[event.clientY < box.top + box.height / 2 ? "before" : "after"](dragged);
}

/** Sent also where it was let go outside: the rows stand as they are seen. Escape takes it back. */
function end(event: DragEvent): void {
  const row = dragged;
  if (!row) return;
  dragged = null;
  row.classList.remove("is-dragged");
  if (event.dataTransfer?.dropEffect === "none") return restore(row);
  const form = formOf(row);
  const field = form?.elements.namedItem("ids");
  if (!form || !(field instanceof HTMLInputElement) || order(row) === before) return;
  field.value = order(row);
  form.requestSubmit();
}

function restore(row: HTMLTableRowElement): void {
  const body = row.parentElement;
  for (const id of before.split(",")) {
    const each = body?.querySelector(`tr[data-id="${CSS.escape(id)}"]`);
    if (each) body?.append(each);
  }
}

const order = (row: HTMLTableRowElement): string =>
  [...(row.parentElement?.querySelectorAll<HTMLElement>(ROW) ?? [])].map((each) => each.dataset["id"]).join(",");

function formOf(row: HTMLTableRowElement): HTMLFormElement | null {
  const form = document.getElementById(row.closest<HTMLElement>("[data-arrange]")?.dataset["arrange"] ?? "");
  return form instanceof HTMLFormElement ? form : null;
}
