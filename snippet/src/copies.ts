/**
 * Copies that the page made of what was swapped: carousels, page caches and translators copy elements with the number in
 * them, and take it for their own. Once that number is somebody else's, the copies get the one that is shown now, or the
 * page's. Part of the second file.
 */

import type { Kit } from "./extra";
import type { Swap } from "./wire";

const NO_SCENARIO = 0; // nothing is confirmed where the page's own number is put back

let shown: Swap[] = [];

/** From here on these numbers are shown; what shows others of before is looked for. */
export function renew({ search_, look_ }: Kit, swaps: Swap[]): void {
  const past = shown.filter(({ number }) => !swaps.some((swap) => swap.number === number));
  shown = [...swaps, ...past];
  if (!past.length) return;
  search_([...swaps, ...past.map((old) => replaced(old, swaps))]);
  look_();
}

/** What stands in the place of a number that was shown: the scenario's number now, or the page's, as it writes such. */
function replaced(old: Swap, swaps: Swap[]): Swap {
  const digits = old.national.replace(/\D/g, "");
  const [whole = old.number] = old.find;
  const alike = old.find.find((form) => form.length === digits.length) || whole;
  const own = { scenario: NO_SCENARIO, number: whole, national: alike };
  const { scenario, number, national } = swaps.find((swap) => swap.scenario === old.scenario) || own;
  return { scenario, number, national, find: [old.number, old.number.slice(1), digits] };
}
