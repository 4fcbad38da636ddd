/** Keeps the numbers in place on a page that lives: looks at whatever was added or edited before it is painted. */

import { isInline } from "./runs";
import { ATTRIBUTES, isOurs, swapAttributes, swapIn } from "./swap";

// Two scripts that undo each other's writes would hang the page; after so many passes in a slice we wait for the next one.
const PASSES = 50;
const SLICE = 50; // ms

let passes = 0;

/** Swaps on the whole page now, and from now on wherever it changes. `after` is called after each pass. */
export function watch(after: () => void): () => void {
  const everything = (): void => {
    if (document.body) swapIn(document.body);
    after();
  };
  const observer = new MutationObserver((records) => {
    const news = records.filter(isPages);
    if (!news.length || !admitted(everything)) return;
    for (const root of touched(news)) if (document.body && document.body.contains(root)) swapIn(root);
    after();
  });
  const parts = { subtree: true, childList: true, characterData: true, attributeFilter: ATTRIBUTES };
  observer.observe(document.documentElement, parts);
  everything();
  return everything;
}

/** Whether the page, and not we, wrote this. */
const isPages = ({ type, target, attributeName }: MutationRecord): boolean =>
  type === "childList" || !isOurs(target, attributeName || "");

/** The nodes to look at again. Attributes are done here: they concern nobody else. */
function touched(records: MutationRecord[]): Set<Node> {
  const roots = new Set<Node>();
  for (const { type, target, addedNodes, removedNodes, previousSibling, nextSibling } of records) {
    if (type === "attributes") swapAttributes(target as Element);
    if (type === "characterData") roots.add(target);
    for (const node of addedNodes) roots.add(node);
    // What was apart may now be one number, or a number may have lost a part.
    if (removedNodes.length)
      for (const node of [previousSibling, nextSibling]) if (node && isInline(node)) roots.add(node);
  }
  return roots;
}

function admitted(everything: () => void): boolean {
  if (!passes++)
    setTimeout(() => {
      const missed = passes > PASSES;
      passes = 0;
      if (missed) everything();
    }, SLICE);
  return passes <= PASSES;
}
