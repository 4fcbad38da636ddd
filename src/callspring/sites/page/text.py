"""Which letters the bytes of a page are. Source: html.spec.whatwg.org, section 13.2.3."""

from __future__ import annotations

import codecs
import re

# Python knows codecs that are no encodings of pages, and some that take long.
_PAGES = re.compile(
    r"utf-8|utf-16(?:-le|-be)?|ascii|iso8859-\d+|cp\d{3,4}|koi8-[ru]|mac-cyrillic|gb2312|gbk|gb18030|big5(?:hkscs)?|"
    r"euc_jp|euc_kr|shift_jis|iso2022_jp"
)
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
_NAMED = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE | re.ASCII)


def decode(body: bytes, content_type: str) -> str:
    """The page's text; never fails. A mark at the beginning counts first, then the header, then the page's own word."""
    for mark, name in _BOMS.items():
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    said = _NAMED.search(content_type) or _NAMED.search(body[:1024].decode("latin-1"))
    return body.decode(_encoding(said[1]) if said else "utf-8", "replace")


def _encoding(name: str) -> str:
    """Browsers read Latin-1 and ASCII as Windows-1252."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return "utf-8"
    if found in {"iso8859-1", "ascii"}:
        return "cp1252"
    return found if _PAGES.fullmatch(found) else "utf-8"
