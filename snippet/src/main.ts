/** Callspring's snippet: asks which numbers this visitor is to see, puts them in place, and tells what becomes of it. */

import { announce, learn, publish, settle } from "./api";
import { recall, remember } from "./identity";
import { beatEvery, listen } from "./page";
import { type Origin, origin } from "./script";
import { news, use } from "./swap";
import { ask, connect, hold, open, report } from "./talk";
import { watch } from "./watch";
import { type Answer, cut } from "./wire";

let again: (() => void) | undefined;

function start(edge: Origin): void {
  const back = (): void => {
    hold();
    void visit(true);
  };
  connect(edge, back);
  publish();
  listen(back);
  const first = (): Promise<void> => visit(isReload());
  // A page that is prepared before anybody sees it must not take a number.
  if ("prerendering" in document && document.prerendering)
    document.addEventListener("prerenderingchange", first, { once: true });
  else void first();
}

/** Asks who this is and which numbers to show, and does what the answer says. Without a good answer nothing is touched. */
async function visit(reload: boolean): Promise<void> {
  const answer = await ask("/v1/visit", {
    url: cut(location.href),
    referrer: cut(document.referrer),
    title: cut(document.title),
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone || "",
    token: recall(),
    automated: !!navigator.webdriver,
    reload,
  });
  try {
    act(answer as Answer);
  } catch {
    open(); // what answered was not the edge
  }
  settle();
}

function act(answer: Answer): void {
  const { token, page, swaps, beat, cookie_days } = answer;
  use(swaps); // throws, before anything is done, when these are no swaps
  learn(answer);
  if (token) remember(token, cookie_days || 180);
  open(token, page);
  if (page) beatEvery(beat && beat >= 1 ? beat : 30);
  if (again) again();
  else if (swaps.length) again = watch(tellNews);
}

function tellNews(): void {
  const places = news();
  if (!places) return;
  report(places);
  announce(places);
}

/** Whether this is an earlier arrival shown again (reload, back, forward), so that its referrer and parameters are no news. */
function isReload(): boolean {
  const [entry] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
  return !!entry && /^(reload|back)/.test(entry.type);
}

const edge = origin();
// An element with the id "callspring" is on window as well, but it is never ready.
if (edge && !(window.callspring && window.callspring.ready)) start(edge);
