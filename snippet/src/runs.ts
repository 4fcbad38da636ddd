/** Runs: neighbouring text nodes that read as one text, because nothing but inline borders lies between them. */

import { type Spot, spots } from "./find";

/** What is never touched. */
export const OFF =
  "head,script,style,noscript,textarea,input,select,option,[contenteditable]:not([contenteditable=false]),[data-callspring=off]";
export const TEXT = 3; // the type of a node
export const SHOW_TEXT = 4; // what a walker shows
export const SHOW_TEXT_AND_ELEMENTS = 5;

// Shorter than it might be, and wider: it has to know a, abbr, b, bdi, bdo, i, nobr, q, s, sub, sup, u, wbr and no block's name.
const INLINE = /^([^p]|\w+br|bd.|code|em|font|ins|mark|small|t?span|strong|su.|.*-.*)$/;
// A node that we emptied may be part of a number too, and digits of other scripts are no word characters.
const PART = /\d|^\W*$/;
const STRETCH = 256; // elements
const PIECE = 32; // elements of a stretch; and so many of the one before, where a number may have begun

/** The texts whose runs were given, until it is cleared: none is given twice. */
export const seen = new Set<Node>();
// Made while the edge is asked: browsers take a while to make the first of a kind.
const range = document.createRange();
const walker = document.createTreeWalker(document, SHOW_TEXT_AND_ELEMENTS);

/** Whether a node is written within a line of text, as far as its name tells; what is switched off stands for itself. */
export const isInline = (node: Node): boolean =>
  node.nodeType === TEXT || (INLINE.test((node as Element).localName) && !(node as Element).matches(OFF));

/**
 * The runs in `root` that may have to change, also where they reach out of it: all of them in a text or an inline
 * element; in a larger root, whose `elements` these are, those that may have a target.
 *
 * The browser reads the text of a stretch much faster than we could ask each text node for its own; so only the stretches
 * that have something are looked at by pieces, and only such pieces are walked.
 */
export function runsIn(root: Node, elements: ArrayLike<Node>): Text[][] {
  if (root.nodeType === TEXT) return seen.has(root) ? [] : [around(root as Text)];
  const runs: Text[][] = [];
  const texts = document.createTreeWalker(root, SHOW_TEXT);
  const begin = (at: number): Node => elements[at] || root;
  const read = (from: number, to: number): string => {
    const past = elements[to];
    range.setStart(begin(from), 0);
    range.setEnd(past || root, past ? 0 : root.childNodes.length);
    return range.toString();
  };
  for (let at = 0; at <= elements.length; at += STRETCH) {
    let before = 0;
    let piece = at - PIECE;
    const text = read(piece, at + STRETCH);
    for (const [from, to] of isInline(root) ? [[0, Infinity] as Spot] : spots(text)) {
      for (let past; from && (past = before + read(piece, piece + PIECE).length) <= from; piece += PIECE) before = past;
      let node: Text | null = null;
      let end = before;
      texts.currentNode = begin(piece);
      while ((!node || end <= from) && (node = texts.nextNode() as Text | null)) end += node.length;
      for (; node; end += node.length) {
        if (!seen.has(node)) runs.push(around(node));
        if (end >= to || !(node = texts.nextNode() as Text | null)) break;
      }
    }
  }
  return runs;
}

/** The run that `node` is in. */
function around(node: Text): Text[] {
  const run = [node];
  for (const back of [1, 0]) {
    let last = (walker.currentNode = node);
    for (let next; (next = back ? walker.previousNode() : walker.nextNode()) && isInline(next); )
      if (next.nodeType === TEXT) {
        if (!(back ? joined(next as Text, last) : joined(last, next as Text))) break;
        run[back ? "unshift" : "push"]((last = next as Text));
      }
  }
  run.forEach(seen.add, seen);
  return run;
}

/** Whether two neighbouring texts read as one. No number has a letter where they meet. */
function joined(a: Text, b: Text): boolean {
  const both = a.data + "\0" + b.data;
  return (
    [a, b].every(({ data }) => PART.test(data)) &&
    block(a) === block(b) &&
    !/[a-z]\0|\0[a-z]/i.test(both) &&
    !(/\d\0\d/.test(both) && (holder(a) !== holder(b) || [a, b].some(standsAlone)))
  );
}

function block(node: Node): Node {
  while (node.parentNode && isInline(node)) node = node.parentNode;
  return node;
}

/** What a text is in that has whole numbers or none: a link, the mark of a footnote. */
const holder = ({ parentNode }: Text): Element | null => (parentNode as Element).closest("a,sup");

// Styles are asked for only where digits would touch: that makes the browser work them out.
/** Whether a text visibly stands apart from its neighbours (in a block, as a flex item), so that their digits do not touch. */
const standsAlone = ({ parentNode }: Text): boolean =>
  parentNode !== block(parentNode!) && getComputedStyle(parentNode as Element).display !== "inline";
