/** What the site's own code can use: `window.callspring`, and the DOM event `callspring:swapped` on the document. */

import { tellSoon } from "./talk";
import type { Answer } from "./wire";

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
  /** Tells of something of the site's own; of `data` only strings, numbers and booleans, named. */
  event(name: string, data?: unknown): void;
}

declare global {
  interface Window {
    callspring?: Api;
  }
}

let answer: Answer | null = null;
/** Resolves the ready promise. */
export let settle: () => void;

/** Puts the API in place. */
export function publish(): void {
  const ready = new Promise<Shown[]>((resolve) => {
    settle = () => resolve(numbers());
  });
  window.callspring = { ready, numbers, visit: () => (answer && answer.visit) || null, event };
}

/** From here on the API speaks of this answer. */
export function learn(got: Answer): void {
  answer = got;
}

const numbers = (): Shown[] =>
  answer ? answer.swaps.map(({ scenario, number, national }) => ({ scenario, number, national })) : [];

const isScalar = (value: unknown): boolean => /^(str|num|boo)/.test(typeof value);

function event(name: string, data?: unknown): void {
  const plain: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(typeof data === "object" && data ? data : {}))
    if (isScalar(value)) plain[key.slice(0, 100)] = typeof value === "string" ? value.slice(0, 500) : value;
  tellSoon({ kind: "event", name: String(name).slice(0, 100), data: plain });
}

/** Lets the page know that numbers were swapped. */
export function announce(places: Record<string, number>): void {
  document.dispatchEvent(new CustomEvent("callspring:swapped", { detail: { places, numbers: numbers() } }));
}
