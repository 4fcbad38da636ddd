/** Keeps the numbers in place on a page that lives: looks at whatever was added or edited before it is painted. */

import { isPending } from "./hydration";
import { isInline, seen } from "./runs";
import { ATTRIBUTES, isOurs, restore, swapIn } from "./swap";

const PARTS = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES };
// Two scripts that undo each other's writes would hang the page; after so many passes in a slice we wait for the next one.
const PASSES = 50;
const SLICE = 50; // ms
const PATIENCE = 100; // looks for a framework; one counts for five once the page is loaded
const STEP = 30; // ms between them

let passes = 0;
const observer = new MutationObserver(pass);
/** The trees that are followed. What the page has thrown away is not held back. */
const trees: WeakRef<Node>[] = [];
const known = new WeakSet<Node>();
let after: (() => void) | undefined;

/**
 * Swaps on the whole page, and from then on wherever it changes: at once, or when frameworks have taken over what a server
 * rendered, but after 3 s in any case. `told` is called after each pass.
 */
export function watch(told: () => void, patience = PATIENCE): void {
  if (patience > 0 && isPending()) {
    // Of "loading", "interactive" and "complete" only the last is below "d".
    setTimeout(watch, STEP, told, patience - (document.readyState < "d" ? 5 : 1));
    return;
  }
  follow(document); // it is only written down, as long as `after` is not there
  after = told;
  look();
}

/** Swaps in a tree, unless it is said in the page and all trees that are followed, and from now on wherever it changes. */
export function look(root?: Node): void {
  for (const tree of root ? [root] : trees.map((held) => held.deref())) follow(tree);
  after?.();
}

function follow(root?: Node | null): void {
  if (!root?.nodeType) return; // it is gone, or was no tree
  if (!known.has(root)) trees.push(new WeakRef(root));
  known.add(root);
  if (!after) return;
  restore(root);
  seen.clear();
  enter(root);
  // Not before, else the browser writes down each of our own writes.
  observer.observe(root, PARTS);
}

/** Swaps in `root` and its open shadow roots, and follows those from now on. What is followed already is not written anew. */
function enter(root: Node): void {
  for (const { shadowRoot } of [root as Element, ...swapIn(root)]) (known.has(shadowRoot!) ? enter : follow)(shadowRoot!);
}

function pass(records: MutationRecord[]): void {
  const roots = new Set<Node>();
  // What the page, and not we, wrote.
  const news = records.filter(
    ({ type, target, attributeName }) => type === "childList" || !isOurs(target, attributeName || ""),
  );
  if (!news[0] || passes++ > PASSES) return;
  if (passes === 1)
    setTimeout(() => {
      const missed = passes > PASSES;
      passes = 0;
      if (missed) look();
    }, SLICE);
  for (const { type, target, addedNodes, previousSibling, nextSibling } of news) {
    if (type !== "childList") roots.add(target);
    for (const node of addedNodes) roots.add(node);
    // What was apart may now be one number, or a number may have lost a part.
    for (const node of [previousSibling, nextSibling]) if (node && isInline(node)) roots.add(node);
  }
  seen.clear();
  for (const root of roots) if (root.isConnected) enter(root);
  after!();
}
