"""International host names, written as browsers write them (UTS 46, unicode.org/reports/tr46)."""

from __future__ import annotations

import unicodedata

import idna

# How many names of writing systems begin in Unicode, and as which system they count; Japanese mixes four of them, in
# labels too. What is in none of these stays as it is: many rare letters look like others.
_SYSTEMS = {
    **{name: name for name in (
        "LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "GEORGIAN", "HEBREW", "ARABIC", "DEVANAGARI", "BENGALI", "GUJARATI",
        "GURMUKHI", "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "THAI", "LAO", "KHMER", "HANGUL",
    )},
    **dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"), "CJK"),
}  # fmt: skip
# Letters that look like Latin ones: a label of nothing else may be there to be mistaken.
_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуьαγικνορτυχօսհոցյ")
_RARE_LATIN = frozenset("ơưșț")  # in use, among many that are not


def to_ascii(host: str) -> str:
    """`bücher.example` as `xn--bcher-kva.example`, lower case. Raises `UnicodeError` for what is no name.

    Like browsers: `ß` stays itself, `１２７。０` becomes 127.0, and emoji are taken, which IDNA 2008 alone refuses.
    """
    if host.isascii():
        return host.lower()
    return ".".join(map(_label, idna.uts46_remap(host, std3_rules=False).split(".")))


def to_unicode(host: str) -> str:
    """`xn--bcher-kva.example` as people write it, `bücher.example`; a port stays. To be shown, never to be compared.

    A label stays as it is unless browsers would go to the same host for what is shown, all its letters are of one
    writing system, and it cannot be taken for one in Latin letters.
    """
    return ".".join(map(_shown, host.split("."))) if "xn--" in host else host


def address_to_unicode(address: str) -> str:
    """A whole address with its host so. One that names a user stays as it is: those are there to deceive."""
    scheme, mark, rest = address.partition("://") if "://" in address else ("", "", address)
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    authority = rest[:end]
    return address if "@" in authority else f"{scheme}{mark}{to_unicode(authority)}{rest[end:]}"


def _shown(label: str) -> str:
    name, colon, port = label.partition(":")  # the last label's
    if not name.startswith("xn--"):
        return label
    try:
        text = name.removeprefix("xn--").encode().decode("punycode")
        idna.check_label(text)
        is_same = to_ascii(text) == name
    except UnicodeError:  # which idna's own errors are
        return label
    return f"{text}{colon}{port}" if is_same and _can_be_read(text) else label


def _can_be_read(label: str) -> bool:
    """Whether it is what it looks like."""
    letters = [one for one in label if not (one.isascii() and not one.isalpha())]
    systems = {_system(one) for one in letters}
    return len(systems) == 1 and "" not in systems and not _LIKE_LATIN.issuperset(letters)


def _system(letter: str) -> str:
    """The writing system, "" where that is not sure."""
    found = _SYSTEMS.get(unicodedata.name(letter, "").partition(" ")[0], "")
    if found == "LATIN" and not (letter < "\u0180" or letter in _RARE_LATIN or "\u1e00" <= letter <= "\u1eff"):
        return ""
    return found


def _label(text: str) -> str:
    return text if text.isascii() else f"xn--{text.encode('punycode').decode()}"
