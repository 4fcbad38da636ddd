/** Writes numbers into the page, and remembers what the page itself had written there. */

import { inLink, inText, seek, spots } from "./find";
import { OFF, TEXT, runsIn } from "./runs";
import type { Swap } from "./wire";

/** What the page wrote, and what we wrote over it. As long as ours stands, the page's own counts. */
type Pair = [own: string, ours: string];
/** The name of an attribute, or "" for the content of a text node. */
type Field = string;

export const ATTRIBUTES = ["href", "title", "aria-label", "alt"];
const CARRIERS = '[href^="tel:" i],[href^="sms:" i],[href^="callto:" i],[title],[aria-label],[alt]';

const pairs = new WeakMap<Node, Record<Field, Pair>>();
let counted: WeakMap<Node, Set<string>>;
/** Scenario id → places swapped so far on this page. */
export let places: Record<string, number>;
let fresh: boolean;
/** Whether what was swapped before is to be looked at again. */
let anew = false;

/** From here on these are the numbers; what was counted before was another page view's. */
export function use(swaps: Swap[]): void {
  seek(swaps);
  anew = true;
  counted = new WeakMap();
  places = {};
}

/** The places swapped so far when there are new ones since the last time, else null. */
export function news(): Record<string, number> | null {
  const had = fresh;
  fresh = false;
  return had ? { ...places } : null;
}

/** Swaps in `root` (a text or an element) and in the runs that reach into it. Doing it twice changes nothing more. */
export function swapIn(root: Node): void {
  for (const run of runsIn(root, spots, (node) => anew && pairs.has(node))) swapRun(run, "");
  anew = false;
  if (!("attributes" in root)) return;
  swapAttributes(root as Element);
  (root as Element).querySelectorAll(CARRIERS).forEach(swapAttributes);
}

export function swapAttributes(element: Element): void {
  for (const name of ATTRIBUTES) if (/\d/.test(read(element, name))) swapRun([element], name);
}

/** Whether this still is what we wrote. */
export function isOurs(node: Node, field: Field): boolean {
  const pair = (pairs.get(node) || {})[field];
  return !!pair && pair[1] === read(node, field);
}

const read = (node: Node, field: Field): string =>
  field ? (node as Element).getAttribute(field) || "" : (node as Text).data;

function swapRun(nodes: Node[], field: Field): void {
  const owns = nodes.map((node) => (isOurs(node, field) ? pairs.get(node)![field]![0] : read(node, field)));
  const text = owns.join("");
  const edits = (field === "href" ? inLink : inText)(text);
  const isDone = !edits.length && nodes.every((node, at) => owns[at] === read(node, field));
  if (isDone || (nodes[0]!.nodeType === TEXT ? nodes[0]!.parentElement! : (nodes[0] as Element)).closest(OFF)) return;
  // One entry per character, so that each node gets the share that stands where its own text stood.
  const shown = text.split("");
  for (const { from, to, text } of edits)
    for (let at = from; at < to; at++)
      shown[at] = text.length === to - from ? text[at - from]! : at > from ? "" : text;
  let start = 0;
  nodes.forEach((node, at) => {
    const end = start + owns[at]!.length;
    for (const { from, swap } of edits) if (from >= start && from < end) count(node, field + (from - start), swap);
    write(node, field, owns[at]!, shown.slice(start, end).join(""));
    start = end;
  });
}

function write(node: Node, field: Field, own: string, ours: string): void {
  pairs.set(node, { ...pairs.get(node), [field]: [own, ours] });
  if (ours === read(node, field)) return;
  if (field) (node as Element).setAttribute(field, ours);
  else (node as Text).data = ours;
}

/** A place counts once, however often the page rewrites it: a text is known by what stands before it. */
function count(node: Node, where: string, { scenario }: Swap): void {
  const anchor = node.nodeType === TEXT ? node.previousSibling || node.parentNode! : node;
  const seen = counted.get(anchor) || new Set();
  if (seen.has((where += "," + scenario))) return;
  counted.set(anchor, seen.add(where));
  places[scenario] = (places[scenario] || 0) + 1;
  fresh = true;
}
