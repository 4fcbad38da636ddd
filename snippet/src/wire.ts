/** What is said between snippet and edge: docs/snippet-protocol.md. */

/** One number to show: `find` are the target's digits as pages write them, `number` is E.164, `national` its usual display. */
export interface Swap {
  scenario: number;
  find: string[];
  number: string;
  national: string;
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
  /** To a beacon: a number on the page is somebody else's by now; ask `/v1/visit` again. */
  ask?: boolean;
}

/** One thing that happened on the page. */
export type Happening =
  | { kind: "swapped"; places: Record<string, number> }
  | { kind: "beat"; places: Record<string, number> }
  | { kind: "leave" }
  | { kind: "tel_click"; number: string }
  | { kind: "view"; url: string; title: string }
  | { kind: "event"; name: string; data: Record<string, unknown> };

/** As long an address or title as the edge takes. */
export const cut = (text: string): string => text.slice(0, 8192);
