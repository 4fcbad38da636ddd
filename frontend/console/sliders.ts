/** A slider beside a field: `<input type="range" data-slides="ID OF THE FIELD">` moves the field, and the field the slider. */

export function listenToSliders(): void {
  document.addEventListener("input", (event) => {
    const moved = event.target;
    if (!(moved instanceof HTMLInputElement)) return;
    const field = moved.dataset["slides"] ? document.getElementById(moved.dataset["slides"]) : null;
    if (field instanceof HTMLInputElement) {
      field.value = moved.value;
      return;
    }
    const slider = moved.id ? document.querySelector<HTMLInputElement>(`[data-slides="${CSS.escape(moved.id)}"]`) : null;
    if (slider && moved.value) slider.value = moved.value;
  });
}
