/** `data-ticks-all` at the head of a table ticks all boxes of that table, and follows them. */

export function listenToTicks(): void {
  document.addEventListener("change", (event) => {
    const box = event.target as HTMLInputElement;
    const table = box.closest("table:has([data-ticks-all])");
    const all = table?.querySelector<HTMLInputElement>("[data-ticks-all]");
    if (!table || !all) return;
    const boxes = [...table.querySelectorAll<HTMLInputElement>("tbody input[type=checkbox]")];
    if (box === all) for (const each of boxes) each.checked = all.checked;
    const ticked = boxes.filter((each) => each.checked).length;
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  });
}

/**
 * Boxes with `data-kept-tick` stay ticked when their list is drawn anew, and `form[data-ticked]`, which they belong to, is
 * shown while one of them is ticked; `[data-ticked-count]` in it says how many are.
 */
const kept = new Set<string>();

export function listenToKeptTicks(): void {
  document.addEventListener("change", (event) => {
    if (event.target instanceof Element && event.target.matches("input[type=checkbox]")) queueMicrotask(keep);
  });
  document.addEventListener("htmx:load", restore);
}

function boxes(): HTMLInputElement[] {
  return [...document.querySelectorAll<HTMLInputElement>("[data-kept-tick]")];
}

function keep(): void {
  for (const box of boxes()) {
    if (box.checked) kept.add(box.value);
    else kept.delete(box.value);
  }
  show();
}

function restore(): void {
  const there = boxes();
  const values = new Set(there.map((box) => box.value));
  for (const value of kept) if (!values.has(value)) kept.delete(value); // another page of the list
  for (const box of there) box.checked = kept.has(box.value);
  show();
}

function show(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-ticked]");
  if (!form) return;
  form.hidden = kept.size === 0;
  const count = form.querySelector("[data-ticked-count]");
  if (count) count.textContent = kept.size ? String(kept.size) : "";
}
