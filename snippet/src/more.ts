/**
 * The second file: what happens once the numbers are in place. It tells the edge of the page's life, follows what the
 * visitor says about consent, and does what few pages need: targets by selector, frames, other sites of the company.
 */

import { carryTo } from "./carry";
import { renew } from "./copies";
import { events, hand } from "./page_code";
import type { Kit, More } from "./extra";
import { takeForms } from "./forms";
import { keep, kept } from "./keep";
import { beatEvery, listen, listenIn } from "./page";
import { isAsked, place } from "./place";
import { connect, flush, hold, open, report, tell } from "./talk";
import { followTrees } from "./trees";
import type { Answer } from "./wire";

const OFTEN = 300; // ms

export function start(kit: Kit): More {
  /** Consent was given or withdrawn: nothing is kept then, and the page has its own numbers until the edge has answered. */
  function reconsider(): void {
    const now = kit.consent_();
    if (now === kit.question_().consent) return;
    if (now === false) {
      tell({ kind: "forget" });
      flush();
      kit.forget_();
      kit.clear_();
      answered();
    }
    kit.again_();
  }

  function answered(answer?: Answer): void {
    const isCounted = !!answer?.page && !answer.test;
    keep(isCounted && answer.swaps);
    renew(kit, answer?.swaps || []);
    if (answer) hand(answer.swaps);
    carryTo(answer?.domains);
    takeForms(answer?.forms);
    if (!isCounted) return open();
    open(answer.token, answer.page);
    beatEvery(answer.beat || 30);
  }

  const told = (): void => {
    if (Object.keys(kit.places_()).length) report(kit.places_());
  };
  connect(kit);
  addEventListener("pagehide", reconsider, true);
  listen(kit);
  followTrees(kit);
  setInterval(reconsider, OFTEN);
  renew(kit, kept());
  answered(kit.answer_());
  told();
  events(kit.events_);
  if (isAsked(kit.answer_())) queueMicrotask(kit.look_);
  return {
    place_(root, answer) {
      listenIn(root);
      place(kit, root, answer);
    },
    told_: told,
    answered_: answered,
    hold_: hold,
  };
}
