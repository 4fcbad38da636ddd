/** Runs: neighbouring text nodes that read as one text, because nothing but inline borders lies between them. */

import type { Spot } from "./find";

/** What is never touched. */
export const OFF =
  "head,script,style,noscript,textarea,input,select,option,[contenteditable]:not([contenteditable=false]),[data-callspring=off]";
export const TEXT = 3; // the type of a node
export const SHOW_TEXT = 4; // what a walker shows
export const SHOW_TEXT_AND_ELEMENTS = 5;

const INLINE =
  /^(a|abbr|b|bd[io]|em|i|mark|small|span|strong|su[bp]|u|wbr|tspan)$/i;
// A node that we emptied may be part of a number too, and digits of other scripts are no word characters.
const PART = /\d|^\W*$/;
const STRETCH = 256; // elements
const TAIL = 300; // characters

/** Whether a node is written within a line of text, as far as its name tells; what is switched off stands for itself. */
export const isInline = (node: Node): boolean =>
  node.nodeType === TEXT || (INLINE.test(node.nodeName) && !(node as Element).matches(OFF));

/**
 * The runs in `root` that may have to change, also where they reach out of it: all of them in a text or an inline
 * element; in a larger root, whose `elements` these are, those that `find` finds.
 *
 * The browser reads the text of a stretch much faster than we could ask each text node for its own; so only the stretches
 * that have something are walked.
 */
export function runsIn(root: Node, elements: ArrayLike<Node>, find: (text: string) => Spot[]): Text[][] {
  if (root.nodeType === TEXT) return [around(root as Text)];
  const runs: Text[][] = [];
  const range = document.createRange();
  const walker = document.createTreeWalker(root, SHOW_TEXT);
  let text = "";
  range.selectNodeContents(root);
  for (let at = 0; at <= elements.length; at += STRETCH) {
    const last = elements[at + STRETCH];
    if (last) range.setEnd(last, 0);
    else range.setEnd(root, root.childNodes.length);
    let node: Text | null = null;
    // A number may have begun in the stretch before. One that ended there as well is only looked for in vain.
    let end = (text = text.slice(-TAIL)).length;
    text += range.toString();
    for (const [from, to] of isInline(root) ? [[0, Infinity] as Spot] : find(text)) {
      if (!node) walker.currentNode = (at && elements[at]) || root;
      while ((!node || end <= from) && (node = walker.nextNode() as Text | null)) end += node.length;
      for (; node; end += node.length) {
        if (!runs[runs.length - 1]?.includes(node)) runs.push(around(node));
        if (end >= to || !(node = walker.nextNode() as Text | null)) break;
      }
    }
    range.collapse();
  }
  return runs;
}

/** The run that `node` is in. */
function around(node: Text): Text[] {
  const walker = document.createTreeWalker(document, SHOW_TEXT_AND_ELEMENTS);
  const run = [node];
  for (const back of [true, false]) {
    let last = (walker.currentNode = node);
    for (let next; (next = back ? walker.previousNode() : walker.nextNode()) && isInline(next); )
      if (next.nodeType === TEXT) {
        if (!(back ? joined(next as Text, last) : joined(last, next as Text))) break;
        run[back ? "unshift" : "push"]((last = next as Text));
      }
  }
  return run;
}

/** Whether two neighbouring texts read as one. */
const joined = (a: Text, b: Text): boolean =>
  [a, b].every(({ data }) => PART.test(data)) &&
  block(a) === block(b) &&
  !(/\d$/.test(a.data) && /^\d/.test(b.data) && [a, b].some(standsAlone));

function block(node: Node): Node {
  while (isInline(node)) node = node.parentNode!;
  return node;
}

// Styles are asked for only where digits would touch: that makes the browser work them out.
/** Whether a text visibly stands apart from its neighbours (in a block, as a flex item), so that their digits do not touch. */
const standsAlone = (node: Text): boolean =>
  node.parentNode !== block(node) && getComputedStyle(node.parentElement!).display !== "inline";
