/**
 * What is chosen by CSS selector: texts that become an element's content, and frames that are followed. Part of the
 * second file.
 */

import type { Kit } from "./extra";
import type { Answer, Swap } from "./wire";

const SHOW_TEXT = 4; // what a walker shows
const FRAME = "iframe[data-callspring=on]";
const VISIT = "[data-callspring=visit]";

const followed = new WeakSet<object>();

/** Whether an answer or the page has something to place or to follow. */
export const isAsked = ({ swaps }: Answer): boolean =>
  swaps.some(({ at }) => at) || !!document.querySelector(`${FRAME},${VISIT}`);

/** Does all that in `root`, which was added or changed, and in what it lies in. */
export function place(kit: Kit, root: Node, { swaps, visit }: Answer): void {
  for (const swap of swaps)
    for (const [css, text] of swap.at || [])
      for (const element of found(kit, root, css)) {
        fill(kit, element, text);
        kit.count_(element, "at", swap);
        dial(kit, element, swap);
      }
  if (visit) for (const element of found(kit, root, VISIT)) fill(kit, element, `${visit}`);
  for (const frame of found(kit, root, FRAME)) enter(kit, frame as HTMLIFrameElement);
}

/** What CSS selects in a node and around it; nothing where this browser knows no such selector. */
function found({ all_, isOff_ }: Kit, root: Node, css: string): Element[] {
  try {
    const near = ("closest" in root ? (root as Element) : root.parentElement)?.closest(css);
    return [...(near ? [near] : []), ...all_(root, css)].filter((element) => !isOff_(element));
  } catch {
    return [];
  }
}

/** The text node that has the page's number gets the text, the others nothing. */
function fill({ ownOf_, put_ }: Kit, element: Element, text: string): void {
  const walker = document.createTreeWalker(element, SHOW_TEXT);
  const nodes: Node[] = [];
  for (let node; (node = walker.nextNode()); ) nodes.push(node);
  if (!nodes.length) {
    element.append("");
    nodes.push(element.lastChild!);
  }
  const owns = nodes.map((node) => ownOf_(node, ""));
  const best = [/\d/, /\S/, /^/].map((form) => owns.findIndex((own) => form.test(own))).find((at) => at >= 0);
  nodes.forEach((node, at) => put_(node, "", owns[at]!, at === best ? text : "", true));
}

/** Lets the phone links in and around an element dial the number that it shows. */
function dial({ all_, ownOf_, put_, count_, addressed_ }: Kit, element: Element, swap: Swap): void {
  const around = element.closest("[href]");
  for (const link of new Set([...(around ? [around] : []), ...all_(element, "[href]")])) {
    const own = ownOf_(link, "href");
    const ours = addressed_(own, swap);
    if (ours === own) continue;
    put_(link, "href", own, ours, true);
    count_(link, "href", swap);
  }
}

function enter({ look_ }: Kit, frame: HTMLIFrameElement): void {
  const follow = (): void => {
    const root = frame.contentDocument?.documentElement;
    if (!root || followed.has(root)) return;
    followed.add(root);
    look_(root);
  };
  if (!followed.has(frame)) frame.addEventListener("load", follow);
  followed.add(frame);
  follow();
}
