"""The call log's filters as people see them: the panel, and a chip for each in use."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.accounts.models import Company
from callspring.calls.models import CallStatus, Grade
from callspring.console import words
from callspring.console.log_query import LogQuery
from callspring.console.spans import CUSTOM, names
from callspring.reports.call_log import ABSENT, EVERY
from callspring.reports.log_choices import LogChoices, log_choices

Option = tuple[str, str]  # value, label


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice of the panel. `many`: what is chosen next is added to `chosen`, not put in its place. `first` is the
    label of the option that chooses nothing."""

    name: str
    label: str
    options: list[Option]
    chosen: tuple[str, ...]
    many: bool
    first: str


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in use: what it says, and where a click leads that takes it out."""

    label: str
    said: str
    without: str


def panel(company: Company, asked: LogQuery) -> list[Filter]:
    """Every filter that is a list of choices, with what is chosen now. Four queries."""
    choices = log_choices(company)
    columns = {
        "source": (_("Source"), choices.columns["source"]),
        "medium": (_("Medium"), choices.columns["medium"]),
        "campaign": (_("Campaign"), choices.columns["campaign"]),
    }
    return [
        *(_filter(asked, name, label, _or_none(values)) for name, (label, values) in columns.items()),
        _filter(asked, "channel", _("Channel"), _channels(choices)),
        _filter(asked, "scenario", _("Scenario"), _scenarios(choices)),
        _filter(asked, "number", _("Number"), [(number, words.phone(number)) for number in choices.numbers]),
        _filter(asked, "status", _("Status"), _labels(CallStatus.choices)),
        _filter(asked, "grade", _("Credit"), _labels(Grade.choices)),
        _filter(asked, "tag", _("Tag"), _tags(choices)),
        *(_filter(asked, name, _titles()[name], options, many=False) for name, options in _singles().items()),
    ]


def chips(asked: LogQuery, filters: list[Filter]) -> list[Chip]:
    """One per value in use. A value that no call has any more is said as it stands."""
    labels = {each.name: dict(each.options) for each in filters}
    titles = {**_titles(), **{each.name: each.label for each in filters}}
    found = [
        Chip(titles[name], labels.get(name, {}).get(value) or _said(name, value), asked.without(name, value).address)
        for name, value in asked.chosen
    ]
    if asked.span.period:
        found.insert(0, Chip(_("Period"), asked.span.said, asked.without("period").address))
    return found


def periods() -> list[Option]:
    """For the panel's period."""
    return [*names(), (CUSTOM, _("From … to …"))]


def sorts() -> list[Option]:
    """Orders of the log."""
    return [
        ("", _("Newest first")),
        ("oldest", _("Oldest first")),
        ("longest", _("Longest first")),
        ("shortest", _("Shortest first")),
    ]


def _titles() -> dict[str, str]:
    return {
        "outcome": _("Outcome"),
        "turn": _("Caller"),
        "qualified": _("Qualified lead"),
        "flag": _("Flag"),
        "caller": _("Caller’s number"),
        "seconds": _("Talked for at least"),
    }


def _singles() -> dict[str, list[Option]]:
    return {
        "outcome": [("answered", _("Answered")), ("missed", _("Missed"))],
        "turn": [("first", _("First-time")), ("repeat", _("Called before"))],
        "qualified": [("yes", _("Yes")), ("no", _("No")), ("unset", _("Not said"))],
        "flag": [("test", _("Test calls")), ("spam", _("Spam")), (EVERY, _("All, test and spam too"))],
    }


def _filter(asked: LogQuery, name: str, label: str, options: list[Option], *, many: bool = True) -> Filter:
    chosen = asked.values(name)
    first = _("Calls that count") if name == "flag" else _("Any")
    if many and chosen:
        first = ngettext("%(n)s chosen, add another", "%(n)s chosen, add another", len(chosen)) % {"n": len(chosen)}
    return Filter(name, label, options, chosen, many, first)


def _or_none(values: list[str]) -> list[Option]:
    return [*((value, value) for value in values), (ABSENT, _("None known"))]


def _channels(choices: LogChoices) -> list[Option]:
    known = [(channel, words.channel_name(channel)) for channel in choices.columns["channel"]]
    return [*known, (ABSENT, _("None known"))]


def _scenarios(choices: LogChoices) -> list[Option]:
    return [*((str(pk), name) for pk, name in choices.scenarios), (ABSENT, _("No scenario"))]


def _tags(choices: LogChoices) -> list[Option]:
    return [*((name, name) for name in choices.tags), (ABSENT, _("No tag"))] if choices.tags else []


def _labels(choices: Iterable[tuple[str, object]]) -> list[Option]:
    return [(str(value), str(label)) for value, label in choices]


def _said(name: str, value: str) -> str:
    if value == ABSENT:
        return _("None known")
    if name == "seconds":
        return words.seconds(int(value))
    return {"number": words.phone, "channel": words.channel_name}.get(name, str)(value)
