"""The table of scenarios as its address asks for it: searched, sorted, with totals, and who goes first (C6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Company
from callspring.console.words import phone
from callspring.reports.scenarios import ScenarioRow, scenario_rows
from callspring.scenarios.precedence import Standing, standings
from callspring.scenarios.purchases import Waiting, waiting
from callspring.scenarios.queries import scenarios

PAGE = 100
LONGEST_SEARCH = 80
OWN_ORDER = "order"
# The keys of a column in the address: what its head says, and by what its rows are sorted. None goes last.
Key = Callable[["TableRow"], Any]
COLUMNS: Mapping[str, tuple[Promise, Key]] = {
    OWN_ORDER: (gettext_lazy("Order"), lambda row: row.at),
    "status": (gettext_lazy("Status"), lambda row: not row.scenario.enabled),
    "name": (gettext_lazy("Name"), lambda row: row.scenario.name.casefold()),
    "type": (gettext_lazy("Type"), lambda row: row.row.kind),
    "numbers": (gettext_lazy("Numbers"), lambda row: len(row.row.numbers)),
    "accuracy": (gettext_lazy("Accuracy"), lambda row: row.row.accuracy),
    "certainty": (gettext_lazy("Call certainty"), lambda row: row.row.certainty),
    "visitors": (gettext_lazy("Visitors"), lambda row: row.row.visitors),
    "calls": (gettext_lazy("Calls"), lambda row: row.row.calls),
    "created": (gettext_lazy("Created"), lambda row: row.scenario.created_at),
}
# Of figures the largest are looked for first.
LARGEST_FIRST = frozenset({"numbers", "accuracy", "certainty", "visitors", "calls", "created"})


@dataclass(frozen=True, slots=True)
class TableRow:
    """A scenario in the table. `at` is its place in the order people gave; `standing` is None where it meets nobody.

    `waiting`: numbers that are to be approved, on order or could not be had; None for none.
    """

    row: ScenarioRow
    at: int
    standing: Standing | None
    waiting: Waiting | None

    @property
    def scenario(self) -> Any:
        """The scenario itself."""
        return self.row.scenario


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: `query` sorts by it, `sorted` is ascending, descending or none, as ARIA has it."""

    name: str
    title: Promise
    query: str
    sorted: str


@dataclass(frozen=True, slots=True)
class Table:
    """The page: `rows` of `found`. `movable`: the order can be changed, for it is what is to be seen.

    `paged`: there are more than these, so that a row is also moved by its place in the whole.
    """

    rows: list[TableRow]
    found: int
    all: int
    heads: dict[str, Head]
    search: str
    query: str
    movable: bool
    paged: bool
    numbers: int
    visitors: int
    calls: int
    before: str
    after: str


def table(company: Company, asked: QueryDict) -> Table:
    """As the address asks: `q`, `sort` (a column's key, with - in front from the largest on) and `page`."""
    everything = _rows(company)
    search = " ".join(asked.get("q", "").split())[:LONGEST_SEARCH]
    key, descending = _sort(asked.get("sort", ""))
    found = [row for row in everything if _fits(row, search.casefold())]
    found = _sorted(found, key, descending)
    page = _page(asked.get("page", ""), len(found))
    shown = found[page * PAGE : (page + 1) * PAGE]
    said = _Said(search, key, descending)
    return Table(
        rows=shown,
        found=len(found),
        all=len(everything),
        heads={name: _head(name, said) for name in COLUMNS},
        search=search,
        query=said.query(page=page),
        movable=key == OWN_ORDER and not descending and not search and len(everything) > 1,
        paged=len(shown) < len(everything),
        numbers=sum(len(row.row.numbers) for row in found),
        visitors=sum(row.row.visitors for row in found),
        calls=sum(row.row.calls for row in found),
        before=said.query(page=page - 1) if page else "",
        after=said.query(page=page + 1) if (page + 1) * PAGE < len(found) else "",
    )


@dataclass(frozen=True, slots=True)
class _Said:
    search: str
    key: str
    descending: bool

    def query(self, **changes: Any) -> str:
        query = QueryDict(mutable=True)
        sort = changes.get("sort", ("-" if self.descending else "") + self.key)
        usual = {"sort": OWN_ORDER, "q": "", "page": 0}
        for name, value in (("q", self.search), ("sort", sort), ("page", changes.get("page", 0))):
            if value != usual[name]:
                query[name] = str(value)
        return f"?{query.urlencode()}" if query else "?"


def _rows(company: Company) -> list[TableRow]:
    in_order = list(scenarios(company).prefetch_related("targets"))
    standing = standings(in_order)
    rows, waits = scenario_rows(company, in_order), waiting([one.pk for one in in_order])
    return [
        TableRow(row, at, standing.get(row.scenario.pk), waits.get(row.scenario.pk)) for at, row in enumerate(rows, 1)
    ]


def _sort(asked: str) -> tuple[str, bool]:
    key = asked.removeprefix("-")
    return (key, asked.startswith("-")) if key in COLUMNS else (OWN_ORDER, False)


def _sorted(rows: list[TableRow], key: str, descending: bool) -> list[TableRow]:
    """What has no value stands last either way; equal ones keep the order people gave."""
    by = COLUMNS[key][1]
    known = [row for row in rows if by(row) is not None]
    unknown = [row for row in rows if by(row) is None]
    return sorted(known, key=by, reverse=descending) + unknown


def _fits(row: TableRow, search: str) -> bool:
    """By title, site, type, the rules' own words, or a part of a number however it is written."""
    if not search:
        return True
    scenario = row.scenario
    rules = [part for rule in scenario.rules.all() for part in (rule.get_strategy_display(), rule.name, rule.value)]
    site = scenario.site.name if scenario.site else ""
    if any(search in str(text).casefold() for text in (scenario.name, site, kind_words(row.row.kind), *rules)):
        return True
    digits = "".join(filter(str.isdecimal, search))
    e164s = [number.e164 for number in row.row.numbers] + [target.value for target in scenario.targets.all()]
    return any((len(digits) > 2 and digits in e164) or search in phone(e164) for e164 in e164s)


def _page(asked: str, found: int) -> int:
    page = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0
    return min(page, max(0, (found - 1) // PAGE))


def _head(name: str, said: _Said) -> Head:
    """Pressed again it sorts the other way round."""
    now = said.key == name
    downwards = not said.descending if now else name in LARGEST_FIRST
    state = ("descending" if said.descending else "ascending") if now else "none"
    return Head(name, COLUMNS[name][0], said.query(sort=("-" if downwards else "") + name), state)


def kind_words(kind: str) -> str:
    """The type of a scenario in words."""
    said = {"static": _("Static"), "dynamic": _("Dynamic"), "both": _("Static and dynamic")}
    return said[kind]


def rank_words(rank: str) -> str:
    """Why a rule stands where it does: its name in the precedence in words."""
    said = {
        "url_parameter": _("a URL parameter"),
        "landing_page": _("a landing page"),
        "campaign": _("a campaign’s tag"),
        "medium": _("a medium’s tag"),
        "channel": _("a channel’s tag"),
        "specific_referrer": _("a certain website"),
        "source": _("a certain source"),
        "web_search": _("a web search"),
        "referral": _("any other website"),
        "direct": _("a direct visit"),
        "pool": _("the pool, for everybody"),
        "always": _("always swap"),
    }
    return said.get(rank, rank)
