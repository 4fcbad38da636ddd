"""A row of an export → planned numbers, or a problem that says what to do. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callspring.numbers.e164 import parse_number
from callspring.scenarios import checks
from callspring.scenarios.importing import products
from callspring.scenarios.importing.grouping import group, prefix_of
from callspring.scenarios.importing.origins import Origin, named, origin
from callspring.scenarios.importing.planned import Plan, PlannedNumber, RowProblem, Way
from callspring.scenarios.importing.products import CALLRAIL, OWN, ROISTAT, Columns, bare
from callspring.scenarios.importing.tables import Table
from callspring.scenarios.tagging import MOST_TARGETS, Target, mask, prefix, targets

ALIAS_LENGTH = 40  # as `ScenarioAlias.alias`
MOST_IN_A_CELL = 500  # numbers
_PARTED = re.compile(r"\s*[,;|\n]\s*")
_DYNAMIC = frozenset(
    ["dynamic", "session", "sessiontracker", "pool", "keywordpool", "websitepool", "online", "динамический"]
)
_STATIC = frozenset({"", "static", "source", "sourcetracker", "onsite", "single", "статический"})
_OFF = frozenset(["disabled", "inactive", "off", "no", "false", "0", "deleted", "archived"])
_OFFLINE = frozenset(["offline", "offsite", "print"])


@dataclass(frozen=True, slots=True)
class Defaults:
    """What counts where the file says nothing: the number on the pages and the number that rings, both E.164 or ""."""

    country: str
    target: str = ""
    destination: str = ""
    ring_seconds: int = 25


def plan(table: Table, product: str, defaults: Defaults) -> Plan:
    """What the file comes to. Rows make numbers or problems, every column is used or listed."""
    found = products.columns(table, product)
    numbers: dict[str, PlannedNumber] = {}
    problems: list[RowProblem] = []
    for line, cells in table.rows:
        for one in _row(line, cells, found, defaults):
            if isinstance(one, RowProblem):
                problems.append(one)
            elif one.e164 in numbers:
                said = _("This number stands in row %(line)d already. Leave one of them out.")
                problems.append(RowProblem(line, one.e164, said % {"line": numbers[one.e164].line}))
            else:
                numbers[one.e164] = one
    return Plan(product, group(numbers.values()), tuple(problems), found.ignored)


def _row(line: int, cells: tuple[str, ...], found: Columns, defaults: Defaults) -> list[PlannedNumber | RowProblem]:
    written = found.of(cells, "number")
    texts = [one for one in _PARTED.split(_unwrapped(written)) if one][:MOST_IN_A_CELL]
    if not texts:
        return [RowProblem(line, "", _("The row has no number. Give it one, or leave the row out."))]
    if bare(found.of(cells, "status")) in _OFF:
        return [
            RowProblem(line, written[:80], _("It is switched off there and stays behind. Switch it on to bring it."))
        ]
    try:
        way, notes = _way(cells, found, defaults)
    except (ValidationError, ValueError) as problem:
        return [RowProblem(line, written[:80], _said(problem))]
    return [_number(line, text, found.of(cells, "name"), way, notes, found.product, defaults.country) for text in texts]


def _number(
    line: int, text: str, name: str, way: Way, notes: tuple[str, ...], product: str, country: str
) -> PlannedNumber | RowProblem:
    try:
        e164 = phone(text, country)
    except ValueError as problem:
        return RowProblem(line, text[:80], str(problem))
    if product == ROISTAT and not way.targets and not way.alias and not way.page_prefix and not way.offline:
        way = replace(way, page_prefix=prefix_of(e164))  # the older logic: pages ask for numbers by their beginning
    if e164 in {one.value for one in way.targets}:
        return RowProblem(line, text[:80], _("It is the very number that it is to replace. Mend one of the two."))
    return PlannedNumber(line, e164, " ".join(name.split())[: checks.TITLE_LENGTH], way, notes)


@lru_cache(maxsize=10_000)
def phone(text: str, country: str) -> str:
    """A number as exports and spreadsheets write it, in E.164. Raises `ValueError`, for people."""
    text = re.sub(r"\.0+$", "", _unwrapped(text))
    if re.fullmatch(r"[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+", text):
        said = _("“%(text)s”: a spreadsheet has shortened this number. Format the column as text and export anew.")
        raise ValueError(said % {"text": text[:40]})
    try:
        return parse_number(text, country)
    except ValueError:
        digits = re.sub(r"\D", "", text)
        if text.startswith("+") or not 10 < len(digits) < 16:
            raise
        try:  # with the country code and without its sign
            return parse_number(f"+{digits}", country)
        except ValueError:
            pass
        raise


def _unwrapped(text: str) -> str:
    """Without what spreadsheets put around a number so that it stays text: `="+1 312…"`, `'+1…`."""
    text = text.strip()
    found = re.fullmatch(r'=\s*"?([^"]*)"?', text)
    return (found[1] if found else text).lstrip("'").strip()


def _way(cells: tuple[str, ...], found: Columns, defaults: Defaults) -> tuple[Way, tuple[str, ...]]:
    """How the row's numbers are configured. Raises `ValueError` and `ValidationError`, for people."""
    dynamic, offline = _kind(bare(found.of(cells, "kind")), found.product)
    rule, notes = _rule(cells, found, dynamic=dynamic)
    alias, page_prefix = found.of(cells, "alias")[:ALIAS_LENGTH], re.sub(r"\D", "", found.of(cells, "page_prefix"))[:12]
    replaced = _targets(cells, found, defaults.country)
    offline = not replaced and not alias and not page_prefix and not dynamic and (offline or rule.offline)
    if rule.offline and replaced:
        rule = Origin("always")
    by_pages = alias or page_prefix or found.product == ROISTAT
    if not replaced and not offline and not by_pages and defaults.target:
        replaced = (Target("number", defaults.target),)
    way = Way(
        targets=replaced,
        dynamic=dynamic,
        strategy=rule.strategy,
        name=checks.parameter_name(rule.strategy, rule.name),
        value=checks.rule_value(rule.strategy, rule.value),
        destination=_destination(found.of(cells, "destination"), defaults),
        ring_seconds=_seconds(found.of(cells, "ring"), defaults),
        mask=mask(found.of(cells, "mask")),
        prefix=prefix(found.of(cells, "prefix")),
        alias=alias,
        page_prefix=page_prefix,
        offline=offline,
        title=" ".join(found.of(cells, "scenario").split())[: checks.TITLE_LENGTH],
    )
    return way, notes


