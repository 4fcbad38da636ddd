/** Keeps the numbers that the visitor is shown for their next page: cache.ts reads them. Part of the second file. */

import type { Swap } from "./wire";

let kept: Swap[] | false;

/** Keeps these numbers, or none; or those kept last: a sign of life makes them last longer. */
export function keep(swaps = kept): void {
  kept = swaps;
  try {
    if (kept) localStorage.callspring = JSON.stringify([Date.now(), kept]);
  } catch {
    // Storage is refused or full: the next page asks first.
  }
}
