/** Loads the second file, more.ts, once the number is in place. What the two share, they share here. */

import type { Api } from "./api";
import type { given as Given_ } from "./main";
import { ask } from "./ask";
import { numberIn } from "./find";
import { edge } from "./script";
import { places } from "./swap";
import type { Answer } from "./wire";

// Names that end in _ are shortened by the build, in both files alike.

/** What the second file does. */
export interface More {
  /** Puts in place what is chosen by selector, and follows frames, in what was added or changed. */
  place_(root: Node, answer: Answer): void;
  /** There are new places. */
  told_(): void;
  /** The edge has answered; undefined when it has not. */
  answered_(answer?: Answer): void;
  /** The edge is being asked again: nothing may be told meanwhile. */
  hold_(): void;
}

/** What it is handed. */
export type Kit = typeof Given_;

// The beginning of the second file's hash, put in by the build.
declare const MORE: string;

/** The second file, when it is there. */
export let more: More | undefined;
let isLoading: boolean | undefined;

/** A function's result, or undefined where it throws: storage, cookies and scripts may be refused. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return; // there is none
  }
}

/** Tells the second file of an answer, and loads it; not where the edge says that it has nothing for this page. */
export function pass(answer: Answer, given: Kit): void {
  more?.answered_(answer);
  if (isLoading || answer.reason) return;
  isLoading = true;
  const { token, page } = answer;
  /** What may be the last of this page is told from here, as long as the second file has not come. */
  const last = (event: Event): void => {
    const link = (event.composedPath()[0] as Element).closest?.<HTMLAnchorElement>("[href^=tel]");
    const said = link ? { kind: "tel_click", number: numberIn(link.href) } : event.type > "d" && { kind: "leave" };
    if (said && page && !more) void ask("/v1/beacon", { token, page, events: [{ kind: "swapped", places }, said] });
  };
  addEventListener("click", last, true);
  addEventListener("pagehide", last, true);
  // Unlike a script element it needs no leave of Trusted Types, and has the nonce that we have. `attempt` is the shortest
  // function that does nothing with an error.
  import(`${edge!.base_}/cs/more-${MORE}.js`).then(({ start }) => (more = start(given))).catch(attempt);
}

declare global {
  interface Window {
    callspring?: Api;
  }
}
