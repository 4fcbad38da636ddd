/** Writes numbers into the page, and remembers what the page itself had written there. */

import { common, inLink, inText, seek, spots } from "./find";
import { OFF, SHOW_TEXT_AND_ELEMENTS, TEXT, runsIn } from "./runs";
import type { Places, Swap } from "./wire";

/** What the page wrote, and what we wrote over it. As long as ours stands, the page's own counts. */
type Pair = [own: string, ours: string];
/** The name of an attribute, or "" for the content of a text node. */
type Field = string;

export const ATTRIBUTES = ["href", "title", "aria-label", "alt"];

const pairs = new WeakMap<Node, Record<Field, Pair>>();
let counted: WeakMap<Node, Set<string>>;
/** Scenario id → places swapped so far on this page. */
export let places: Places;
let fresh: boolean | undefined;
/** The elements whose attributes may have a target. Most others the browser leaves out much faster than we could. */
let carriers: string;

/** From here on these are the numbers; what was counted before was another page view's. */
export function use(swaps: Swap[]): void {
  seek(swaps);
  carriers = ATTRIBUTES.map((name) => `[${name}${common && `*="${common}"`}]`).join();
  carriers = carriers.replace(",", `[href*=":"]:not([href^=http]),`);
  counted = new WeakMap();
  places = {};
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
export function news(): boolean | undefined {
  const had = fresh;
  fresh &&= false;
  return had;
}

/** Swaps in `root` (a text, an element, a shadow root) and in the runs that reach into it. Doing it twice changes nothing more. */
export function swapIn(root: Node): void {
  for (const run of runsIn(root, spots)) swapRun(run, "");
  swapAttributes(root as Element);
  all(root, carriers).forEach(swapAttributes);
}

/** What `css` selects in a node; nothing in a text. */
export const all = (root: Node, css: string): NodeListOf<Element> | Element[] =>
  (root as Element).querySelectorAll?.(css) || [];

function swapAttributes(element: Element): void {
  for (const name of ATTRIBUTES) if (element.getAttribute?.(name)) swapRun([element], name);
}

/** Whether a node is somewhere that is never touched; a shadow tree is where its host is. */
const isOff = (node?: Node | null): unknown =>
  node &&
  ("closest" in node
    ? (node as Element).closest(OFF) || isOff((node.getRootNode() as ShadowRoot).host)
    : isOff(node.parentNode || (node as ShadowRoot).host));

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

function swapRun(nodes: Node[], field: Field): void {
  const owns = nodes.map((node) => ownOf(node, field));
  const text = owns.join("");
  const edits = (field === "href" ? inLink : inText)(text);
  if (!edits.length && !nodes.some((node) => isOurs(node, field))) return;
  if (isOff(nodes[0])) return;
  // One entry per character, so that each node gets the share that stands where its own text stood.
  const shown = text.split("");
  for (const { from, to, text } of edits) {
    shown.fill("", from, to);
    if (text.length === to - from) shown.splice(from, text.length, ...text);
    else shown[from] = text;
  }
  let start = 0;
  nodes.forEach((node, at) => {
    const own = owns[at]!;
    const end = start + own.length;
    for (const { from, swap } of edits) if (from >= start && from < end) count(node, field + (from - start), swap);
    const ours = shown.slice(start, end).join("");
    pairs.set(node, { ...pairs.get(node), [field]: [own, ours] });
    write(node, field, ours);
    start = end;
  });
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
