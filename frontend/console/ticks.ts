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
