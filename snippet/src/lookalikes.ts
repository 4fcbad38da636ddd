/** Tells a phone number from what only has the same digits: longer runs, other countries' numbers, prices, dates, codes. */

const PREFIX = /(\+|\b0(0|11))[\s\u200b-\u2069(-]*$/;
// A word may end in a hyphen ("Tel-800…"), a number may not ("7-800…").
const LONGER_BEFORE = /(\w|[\d_][-.\u2010-\u2013])$/;
const LONGER_AFTER = /^([-.\u2010-\u2013]?\d|(?!x\W?\d|ext)[a-z_])/i;
// "+7 " or "8 " before the first national digit, which is no zero after the 8: another country's number. Neither the "00" of
// 9:00 or 0001-00 is a prefix, nor the "+" of "50+ ".
const FOREIGN =
  /((\B\+|\+\b|(^|[^\d\s:h/.,-]|\D[\s:h/.,-])00)[\s().-]*(\d[\s().-]*){0,4}.|(^|[^\d/.,:-])[018][\s(]+[^0])$/;
// More than three marks between two digits are no phone number's.
const APART = /([^\d\s]\s*){4}/;
const DATE = /^(?:\d{4}([-./])\d\d\1\d\d|\d\d([-./])\d\d\2\d{4})$/;
const PRICE_BEFORE = /([$\xa2-\xa5\u20a0-\u20c0]\s?|\d,)$/;
const PRICE_AFTER = /^(,\d|\s?[%$\xa2-\xa5\u20a0-\u20c0](?!\d))/;
const PHONE_WORD = /(tel|ph\w*|mob\w*|call|fax)[^\w/]$/i;
const CODE_BEFORE = /(#|\w[-/=&@]|(isbn|sku|(order|invoice|ref|item)\W{1,2}(n(o|umber)|id))\W*)$/i;
const CODE_AFTER = /^[-.@][a-z]/;

/** What stands before the number and belongs to it: `+`, `00`, `011`, and a bracket that closes within. */
export function belonging(left: string, found: string): string {
  const [, bracket, prefix] = /(\(?)((\+|\b0(0|11))[\s\u200b-\u2069(-]*|)$/.exec(left)!;
  return (/^[^(]*\)/.test(prefix + found) ? bracket : "") + prefix!;
}

/** Whether `found`, whose digits are a target's, is that phone number, given what stands to its left and right. */
export function genuine(left: string, found: string, right: string, international: boolean): boolean {
  left = left.slice(-60);
  if (LONGER_AFTER.test(right) || DATE.test(found) || APART.test(found)) return false;
  if (international ? PREFIX.test(left) : FOREIGN.test(left + found[0])) return international;
  if (LONGER_BEFORE.test(left)) return false;
  if (!/[^\d\s.]/.test(found) && (PRICE_BEFORE.test(left) || PRICE_AFTER.test(right))) return false;
  return /\D/.test(found) || !(CODE_AFTER.test(right) || (CODE_BEFORE.test(left) && !PHONE_WORD.test(left)));
}
