/** The two things said to the edge: a question per page load, and beacons. Neither ever throws or waits longer than 3 s. */

import { edge } from "./script";
import type { Answer, Happening, Places } from "./wire";

const TIMEOUT = 3000; // ms
const WAITING = 50; // events kept until the edge has answered
const GAP = 2000; // ms between two reports of swapped places

/** What to do when the edge says that a number on the page is the visitor's no longer. */
let anew: () => void;
let token: string;
/** The page view that beacons name; "" while the edge has not named one. */
let page: string;
let queue: Happening[] = [];
let places: Places | null;
let gap: number;
let timer: number;

/** Says what to do then. */
export function connect(again: () => void): void {
  anew = again;
}

/** Asks the edge. Undefined for whatever is not good JSON within 3 s. */
export async function ask(path: string, body: object): Promise<unknown> {
  try {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), TIMEOUT);
    const answer = await fetch(edge!.base + path, {
      method: "POST",
      body: written(body),
      credentials: "omit",
      keepalive: true,
      signal: stop.signal,
    });
    if (answer.ok) return await answer.json();
  } catch {
    // nobody is there, or it is not the edge
  }
}

const written = (body: object): string => JSON.stringify({ key: edge!.key, ...body });

/** From here on beacons name this page view. Without one nobody listens, and what waited is dropped. */
export function open(newToken = "", newPage = ""): void {
  token = newToken;
  page = newPage;
  gap = 0;
  if (!page) queue = [];
  flush();
}

/** Holds beacons back until the edge has named the next page view. */
export function hold(): void {
  page = "";
  places = null;
}

/**
 * Sends what happened as soon as the edge has answered, together with whatever else the running code has to tell:
 * beacons that leave one by one may overtake each other.
 */
export function tell(happening: Happening): void {
  if (queue.length < WAITING) queue.push(happening);
  queueMicrotask(flush);
}

/** Confirms the places swapped so far: the first time at once, then in batches. */
export function report(swapped: Places): void {
  places = swapped;
  timer ||= setTimeout(flush, gap);
}

function flush(): void {
  if (!page) return;
  if (places) {
    queue.unshift({ kind: "swapped", places });
    gap = GAP;
  }
  clearTimeout(timer);
  timer = 0;
  places = null;
  if (queue.length) send({ token, page, events: queue });
  queue = [];
}

function send(body: { token: string; page: string; events: Happening[] }): void {
  // Only what is answered to a view or a beat is read, so that an edge that always says `ask` is asked at the pace of
  // beats; a beacon outlives the page and the dialler.
  const isRead = body.events.some(({ kind }) => /view|beat/.test(kind));
  if (!isRead && navigator.sendBeacon?.(edge!.base + "/v1/beacon", written(body))) return;
  void ask("/v1/beacon", body).then((answer) => {
    if (!answer || page !== body.page) return; // of several answers to one page view the first that says `ask` counts
    page = (answer as Answer).page || page;
    if ((answer as Answer).ask) anew();
  });
}
