/** The call flow editor: rows of a form, the focus, dragging cards to other places. Everything but dragging has a button. */

import htmx from "htmx.org";
import { listenToRecorders } from "./recorder";

let dragged = "";

export function listenToFlows(): void {
  document.addEventListener("click", (event) => {
    const pressed = event.target instanceof Element ? event.target : null;
    const more = pressed?.closest<HTMLElement>("[data-add-row]");
    if (more) addRow(more.closest<HTMLElement>("[data-rows]"));
    pressed?.closest("[data-drop-row]")?.closest("[data-one-row]")?.replaceWith();
  });
  document.addEventListener("keydown", (event) => {
    const place = event.key === "Escape" && event.target instanceof Element ? event.target.closest(".cs-flow-form,.cs-flow-picker") : null;
    place?.querySelector<HTMLElement>("[data-escape]")?.click();
  });
  document.addEventListener("dragstart", begin);
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => slotAt(event)?.classList.remove("is-over"));
  document.addEventListener("drop", drop);
  document.addEventListener("dragend", () => {
    dragged = "";
    document.querySelector(".cs-flow")?.classList.remove("is-dragging");
  });
  listenToRecorders();
  htmx.onLoad((added) => focusIn(added as Element));
}

/** One more row, made of the blank one; its fields are counted on, for the server reads them by number. */
function addRow(rows: HTMLElement | null): void {
  const blank = rows?.querySelector("template");
  const count = rows?.querySelector<HTMLInputElement>('input[name="rows-count"]');
  if (!rows || !blank || !count || Number(count.value) >= Number(rows.dataset["rows"])) return;
  const row = document.importNode(blank.content, true);
  for (const each of row.querySelectorAll("*"))
    for (const name of ["id", "name", "for", "aria-describedby"]) {
      const value = each.getAttribute(name);
      if (value) each.setAttribute(name, value.replace("rows-NEW", `rows-${count.value}`));
    }
  count.value = String(Number(count.value) + 1);
  blank.before(row);
  const added = blank.previousElementSibling;
  for (const select of rows.closest("form")?.querySelectorAll("select[data-shows]") ?? []) follow(select as HTMLSelectElement);
  firstField(added)?.focus();
}

/** What has just come says where one goes on: the form's first field, the picker's first choice, the card that changed. */
function focusIn(added: Element): void {
  for (const select of added.querySelectorAll<HTMLSelectElement>(".cs-flow-form select[data-shows]")) follow(select);
  const itself = added.querySelector<HTMLElement>("[data-focus-self]");
  const place = added.querySelector<HTMLElement>("[data-focus]");
  const target = itself ?? (place ? (firstField(place) ?? place) : null);
  if (!target) return;
  target.focus();
  target.closest(".card")?.scrollIntoView({ block: "nearest" });
}

const firstField = (place: Element | null): HTMLElement | null =>
  place?.querySelector<HTMLElement>('input:not([type="hidden"]),textarea,select,ul a') ?? null;

function follow(select: HTMLSelectElement): void {
  for (const each of select.form?.querySelectorAll<HTMLElement>("[data-shown-for]") ?? [])
    each.hidden = each.dataset["shownFor"] !== select.value;
}

function begin(event: DragEvent): void {
  const grip = event.target instanceof Element ? event.target.closest<HTMLElement>(".cs-grip[data-step]") : null;
  const card = grip?.closest<HTMLElement>(".cs-flow-card");
  if (!grip || !card || !event.dataTransfer) return;
  dragged = grip.dataset["step"] ?? "";
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged);
  event.dataTransfer.setDragImage(card, 16, 16);
  requestAnimationFrame(() => document.querySelector(".cs-flow")?.classList.add("is-dragging"));
}

function over(event: DragEvent): void {
  const slot = dragged ? slotAt(event) : null;
  if (!slot) return;
  event.preventDefault();
  slot.classList.add("is-over");
}

function drop(event: DragEvent): void {
  const slot = dragged ? slotAt(event) : null;
  const form = document.getElementById("flow-move");
  if (!slot || !(form instanceof HTMLFormElement)) return;
  event.preventDefault();
  fill(form, "step", dragged);
  fill(form, "place", slot.dataset["place"] ?? "");
  form.requestSubmit();
}

function fill(form: HTMLFormElement, name: string, value: string): void {
  const field = form.elements.namedItem(name);
  if (field instanceof HTMLInputElement) field.value = value;
}

const slotAt = (event: DragEvent): HTMLElement | null =>
  event.target instanceof Element ? event.target.closest<HTMLElement>("[data-place]") : null;
