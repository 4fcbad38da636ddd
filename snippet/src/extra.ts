/** Loads the second file, more.ts, once the number is in place. What the two share, they share here. */

import type { Api } from "./api";
import type { given as Given_ } from "./main";
import { edge } from "./script";
import { tools } from "./swap";
import type { Answer } from "./wire";

// Names that end in _ are shortened by the build, in both files alike.

type Given = typeof Given_;

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
export type Kit = ReturnType<typeof kit>;

// The hash of the second file, put in by the build.
declare const MORE: string;

/** The second file, when it is there. */
export let more: More | undefined;

/** A function's result, or undefined where it throws: storage, cookies and scripts may be refused. */
export function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** Tells the second file of an answer, and loads it; not where the edge says that it has nothing for this page. */
export function pass(answer: Answer, given: Given): void {
  more?.answered_(answer);
  const api = window.callspring!;
  if (api.more || answer.reason) return;
  api.more = (start) => (more = start(kit(given)));
  attempt(() => {
    const script = document.createElement("script");
    script.integrity = "sha256-" + MORE;
    script.crossOrigin = "";
    const policy = (window as any).trustedTypes?.createPolicy("callspring", { createScriptURL: (url: string) => url });
    const url = `${edge!.base_}/cs/more-${MORE.slice(0, 8)}.js`;
    script.src = policy ? policy.createScriptURL(url) : url;
    document.head.append(script);
  });
}

const kit = (given: Given) => ({ ...tools, ...given });

declare global {
  interface Window {
    callspring?: Api & { more?: (start: (kit: Kit) => More) => unknown };
  }
}
