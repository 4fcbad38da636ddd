/** The numbers that the visitor was shown, kept for as long as they are surely still theirs. Never who the visitor is. */

import { wishes } from "./api";
import { attempt } from "./extra";
import { recall, remember } from "./identity";
import type { Swap } from "./wire";

/** The numbers of an earlier page of this visitor, while their leases last. Throws where there are none, or no storage. */
export function cached(): Swap[] {
  const [at, swaps]: [number, Swap[]] = JSON.parse(localStorage.callspring);
  // Somebody whose cookie is gone is somebody new, and a page that chooses its scenarios may want others than the last one.
  return recall() && !wishes().scenarios ? swaps.filter(({ hold }) => at + hold! * 1000 > Date.now()) : [];
}

/** Deletes all that is kept in this browser. */
export function forget(): void {
  remember("", 0);
  attempt(() => delete localStorage.callspring);
}
