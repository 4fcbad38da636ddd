/** Callspring's snippet: asks which numbers this visitor is to see, puts them in place, and tells what becomes of it. */

import { announce, learn, publish, settle } from "./api";
import { cached, keep } from "./cache";
import { recall, remember } from "./identity";
import { beatEvery, listen } from "./page";
import { edge } from "./script";
import { news, places, use } from "./swap";
import { ask, connect, hold, open, report } from "./talk";
import { look, watch } from "./watch";
import { type Answer, type Swap, cut, here } from "./wire";

let isWatching = false;
/** What is shown though the edge has not said so yet, as JSON. */
let unconfirmed = "";

function again(): void {
  hold();
  void visit(true);
}

/** What the visitor was shown a moment ago is shown at once; the edge says whether it still holds. */
function first(): void {
  try {
    const swaps = cached();
    if (swaps.length) show(swaps);
    unconfirmed = JSON.stringify(swaps);
  } catch {
    // nothing, or nothing of ours, was stored
  }
  // An earlier arrival shown again (reload, back, forward): its referrer and parameters are no news.
  void visit([1, 2].includes(performance.navigation?.type));
}

/** Asks who this is and which numbers to show, and does what the answer says. Without a good answer the page has its own. */
async function visit(reload: boolean): Promise<void> {
  const question = {
    ...here(),
    referrer: cut(document.referrer),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    token: recall(),
    automated: !!navigator.webdriver,
    reload,
  };
  try {
    const { token, visit, page, swaps, beat, cookie_days } = (await ask("/v1/visit", question)) as Answer;
    if (JSON.stringify(swaps) !== unconfirmed) show(swaps); // throws, before anything is done, when these are no swaps
    learn(swaps, visit);
    if (token) remember(token, cookie_days || 180);
    open(token, page);
    keep(swaps);
    if (page) beatEvery(beat || 30);
  } catch {
    open(); // what answered was not the edge
    if (isWatching) show([]);
  }
  unconfirmed = "";
  settle();
}

function show(swaps: Swap[]): void {
  use(swaps);
  learn(swaps);
  if (isWatching) look();
  else if ((isWatching = !!swaps.length)) watch(tellNews);
}

function tellNews(): void {
  if (!news()) return;
  report(places);
  announce(places);
}

// An element with the id "callspring" is on window as well, but it is never ready.
if (edge && !window.callspring?.ready) {
  connect(again);
  publish();
  listen(again);
  // A page that is prepared before anybody sees it must not take a number.
  if ((document as Document & { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", first, { once: true });
  else first();
}
