/** Beacons: what happened on the page since. Part of the second file. */

import type { Kit } from "./extra";
import type { Answer, Happening, Places } from "./wire";

const WAITING = 50; // events kept until the edge has answered
const GAP = 2000; // ms between two reports of swapped places

let kit: Kit;
let token: string;
/** The page view that beacons name; "" where nobody listens, undefined while the edge has not said. */
let page: string | undefined;
let queue: Happening[] = [];
let places: Places | null;
let gap: number;
let timer: number;

/** Says with what to send. */
export function connect(given: Kit): void {
  kit = given;
}

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
  page = undefined;
  places = null;
}

/**
 * Sends what happened as soon as the edge has answered, together with whatever else the running code has to tell:
 * beacons that leave one by one may overtake each other.
 */
export function tell(happening: Happening): void {
  if (page !== "" && queue.length < WAITING) queue.push(happening);
  queueMicrotask(flush);
}

/** Confirms the places swapped so far: the first time at once, then in batches. */
export function report(swapped: Places): void {
  places = swapped;
  timer ||= setTimeout(flush, gap);
}

/** Sends what waits, now. */
export function flush(): void {
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
  if (!isRead && navigator.sendBeacon?.(kit.edge_!.base_ + "/v1/beacon", kit.written_(body))) return;
  void kit.ask_("/v1/beacon", body).then((answer) => {
    if (!answer || page !== body.page) return; // of several answers to one page view the first that says `ask` counts
    page = (answer as Answer).page || page;
    if ((answer as Answer).ask) kit.again_();
  });
}
