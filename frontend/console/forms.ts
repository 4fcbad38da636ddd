/** Small help with forms. Every form also works without it. */

export function listenToForms(): void {
  document.querySelector<HTMLFormElement>("form[data-submit-at-once]")?.requestSubmit();
  // What is wrong with a form that came back may stand far below on a long page.
  document.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (field.closest("[data-submit-on-change]")) field.form?.requestSubmit();
    showFor(field);
    showInRow(field);
  });
  document.addEventListener("keydown", pressSearch);
  document.addEventListener("input", (event) => fillQuarter(event.target as HTMLInputElement));
  document.addEventListener("submit", (event) => once(event.target as HTMLFormElement, event));
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
    for (const field of document.querySelectorAll<HTMLSelectElement>("[data-shows]")) showFor(field);
    for (const field of document.querySelectorAll<HTMLSelectElement>("[data-shows-in-row]")) showInRow(field);
  });
  // What a form keeps while one types (`data-keeps`) must not overtake that it was sent.
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target instanceof HTMLFormElement && event.target.matches("[data-keeps][data-sent]")) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-confirm]") : null;
    if (button && !confirm(button.dataset["confirm"])) event.preventDefault();
  });
}

/** A select with `data-shows` shows the fields of its choice (`data-shown-for`) and hides the others. */
function showFor(field: Element): void {
  if (!(field instanceof HTMLSelectElement) || !field.hasAttribute("data-shows")) return;
  for (const dependent of field.form?.querySelectorAll<HTMLElement>("[data-shown-for]") ?? [])
    dependent.hidden = dependent.dataset["shownFor"] !== field.value;
}

/** The same for a select of one row among others alike (`data-row`, `data-row-for`: one or more choices). */
function showInRow(field: Element): void {
  if (!(field instanceof HTMLSelectElement) || !field.hasAttribute("data-shows-in-row")) return;
  for (const dependent of field.closest("[data-row]")?.querySelectorAll<HTMLElement>("[data-row-for]") ?? [])
    dependent.hidden = !dependent.dataset["rowFor"]?.split(" ").includes(field.value);
}

/** Enter within `data-enter` presses the button there that is named so, and not the form's first. */
function pressSearch(event: KeyboardEvent): void {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)) return;
  const place = event.target.closest<HTMLElement>("[data-enter]");
  const button = place?.querySelector<HTMLButtonElement>(`button[value="${place.dataset["enter"]}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

/** An input with `data-quarter-of` follows a quarter of that field, rounded up, until somebody types into it. */
function fillQuarter(typed: HTMLInputElement): void {
  if (typed.dataset["quarterOf"]) typed.dataset["own"] = "yes";
  const follower = document.querySelector<HTMLInputElement>(`[data-quarter-of="${typed.id}"]:not([data-own])`);
  if (follower && typed.id) follower.value = Number(typed.value) > 0 ? String(Math.ceil(Number(typed.value) / 4)) : "";
}

/** A form that buys or changes something is sent once, however often its button is pressed. */
function once(form: HTMLFormElement, event: Event): void {
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset["sent"]) event.preventDefault();
  form.dataset["sent"] = "yes";
}
