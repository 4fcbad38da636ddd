/** Runs: neighbouring text nodes that read as one text, because nothing but inline borders lies between them. */

/** Where something was found in a text: from, to. */
export type Spot = [from: number, to: number];

/** What is never touched. */
export const OFF =
  'script,style,noscript,template,textarea,input,select,option,[contenteditable]:not([contenteditable=false]),[data-callspring=off]';
export const TEXT = 3;

const INLINE =
  /^(a|abbr|b|bdi|bdo|code|data|em|font|i|ins|label|mark|q|s|small|span|strong|sub|sup|time|u|wbr|tspan)$/i;
// A node that we emptied may be part of a number too.
const PART = /\d|^\P{L}*$/u;

/** Whether a node is written within a line of text, as far as its name tells; what is switched off stands for itself. */
export const isInline = (node: Node): boolean =>
  node.nodeType === TEXT || (INLINE.test(node.nodeName) && !(node as Element).matches(OFF));

/**
 * The runs in `root` that may have to change, also where they reach out of it: all of them in a text or an inline
 * element; in a larger root those that `find` finds in its whole text, which is what makes a look at a large page cheap,
 * and those with a node that `isKnown`.
 */
export function runsIn(root: Node, find: (text: string) => Spot[], isKnown: (node: Text) => boolean): Text[][] {
  if (root.nodeType === TEXT) return [around(root as Text)];
  const runs: Text[][] = [];
  const seen = new Set<Text>();
  const spots = isInline(root) ? [[0, Infinity]] : find(root.textContent!);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  let next = 0;
  let start = 0;
  for (let node; (node = walker.nextNode() as Text | null); ) {
    const end = start + node.length;
    while (next < spots.length && spots[next]![1]! <= start) next++;
    if (!seen.has(node) && (isKnown(node) || (next < spots.length && spots[next]![0]! < end))) {
      const run = around(node);
      for (const part of run) seen.add(part);
      runs.push(run);
    }
    start = end;
  }
  return runs;
}

/** The run that `node` is in. */
function around(node: Text): Text[] {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  const run = [node];
  walker.currentNode = node;
  for (let last = node, next; (next = walker.previousNode()) && isInline(next); )
    if (next.nodeType === TEXT) {
      if (!joined(next as Text, last)) break;
      run.unshift((last = next as Text));
    }
  walker.currentNode = node;
  for (let last = node, next; (next = walker.nextNode()) && isInline(next); )
    if (next.nodeType === TEXT) {
      if (!joined(last, next as Text)) break;
      run.push((last = next as Text));
    }
  return run;
}

/** Whether two neighbouring texts read as one. */
function joined(a: Text, b: Text): boolean {
  if (!PART.test(a.data) || !PART.test(b.data) || block(a) !== block(b)) return false;
  return !(/\d$/.test(a.data) && /^\d/.test(b.data) && [a, b].some(standsAlone));
}

function block(node: Node): Node {
  while (isInline(node)) node = node.parentNode!;
  return node;
}

/** Whether a text visibly stands apart from its neighbours (in a block, as a flex item), so that their digits do not touch. */
const standsAlone = (node: Text): boolean =>
  node.parentNode !== block(node) && getComputedStyle(node.parentElement!).display !== "inline";
