/** What the second file does for the page's own code: its events, and its numbers where it places them itself. */

import { tell } from "./talk";
import type { Swap } from "./wire";

/** Is called with each number of an answer, as it is written in texts, for the page to place itself. */
type Receiver = (number: string, swap: { scenario: number; number: string; national: string }) => void;

declare global {
  interface Window {
    onCallspringNumber?: Receiver;
    onCallTrackingPhoneReceived?: Receiver;
  }
}

/** Hands the page its numbers. What its own code does wrong with them stays its own. */
export function hand(swaps: Swap[]): void {
  const receive = window.onCallspringNumber || window.onCallTrackingPhoneReceived;
  for (const { scenario, number, national, text } of receive ? swaps : [])
    setTimeout(receive!, 0, text || national, { scenario, number, national });
}

/** Tells of the page's own events: those that waited, and from now on each. */
export function events(waiting: unknown[][]): void {
  waiting.forEach(event);
  waiting.push = (...more) => {
    more.forEach(event);
    return 0;
  };
}

function event([name, data]: unknown[]): void {
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries<any>(data instanceof Object ? data : {}))
    if (/^[snb]/.test(typeof value)) plain[key] = value.slice?.(0, 500) ?? value;
  tell({ kind: "event", name: `${name}`.slice(0, 100), data: plain });
}
