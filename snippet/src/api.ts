/** What the site's own code can use: `window.callspring`, and the DOM event `callspring:swapped` on the document. */

import { agree } from "./consent";
import { current, places } from "./swap";
import { look } from "./watch";

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
  /**
   * Shows the numbers in a node that is no part of the page's own tree too, as a frame's document, and keeps them there as
   * long as it is in a page.
   */
  swap(node: Node): void;
  /** Tells of something of the site's own; of `data` only strings, numbers and booleans, named. */
  event(name: string, data?: unknown): unknown;
  /** What the visitor chose. It counts more than what the browser and other tools on the page say. */
  consent(yes: boolean): void;
}

/** What the site's own code tells, until the second file takes it. */
export const events: unknown[][] = [];
/** Resolves the ready promise. */
export let settle: () => void;

/** Puts the API in place. */
export function publish(): void {
  const ready = new Promise<Shown[]>((resolve) => {
    settle = () => resolve(numbers());
  });
  const event = (...said: unknown[]): unknown => events.push(said);
  window.callspring = { ready, numbers, visit: () => current.visit ?? null, swap: look, consent: agree, event };
}

/** What the page says of its numbers, by our names or Roistat's. */
export function wishes(): { scenarios: unknown[] | undefined; prefix: string | undefined; bind: string | undefined } {
  const wish = (ours: string, theirs = ours): any =>
    (window as any)["callspring" + ours] || (window as any)["roistat" + theirs];
  const some = wish("Scenarios", "CalltrackingScripts");
  // Numbers where texts belong, and one where several do: people write both.
  const text = (said: any): string | undefined => said && `${said}`;
  return {
    scenarios: some && [some].flat(),
    prefix: text(wish("PhonePrefix")),
    bind: text(wish("PhonePrefixBind")),
  };
}

const numbers = (): Shown[] =>
  current.swaps.map(({ scenario, number, national }) => ({ scenario, number, national }));

/** Lets the page know that numbers were swapped. */
export function announce(): void {
  document.dispatchEvent(new CustomEvent("callspring:swapped", { detail: { places, numbers: numbers() } }));
}
