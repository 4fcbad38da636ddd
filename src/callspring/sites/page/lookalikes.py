"""Whether digits in a text are the phone number, or only look like it: the snippet's own rules, in Python.

Keep it as `snippet/src/lookalikes.ts` and `find.ts` have it; `tests/sites/test_places.py` runs the snippet's cases.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from functools import cache

_PREFIX = r"(?:\+|(?<![A-Za-z0-9_])0(?:0|11))[\s{cf}(-]*\Z"
_LONGER_BEFORE = re.compile(r"(?:[A-Za-z0-9_]|[0-9_][-.\u2010-\u2013])\Z")
_LONGER_AFTER = re.compile(r"[-.\u2010-\u2013]?[0-9]|(?!x[^a-z0-9_]?[0-9]|ext)[a-z_]", re.IGNORECASE | re.ASCII)
_FOREIGN = re.compile(
    r"(?:(?:(?<![A-Za-z0-9_])\+|\+(?=[A-Za-z0-9_])|(?:^|[^0-9\s:h/.,-]|[^0-9][\s:h/.,-])00)[\s().-]*(?:[0-9][\s().-]*){0,4}."
    r"|(?:^|[^0-9/.,:-])[018][\s(]+[^0])\Z"
)
_DATE = re.compile(r"[0-9]{4}([-./])[0-9]{2}\1[0-9]{2}|[0-9]{2}([-./])[0-9]{2}\2[0-9]{4}")
_PHONE_WORD = re.compile(r"(?:tel|ph[a-z0-9_]*|mob[a-z0-9_]*|call|fax)[^a-z0-9_/]\Z", re.IGNORECASE | re.ASCII)
_CODE_BEFORE = re.compile(
    r"(?:#|[a-z0-9_][-/=&@]|(?:isbn|sku|(?:order|invoice|ref|item)[^a-z0-9_]{1,2}(?:no|number|id))[^a-z0-9_]*)\Z",
    re.IGNORECASE | re.ASCII,
)
_CODE_AFTER = re.compile(r"[-.@][a-z]")
_PRICE_BEFORE = r"(?:[{sc}]\s?|[0-9],)\Z"
_PRICE_AFTER = r",[0-9]|\s?[{sc}%](?![0-9])"


def genuine(left: str, found: str, right: str, *, international: bool) -> bool:
    """Whether `found`, whose digits are a target's, is that number, given what stands to its left and right."""
    left = left[-60:]
    if _LONGER_AFTER.match(right) or _DATE.fullmatch(found):
        return False
    if _pattern(_PREFIX).search(left) if international else _FOREIGN.search(left + found[0]):
        return international
    if _LONGER_BEFORE.search(left):
        return False
    plain = not re.search(r"[^0-9\s.]", found)
    if plain and (_pattern(_PRICE_BEFORE).search(left) or _pattern(_PRICE_AFTER).match(right)):
        return False
    is_code = _CODE_AFTER.match(right) or (_CODE_BEFORE.search(left) and not _PHONE_WORD.search(left))
    return bool(re.search(r"[^0-9]", found)) or not is_code


@cache
def category(name: str) -> str:
    """All characters of a Unicode category ("Cf", "Pd", "Sc"), for a class of a pattern: `re` has no \\p{…}."""
    return "".join(re.escape(one) for one in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(one) == name)


@cache
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(form.replace("{cf}", category("Cf")).replace("{sc}", category("Sc")))
