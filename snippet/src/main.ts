/**
 * Callspring's snippet: asks which numbers this visitor is to see and puts them in place. What becomes of it the second
 * file tells.
 */

import { announce, events, publish, settle, wishes } from "./api";
import { ask, written } from "./ask";
import { cached, forget } from "./cache";
import { consent } from "./consent";
import { attempt, more, pass } from "./extra";
import { recall, remember } from "./identity";
import { edge } from "./script";
import { confirm, current, news, tools, use } from "./swap";
import { look, watch } from "./watch";
import { type Answer, here } from "./wire";

let isWatching: boolean | undefined;
/** What is shown though the edge has not said so yet, as JSON. */
let unconfirmed = "";
/** The question whose answer counts: the last one. */
let asked = 0;
let question: Record<string, unknown> & { url: string; consent: boolean | undefined };

/** For the second file. */
export const given = {
  ...tools,
  edge_: edge,
  ask_: ask,
  written_: written,
  forget_: forget,
  here_: here,
  consent_: consent,
  look_: lookAt,
  events_: events,
  again_: again,
  answer_: () => current,
  question_: () => question,
  clear_: clear,
};

function again(): void {
  more?.hold_();
  void visit(true);
}

function clear(): void {
  if (isWatching) show({ swaps: [] });
}

/** Asks the edge. Meanwhile what the visitor was shown a moment ago is shown; the edge says whether it still holds. */
function first(): void {
  if (consent() === false) forget();
  // An earlier arrival shown again (reload, back, forward): its referrer and parameters are no news.
  void visit(performance.navigation?.type > 0);
  attempt(() => {
    const swaps = cached();
    if (swaps[0]) show({ swaps });
    unconfirmed = JSON.stringify(swaps);
  });
}

/** Asks who this is and which numbers to show, and does what the answer says. Without a good answer the page has its own. */
async function visit(reload: boolean): Promise<void> {
  const mine = ++asked;
  const agreed = consent();
  question = {
    ...here(),
    ...wishes(),
    referrer: document.referrer,
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    token: agreed === false ? "" : recall(),
    automated: navigator.webdriver,
    reload,
    consent: agreed,
  };
  const answer = (await ask("/v1/visit", question)) as Answer;
  if (mine !== asked) return; // something has changed meanwhile
  try {
    const { token, swaps, cookie_days, test } = answer;
    // Throws, before anything is done, when these are no swaps.
    if (JSON.stringify(swaps) === unconfirmed) confirm(answer);
    else show(answer);
    if (answer.consent === false) forget();
    // Where the edge has set the cookie it is there, unless it was refused.
    else if (!test && token && recall() !== token) remember(token, cookie_days!);
    pass(answer, given);
  } catch {
    clear();
    more?.answered_(); // what answered was not the edge
  }
  unconfirmed = "";
  settle();
}

/** Swaps in a tree too, where nothing has been swapped before as well. */
function lookAt(root?: Node): void {
  look(root);
  if (!isWatching) {
    isWatching = true;
    watch(tellNews);
  }
}

function show(answer: Answer): void {
  use(answer);
  if (isWatching || answer.swaps[0]) lookAt();
}

function tellNews(): void {
  if (!news()) return;
  more?.told_();
  announce();
}

// An element with the id "callspring" is on window as well, but it is never ready.
if (edge && !window.callspring?.ready) {
  publish();
  // A page that is prepared before anybody sees it must not take a number.
  if ((document as Document & { prerendering?: boolean }).prerendering)
    document.addEventListener("prerenderingchange", first);
  else first();
}
