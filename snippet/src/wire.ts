/** What is said between snippet and edge: docs/snippet-protocol.md. */

/** One number to show: `find` are the target's digits as pages write them, E.164 first, `number` is E.164, `national` its usual display. */
export interface Swap {
  scenario: number;
  find: string[];
  number: string;
  national: string;
  /** How the number is written in texts; without it as the page wrote the target. */
  text?: string;
  /** CSS selector and text: what becomes the content of the elements that it selects. */
  at?: [css: string, text: string][];
  /** Seconds that the number stays this visitor's after their last activity. */
  hold?: number;
}

export interface Answer {
  token?: string;
  visit?: number;
  /** The id of this page view. */
  page?: string;
  swaps: Swap[];
  /** Seconds between beats. */
  beat?: number;
  cookie_days?: number;
  /** False: nothing may be kept in this browser, and nothing told. */
  consent?: boolean;
  /** Why there is nothing for this page. */
  reason?: string;
  /** Somebody tries what a source would be shown: nothing is kept or told. */
  test?: boolean;
  /** The company's other hosts: links there carry the visitor's token. */
  domains?: string[];
  /** What visitors send with forms is told. */
  forms?: boolean;
  /** To a beacon: a number on the page is somebody else's by now; ask `/v1/visit` again. */
  ask?: boolean;
}

/** Scenario id → places. */
export type Places = Record<string, number>;

/** One thing that happened on the page. */
export type Happening =
  | { kind: "swapped"; places: Places }
  | { kind: "beat"; places: Places }
  | { kind: "leave" }
  | { kind: "forget" }
  | { kind: "tel_click"; number: string }
  | { kind: "view"; url: string; title: string }
  | { kind: "event"; name: string; data: Record<string, unknown> };

/** The page that is shown. Addresses and titles are cut to what the edge takes. */
export const here = (): { url: string; title: string } => ({
  url: location.href.slice(0, 8192),
  title: document.title.slice(0, 8192),
});

