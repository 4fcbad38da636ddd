"""What a test of the snippet says to people: each finding in a few words, what it means, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.console.snippet_phrases import WORDS
from callspring.sites.international import address_to_unicode, to_unicode
from callspring.sites.snippet_test import Code, Level

ICONS = {
    Level.GOOD: "circle-check",
    Level.NOTE: "info-circle",
    Level.WARNING: "alert-triangle",
    Level.PROBLEM: "x",
}
LEVELS = {
    Level.GOOD: gettext_lazy("All right"),
    Level.NOTE: gettext_lazy("Good to know"),
    Level.WARNING: gettext_lazy("Look at this"),
    Level.PROBLEM: gettext_lazy("Does not work"),
}
VERDICTS = {
    Level.GOOD: gettext_lazy("Everything is in place."),
    Level.WARNING: gettext_lazy("It works, but look at the lines marked below."),
    Level.PROBLEM: gettext_lazy("It does not work yet. The lines marked below say what to do."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the result. `copy` is a text to take along, `host` one that may be allowed with a press."""

    title: str
    text: str = ""
    copy: str = ""
    host: str = ""
    level: str = Level.GOOD

    @property
    def icon(self) -> str:
        """The picture of its level."""
        return ICONS[Level(self.level)]

    @property
    def level_name(self) -> str:
        """The level in words, for those who do not see the picture."""
        return str(LEVELS[Level(self.level)])


def lines(findings: Iterable[Mapping[str, Any]], snippet: str) -> list[Line]:
    """The findings as they were kept, in words. `snippet` is the line for the page."""
    return [_line(one, snippet) for one in findings]


def verdict(level: str, findings: Sequence[Mapping[str, Any]]) -> str:
    """The whole result in a sentence."""
    if findings and findings[0]["code"] != Code.REACHED:
        return _("The page could not be tested.")
    return str(VERDICTS.get(Level(level), VERDICTS[Level.GOOD]))


def _line(finding: Mapping[str, Any], snippet: str) -> Line:
    code, values = Code(finding["code"]), finding["values"]
    host = values["host"] if code is Code.HOST_UNKNOWN else ""
    values = _as_people_write(code, values)
    title, text, *more = WORDS[code](values)
    copy = snippet if code in _PUT_IT_IN else (more[0] if more else "")
    return Line(title, text, copy, host, finding["level"])


def _as_people_write(code: Code, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Hosts of sites; those of scripts stay as browsers name them."""
    if code is Code.REACHED:
        return {**values, "address": address_to_unicode(values["address"])}
    return {**values, "host": to_unicode(values["host"])} if "host" in values else values


_PUT_IT_IN = frozenset({Code.SCRIPT_MISSING, Code.SCRIPT_MISSING_JS, Code.KEY_OTHER, Code.KEY_UNKNOWN})
