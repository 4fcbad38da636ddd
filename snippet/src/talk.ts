/** The two things said to the edge: a question per page load, and beacons. Neither ever throws or waits longer than 3 s. */

import type { Origin } from "./script";
import type { Answer, Happening } from "./wire";

const TIMEOUT = 3000; // ms
const WAITING = 50; // events kept until the edge has answered
const GAP = 2000; // ms between two reports of swapped places

let edge: Origin;
/** What to do when the edge says that a number on the page is the visitor's no longer. */
let anew: () => void;
let token = "";
/** The page view that beacons name; "" while the edge has not named one. */
let page = "";
let queue: Happening[] = [];
let places: Record<string, number> | null = null;
let gap = 0;
let timer = 0;

export function connect(to: Origin, again: () => void): void {
  edge = to;
  anew = again;
}

/** Asks the edge. Null for whatever is not JSON with status 200 within 3 s. */
export async function ask(path: string, body: object): Promise<unknown> {
  const stop = new AbortController();
  const alarm = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const answer = await fetch(edge.base + path, {
      method: "POST",
      body: written(body),
      headers: { "content-type": "text/plain" },
      credentials: "omit",
      keepalive: true,
      signal: stop.signal,
    });
    return answer.status === 200 ? await answer.json() : null;
  } catch {
    return null;
  } finally {
    clearTimeout(alarm);
  }
}

const written = (body: object): string => JSON.stringify({ key: edge.key, ...body });

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

/** Sends what happened at once, or as soon as the edge has answered. */
export function tell(happening: Happening): void {
  note(happening);
  flush();
}

/** Sends it with whatever else the running code has to tell: beacons that leave one by one may overtake each other. */
export function tellSoon(happening: Happening): void {
  note(happening);
  void Promise.resolve().then(flush);
}

function note(happening: Happening): void {
  if (queue.length < WAITING) queue.push(happening);
}

/** Confirms the places swapped so far: the first time at once, then in batches. */
export function report(swapped: Record<string, number>): void {
  places = swapped;
  if (!timer) timer = window.setTimeout(flush, gap);
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
  if (!body.events.some(({ kind }) => kind === "view" || kind === "beat") && beacon(body)) return;
  void ask("/v1/beacon", body).then((answer) => {
    if (!answer || page !== body.page) return; // of several answers to one page view the first that says `ask` counts
    page = (answer as Answer).page || page;
    if ((answer as Answer).ask) anew();
  });
}

function beacon(body: object): boolean {
  try {
    return navigator.sendBeacon(edge.base + "/v1/beacon", written(body));
  } catch {
    return false;
  }
}
