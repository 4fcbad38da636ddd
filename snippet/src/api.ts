/** What the site's own code can use: `window.callspring`, and the DOM event `callspring:swapped` on the document. */

import { tell } from "./talk";
import { look } from "./watch";
import type { Swap } from "./wire";

/** A number chosen for this visitor. `number` is E.164. */
export interface Shown {
  scenario: number;
  number: string;
  national: string;
}

export interface Api {
  /** Resolves with the numbers once the edge has answered or cannot; never rejects. */
  ready: Promise<Shown[]>;
  /** The numbers chosen for this visitor; empty when there are none. */
  numbers(): Shown[];
  /** The visit number, or null. */
  visit(): number | null;
  /** Shows the numbers in a node that is no part of the page's own tree too, and keeps them there: a frame's document. */
  swap(node: Node): void;
  /** Tells of something of the site's own; of `data` only strings, numbers and booleans, named. */
  event(name: string, data?: unknown): void;
}

declare global {
  interface Window {
    callspring?: Api;
  }
}

let shown: Shown[] = [];
let number: number | null = null;
/** Resolves the ready promise. */
export let settle: () => void;

/** Puts the API in place. */
export function publish(): void {
  const ready = new Promise<Shown[]>((resolve) => {
    settle = () => resolve(numbers());
  });
  window.callspring = { ready, numbers, visit: () => number, swap: look, event };
}

/** From here on the API speaks of these numbers and this visit. */
export function learn(swaps: Swap[], visit: number | null = null): void {
  shown = swaps.map(({ scenario, number, national }) => ({ scenario, number, national }));
  number = visit;
}

const numbers = (): Shown[] => shown;

function event(name: string, data?: unknown): void {
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries<any>(data instanceof Object ? data : {}))
    if (/^[snb]/.test(typeof value)) plain[key] = value.slice?.(0, 500) ?? value;
  tell({ kind: "event", name: `${name}`.slice(0, 100), data: plain });
}

/** Lets the page know that numbers were swapped. */
export function announce(places: Record<string, number>): void {
  document.dispatchEvent(new CustomEvent("callspring:swapped", { detail: { places, numbers: numbers() } }));
}
