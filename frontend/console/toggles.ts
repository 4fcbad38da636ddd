/** Dropdowns and collapses with Bootstrap's markup (`data-bs-toggle`), so that 130 kB of script need not be loaded for them. */

const TOGGLE = '[data-bs-toggle="dropdown"],[data-bs-toggle="collapse"]';

export function listenToToggles(): void {
  document.addEventListener("click", (event) => {
    const toggle = event.target instanceof Element ? event.target.closest(TOGGLE) : null;
    closeDropdowns(toggle);
    if (!toggle) return;
    event.preventDefault();
    set(toggle, toggle.getAttribute("aria-expanded") !== "true");
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeDropdowns(null);
  });
}

/** Opens or closes what `toggle` is for. */
function set(toggle: Element, open: boolean): void {
  const target = targetOf(toggle);
  toggle.setAttribute("aria-expanded", String(open));
  toggle.classList.toggle("show", open && isDropdown(toggle));
  target?.classList.toggle("show", open);
  if (isDropdown(toggle)) target?.setAttribute("data-bs-popper", "static"); // placed by the style sheet alone
}

function closeDropdowns(except: Element | null): void {
  for (const toggle of document.querySelectorAll('[data-bs-toggle="dropdown"][aria-expanded="true"]'))
    if (toggle !== except) set(toggle, false);
}

const isDropdown = (toggle: Element): boolean => toggle.getAttribute("data-bs-toggle") === "dropdown";

function targetOf(toggle: Element): Element | null {
  if (isDropdown(toggle)) return toggle.parentElement?.querySelector(".dropdown-menu") ?? null;
  const selector = toggle.getAttribute("data-bs-target") ?? toggle.getAttribute("href");
  return selector ? document.querySelector(selector) : null;
}
