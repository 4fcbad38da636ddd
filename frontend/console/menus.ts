/** `<details data-menu>` closes like a menu: on Escape, on a click elsewhere, when the focus leaves it. Copy buttons live here too. */

const OPEN = "details[data-menu][open]";

export function listenToMenus(): void {
  document.addEventListener("click", (event) => {
    closeAllBut(event.target as Node);
    const button = event.target instanceof Element ? event.target.closest<HTMLElement>("[data-copy]") : null;
    if (button) void copy(button);
  });
  document.addEventListener("focusin", (event) => closeAllBut(event.target as Node));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN)) {
      menu.open = false;
      menu.querySelector("summary")?.focus();
    }
  });
}

function closeAllBut(inside: Node): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>(OPEN)) if (!menu.contains(inside)) menu.open = false;
}

/** Puts the text of the element named by `data-copy` on the clipboard and says so; where that is forbidden, selects it. */
async function copy(button: HTMLElement): Promise<void> {
  const source = document.getElementById(button.dataset["copy"] ?? "");
  if (!source) return;
  try {
    await navigator.clipboard.writeText(source.textContent ?? "");
  } catch {
    getSelection()?.selectAllChildren(source);
    return;
  }
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  label.textContent = button.dataset["done"] ?? before;
  setTimeout(() => (label.textContent = before), 1500);
}
