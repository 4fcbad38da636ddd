/** Keeps the numbers that the visitor is shown for their next page: cache.ts reads them. Part of the second file. */

import type { Swap } from "./wire";

let shown: Swap[] | false;

/** The numbers of the page before, which may have been shown on this one until the edge answered. */
export function kept(): Swap[] {
  try {
    return JSON.parse(localStorage.callspring)[1].filter(({ find, national }: Swap) => find.join() && national.trim());
  } catch {
    return []; // there are none, or they are not ours
  }
}

/** Keeps these numbers, or none; or those kept last: a sign of life makes them last longer. */
export function keep(swaps = shown): void {
  shown = swaps;
  try {
    // Whose cookie is gone, perhaps from another tab, has taken their consent back.
    if (shown && /\bcallspring=./.test(document.cookie)) localStorage.callspring = JSON.stringify([Date.now(), shown]);
  } catch {
    // Storage is refused or full: the next page asks first.
  }
}
