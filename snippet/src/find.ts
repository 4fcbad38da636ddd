/** Finds target numbers in a text, however they are written, and says what to write instead. Knows nothing of pages. */

import { SPACE, belonging, genuine } from "./lookalikes";
import type { Spot } from "./runs";
import type { Swap } from "./wire";

/** Replace what lies from `from` up to `to` by `text`. */
export interface Edit {
  from: number;
  to: number;
  text: string;
  swap: Swap;
}

// At most three marks between two digits, as in ") - ": more is not a phone number. "(0)" is the trunk zero of +44 (0)20 ….
const GAP = `${SPACE}{0,60}(?:(?:\\(0\\)|[-.()[\\]/·•−\\p{Pd}])${SPACE}{0,60}){0,3}`;
const TRUNK = "(0)";
const MARKS = /\(0\)|\d/g;
const LINK = /^(?:tel|sms|callto):((?:%..|[^%;?,&#a-z])*)/i;

let targets: Map<string, Swap>;
let pattern: RegExp;

/** Sets what is looked for; where two swaps claim the same digits the first one has them. */
export function seek(swaps: Swap[]): void {
  targets = new Map();
  for (const swap of swaps)
    for (const form of swap.find.map(digitsOf)) if (!targets.has(form)) targets.set(form, swap);
  const forms = [...targets.keys()].sort((a, b) => b.length - a.length);
  pattern = new RegExp(forms.map((form) => [...form].join(GAP)).join("|") || "(?!)", "gu");
}

const digitsOf = (text: string): string => text.replace(TRUNK, "").replace(/\D/g, "");

/** Where a text has digits of a target, one after the other or overlapping, phone number or not. */
export function spots(text: string): Spot[] {
  const all: Spot[] = [];
  pattern.lastIndex = 0;
  for (let match; (match = pattern.exec(text)); pattern.lastIndex = match.index + 1)
    all.push([match.index, pattern.lastIndex]);
  return all;
}

/** What has to change in a text, in order. */
export function inText(text: string): Edit[] {
  const edits: Edit[] = [];
  let done = 0;
  for (const [from, to] of spots(text)) {
    const edit = from >= done && consider(text.slice(0, from), text.slice(from, to), text.slice(to));
    if (!edit) continue;
    edits.push(edit);
    done = to;
  }
  return edits;
}

/** Digits go into the found format one for one when there are as many; else the number comes in its own format. */
function consider(left: string, found: string, right: string): Edit | null {
  const form = digitsOf(found);
  const swap = targets.get(form)!;
  const international = swap.find.includes("+" + form);
  if (!genuine(left, found, right, international)) return null;
  const digits = digitsOf(international ? swap.number : swap.national);
  const prefix = digits.length === form.length ? "" : belonging(left, found);
  const own = /[+0]/.test(prefix) ? swap.number : swap.national;
  let next = 0;
  const mapped = (mark: string): string => (mark === TRUNK ? mark : digits[next++]!);
  const text = digits.length === form.length ? found.replace(MARKS, mapped) : own;
  return { from: left.length - prefix.length, to: left.length + found.length, text, swap };
}

/** What has to change in the address of a link: nothing, unless it is `tel:`, `sms:` or `callto:` and a target's. */
export function inLink(href: string): Edit[] {
  const match = LINK.exec(href);
  const digits = digitsOf(numberIn(href));
  const swap = targets.get(digits) || targets.get(digits.replace(/^0(0|11)/, ""));
  return match && swap ? [{ from: href.indexOf(":") + 1, to: match[0].length, text: swap.number, swap }] : [];
}

/** The number in such an address: digits, and a `+` where there is one. */
export function numberIn(href: string): string {
  const match = LINK.exec(href);
  return match ? match[1]!.replace(/%2b/i, "+").replace(/%..|\(0\)|[^\d+]/g, "") : "";
}
