/** Writes numbers into the page, and remembers what the page itself had written there. */

import { more } from "./extra";
import { addressed, common, inLink, inText, numberIn, seek } from "./find";
import { OFF, SHOW_TEXT_AND_ELEMENTS, TEXT, runsIn } from "./runs";
import type { Answer, Places, Swap } from "./wire";

/**
 * What the page wrote, and what we wrote over it: as long as ours stands, the page's own counts. The answer, where a
 * selector chose the node.
 */
type Pair = [own: string, ours: string, by?: Answer | false | undefined];
/** The name of an attribute, or "" for the content of a text node. */
type Field = string;

export const ATTRIBUTES = ["href", "title", "aria-label", "alt"];
const FEW = 2000; // elements that are asked one by one for a shadow tree; among more the second file looks

const pairs = new WeakMap<Node, Record<Field, Pair>>();
let counted: WeakMap<Node, Set<string>>;
/** The answer whose numbers are shown. */
export let current: Answer = { swaps: [] };
/** Scenario id → places swapped so far on this page. */
export let places: Places;
let fresh: boolean | undefined;
/** Selects the elements whose attributes may have a target. */
let carriers: string;

/** An answer with the numbers that are shown anyway. */
export function confirm(answer: Answer): void {
  current = answer;
}

/** From here on these are the numbers; what was counted before was another page view's. */
export function use(answer: Answer): void {
  search(answer.swaps);
  confirm(answer);
  counted = new WeakMap();
  places = {};
}

/** Sets what is looked for. */
function search(swaps: Swap[]): void {
  seek(swaps);
  const has = common && `*="${common}"`;
  carriers = `[title${has}],[aria-label${has}],[alt${has}],[href*=":"]:not([href^=h])`;
}

/** Gives a tree back what the page itself had written there. */
export function restore(root: Node): void {
  if (fresh === undefined) return; // nothing was written yet
  const walker = document.createTreeWalker(root, SHOW_TEXT_AND_ELEMENTS);
  for (let node; (node = walker.nextNode()); )
    for (const field in pairs.get(node)) write(node, field, ownOf(node, field));
}

function write(node: Node, field: Field, text: string): void {
  if (text !== read(node, field))
    if (field) (node as Element).setAttribute(field, text);
    else (node as Text).data = text;
}

/** Whether there are new places since the last time. */
export const news = (): boolean | undefined => fresh && !(fresh = false);

/**
 * Swaps in `root` (a text, an element, a shadow root) and in the runs that reach into it. Doing it twice changes nothing
 * more. Gives the elements that may have a tree of their own, unless they are too many.
 */
export function swapIn(root: Node): Iterable<Element> {
  const elements = all(root, "*");
  const picked = all(root, carriers);
  more?.place_(root, current);
  // Attributes first: where a custom element answers by writing a text, that is read afterwards.
  [root as Element, ...picked].forEach(swapAttributes);
  for (const run of runsIn(root, elements)) swapRun(run, "");
  return elements[FEW] ? [] : elements;
}

/** What `css` selects in a node; nothing in a text. */
const all = (root: Node, css: string): NodeListOf<Element> | Element[] =>
  (root as Element).querySelectorAll?.(css) || [];

function swapAttributes(element: Element): void {
  for (const name of ATTRIBUTES) if (element.getAttribute?.(name)) swapRun([element], name);
}

/** Whether a node is somewhere that is never touched; a shadow tree is where its host is. */
const isOff = (node?: Node | null): unknown =>
  node && ((node as Element).closest?.(OFF) || isOff(node.parentNode || (node as ShadowRoot).host));

/** Whether this still is what we wrote. */
export const isOurs = (node: Node, field: Field): boolean => ownOf(node, field) !== read(node, field);

/** What the page itself wrote. */
function ownOf(node: Node, field: Field): string {
  const now = read(node, field);
  const [own, ours] = pairs.get(node)?.[field] || [];
  return ours === now ? own! : now;
}

const read = (node: Node, field: Field): string =>
  field ? (node as Element).getAttribute(field) || "" : (node as Text).data;

/** Writes over what the page has, and remembers it. */
function put(node: Node, field: Field, own: string, ours: string, isChosen?: boolean): void {
  pairs.set(node, { ...pairs.get(node), [field]: [own, ours, isChosen && current] });
  fresh ??= false;
  write(node, field, ours);
}

function swapRun(nodes: Node[], field: Field): void {
  if (nodes.some((node) => pairs.get(node)?.[field]?.[2] === current)) {
    if (nodes[1]) nodes.forEach((node) => swapRun([node], field));
    return;
  }
  const owns = nodes.map((node) => ownOf(node, field));
  const text = owns.join("");
  const edits = (field === "href" ? inLink : inText)(text);
  if (!edits[0] && !nodes.some((node) => isOurs(node, field))) return;
  if (isOff(nodes[0])) return;
  // One entry per character, so that each node gets the share that stands where its own text stood.
  const shown = text.split("");
  for (const { from_: from, to_: to, text_: text } of edits) {
    shown.fill("", from, to);
    if (text.length === to - from) shown.splice(from, text.length, ...text);
    else shown[from] = text;
  }
  let start = 0;
  nodes.forEach((node, at) => {
    const own = owns[at]!;
    const end = start + own.length;
    for (const { from_: from, swap_: swap } of edits) if (from >= start && from < end) count(node, field + (from - start), swap);
    put(node, field, own, shown.slice(start, end).join(""));
    start = end;
  });
}

/** A place counts once, however often the page rewrites it: a text is known by what stands before it, or holds it. */
function count(node: Node, where: string, { scenario }: Swap): void {
  const anchor = node.nodeType === TEXT ? node.previousSibling || node.parentNode! : node;
  const seen = counted.get(anchor) || new Set();
  if (seen.has((where = where + anchor.contains(node) + scenario))) return;
  counted.set(anchor, seen.add(where));
  places[scenario] = (places[scenario] || 0) + 1;
  fresh = true;
}

/** For the second file. */
export const tools = {
  all_: all,
  isOff_: isOff,
  ownOf_: ownOf,
  put_: put,
  count_: count,
  search_: search,
  addressed_: addressed,
  numberIn_: numberIn,
  places_: (): Places => places,
};
