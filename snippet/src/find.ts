/** Finds target numbers in a text, however they are written, and says what to write instead. Knows nothing of pages. */

import { belonging, genuine } from "./lookalikes";
import type { Swap } from "./wire";

/** Where something was found in a text: from, to. */
export type Spot = [from: number, to: number];

/** Replace what lies from `from_` up to `to_` by `text_`. (Names that end in _ are shortened by the build.) */
export interface Edit {
  from_: number;
  to_: number;
  text_: string;
  swap_: Swap;
}

// The digits of other scripts: Arabic, Persian, full width. The last four bits of such a digit, and of ASCII's, are its value.
const OTHERS = /[\u0660-\u0669\u06f0-\u06f9\uff10-\uff19]/g;
const VALUE = 15;
// What a number is written with: digits, white space, what cannot be seen (soft hyphens, zero-width and direction
// marks), dashes, dots, brackets, slashes. Spelt out: classes by Unicode property take the browser milliseconds to make.
const WRITTEN = /^[\d\s\xad\u200b-\u2069.()[\]/\xb7\uff08\uff09\uff0d\u2212-]*$/;
// "(0)" behind a digit is the trunk zero of +44 (0)20 … or (+31) (0)20 ….
const DIGIT = /\d([\s.)-]*\(0\))?/g;
// So many digits, the last ones, tell where to look closer: more take the browser longer to make a pattern of.
const LAST = 7;
// A limit, however high, lets the browser look ahead.
const APART = "\\W{0,60}";
const LINK = /^(\s*(?:tel|sms|callto):)((?:%..|[^%;?,&#a-z])*)/i;

let targets: Map<string, Swap>;
/** All spellings, longest first; digits only. */
let pattern: RegExp;
/** Finds the last digits of all spellings in a text, and what only looks so. */
let quick: RegExp;
/** A digit that every target has, or "". */
export let common: string;

/** Sets what is looked for; where two swaps claim the same digits the first one has them. */
export function seek(swaps: Swap[]): void {
  targets = new Map(swaps.flatMap((swap) => swap.find.map((form) => [form.replace("+", ""), swap] as const)).reverse());
  const forms = [...targets.keys()].sort((a, b) => b.length - a.length);
  const ends = [...new Set(forms.map((form) => form.slice(-LAST)))];
  pattern = anyOf(forms);
  quick = anyOf(ends.map((form) => [...form].join(APART)));
  common = [...(ends[0] || "")].find((digit) => ends.every((form) => form.includes(digit))) || "";
}

const anyOf = (forms: string[]): RegExp => new RegExp(forms.join("|") || "(?!)", "g");

const digitsOf = (text: string): string => text.replace("(0)", "").replace(/\D/g, "");

/** The same text with ASCII's digits. */
const plain = (text: string): string => text.replace(OTHERS, (digit) => "" + (digit.charCodeAt(0) & VALUE));

/** Where a text may have a target, one after the other or overlapping, phone number or not. */
export const spots = (text: string): Spot[] => all(quick, plain(text));

function all(looked: RegExp, text: string): Spot[] {
  const found: Spot[] = [];
  looked.lastIndex = 0;
  for (let match; (match = looked.exec(text)); looked.lastIndex = match.index + 1)
    found.push([match.index, looked.lastIndex]);
  return found;
}

/** What has to change in a text, in order. */
export function inText(text: string): Edit[] {
  const edits: Edit[] = [];
  const read = plain(text);
  const marks: number[] = [];
  let digits = "";
  for (const { 0: mark, index } of read.matchAll(DIGIT)) {
    marks.push(index!);
    digits += mark[0];
  }
  let done = 0;
  for (const [first, past] of all(pattern, digits)) {
    const from = marks[first]!;
    const to = marks[past - 1]! + 1;
    const edit =
      from >= done && consider(read.slice(0, from), read.slice(from, to), read.slice(to), digits.slice(first, past));
    if (!edit) continue;
    edit.text_ = edit.text_.replace(/\d/g, (digit) => String.fromCharCode((text.charCodeAt(from) & ~VALUE) + +digit));
    edits.push(edit);
    done = to;
  }
  return edits;
}

/** Digits go into the found format one for one when there are as many; else the number comes in its own format. */
function consider(left: string, found: string, right: string, form: string): Edit | false {
  const swap = targets.get(form)!;
  const international = swap.find.includes("+" + form);
  const before = -form.length;
  // Written without a trunk prefix, which the other number's usual display may have, and both are of one country.
  const alike = swap.number.slice(0, before) + form === swap.find[0];
  const digits = alike ? swap.number.slice(before) : digitsOf(international ? swap.number : swap.national);
  const fits = !swap.text && digits.length === form.length;
  // Before national digits there may be a bracket, and the 00 of "9:00 ".
  const prefix = fits ? "" : belonging(left.slice(international ? 0 : -1), found);
  let next = 0;
  const text = fits
    ? found.replace(DIGIT, (mark) => digits[next++]! + mark.slice(1))
    : swap.text || (/[+0]/.test(prefix) ? swap.number : swap.national);
  return (
    WRITTEN.test(found) &&
    genuine(left, found, right, international) && {
      from_: left.length - prefix.length,
      to_: left.length + found.length,
      text_: text,
      swap_: swap,
    }
  );
}

/** What has to change in the address of a link: nothing, unless it is `tel:`, `sms:` or `callto:` and a target's. */
export function inLink(href: string): Edit[] {
  const digits = digitsOf(numberIn(href));
  const swap = targets.get(digits) || targets.get(digits.replace(/^00|^011/, ""));
  return swap ? [{ from_: 0, to_: href.length, text_: addressed(href, swap), swap_: swap }] : [];
}

/** The address of such a link with another number; another link's as it is. */
export const addressed = (href: string, { number }: Swap): string => href.replace(LINK, "$1" + number);

/** The number in such an address: digits, and a `+` where there is one. */
export const numberIn = (href: string): string =>
  (LINK.exec(href)?.[2] || "").replace(/%2b/i, "+").replace(/%..|\(0\)|[^\d+]/g, "");