def _kind(said: str, product: str) -> tuple[bool, bool]:
    """Dynamic or not, offline or not. Others have more types than these; in our own file another word is wrong."""
    if said in _DYNAMIC:
        return True, False
    if said in _STATIC or said in _OFFLINE or product != OWN:
        return False, said in _OFFLINE
    raise ValueError(_("“%(kind)s” is no type. Write dynamic or static.") % {"kind": said[:40]})


def _rule(cells: tuple[str, ...], found: Columns, *, dynamic: bool) -> tuple[Origin, tuple[str, ...]]:
    """The row's condition, and what is to be said about it."""
    if strategy := found.of(cells, "strategy"):
        known = named(strategy)
        if known is None:
            raise ValueError(_("“%(word)s” is no strategy. Choose one of docs/moving.md.") % {"word": strategy[:40]})
        return Origin(known, found.of(cells, "parameter"), found.of(cells, "value")), ()
    source = _segment(found.of(cells, "segments")) or found.of(cells, "source")
    if not source and not found.of(cells, "value"):
        if dynamic or found.product in (OWN, CALLRAIL):
            return Origin("always"), ()
        return Origin("always", offline=found.product != ROISTAT), ()
    rule = origin(source, found.of(cells, "value"))
    if rule is None:
        note = _("“%(source)s” is read as the visit’s source (utm_source). Look whether your links say so.")
        return Origin("source", value=source[:300]), (note % {"source": source[:60]},)
    return rule, (rule.note,) if rule.note else ()


def _segment(text: str) -> str:
    """Roistat's condition on the source, `source, like%, seo` as it comes out of its list, or `source = seo`."""
    parts = [part for part in re.split(r"[,=\s]+", text) if part]
    return parts[-1] if len(parts) > 1 and parts[0] == "source" else text


def _targets(cells: tuple[str, ...], found: Columns, country: str) -> tuple[Target, ...]:
    """What is replaced, sorted, each once. A bare word among selectors is a class, as Roistat writes it."""
    typed = [one for one in _PARTED.split(found.of(cells, "target")) if one]
    typed += [_selector(one) for one in _PARTED.split(found.of(cells, "selector")) if one]
    if len(typed) > MOST_TARGETS * 2:
        raise ValueError(_("A scenario replaces at most %(most)d things. Leave some out.") % {"most": MOST_TARGETS})
    numbers = [_target(one, country) for one in typed]
    return tuple(sorted(targets([(one, "") for one in dict.fromkeys(numbers)], country)))


def _selector(text: str) -> str:
    return f".{text}" if re.fullmatch(r"[A-Za-z_][\w-]*", text, re.ASCII) else text


def _target(text: str, country: str) -> str:
    """A number in E.164 where it is one, so that one that is spelled in two ways is one; else as it stands."""
    try:
        return phone(text, country)
    except ValueError:
        return " ".join(text.split())


def _destination(text: str, defaults: Defaults) -> str:
    text = text.strip()
    if not text:
        return defaults.destination
    if checks.SIP.fullmatch(text):
        return text
    first = _PARTED.split(_unwrapped(text))[0]
    return phone(first, defaults.country)


def _seconds(text: str, defaults: Defaults) -> int:
    found = re.match(r"[0-9]{1,4}", text)
    return checks.ring_seconds(int(found[0])) if found else defaults.ring_seconds


def _said(problem: Exception) -> str:
    return " ".join(problem.messages) if isinstance(problem, ValidationError) else str(problem)
