"""What the pages show of an import of another product's settings: the plan as lists, and past imports."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.console import words
from callspring.numbers.models import Number
from callspring.scenarios.importing.carrying_out import Look, is_unchanged
from callspring.scenarios.importing.planned import Plan, PlannedNumber, PlannedScenario
from callspring.scenarios.importing.products import LABELS
from callspring.scenarios.importing.standing import AWAY, COMING, FREE, RESTING, USED, Standing, alias_of
from callspring.scenarios.models import ImportedNumber, ImportedScenario, Rule, SettingsImport

SHOWN_NUMBERS, SHOWN_PROBLEMS, SHOWN_SCENARIOS = 50, 100, 200


@dataclass(frozen=True, slots=True)
class Group:
    """A planned scenario for the page. `obstacles`: why it is not made."""

    planned: PlannedScenario
    numbers: list[tuple[PlannedNumber, Standing]]
    obstacles: tuple[str, ...]
    alias: str
    alias_taken: str

    @property
    def more(self) -> int:
        """How many numbers are not listed."""
        return max(0, len(self.planned.numbers) - SHOWN_NUMBERS)

    @property
    def type(self) -> str:
        """Static, dynamic or offline, in words."""
        if self.planned.way.offline:
            return _("Static, offline")
        return _("Dynamic: a pool") if self.planned.way.dynamic else _("Static")

    @property
    def condition(self) -> str:
        """The rule, in words."""
        way = self.planned.way
        return rule_words(way.strategy, way.name, way.value)

    @property
    def several_static(self) -> bool:
        """Whether only the first of its numbers is shown on pages."""
        return not self.planned.way.dynamic and not self.planned.way.offline and len(self.planned.numbers) > 1


def rule_words(strategy: str, name: str, value: str) -> str:
    """A condition for people: `URL parameter gclid`, `Landing page on my domain /spring`."""
    shown = words.channel_name(value) if strategy == Rule.Strategy.CHANNEL else value
    parameter = f"{name}={shown}" if name and shown else name or shown
    return f"{Rule.Strategy(strategy).label} {parameter}".strip()


def groups(seen: Look) -> list[Group]:
    """What the preview lists."""
    return [
        Group(
            planned,
            [(one, seen.here[one.e164]) for one in planned.numbers[:SHOWN_NUMBERS]],
            wrong,
            alias_of(planned),
            seen.taken.get(alias_of(planned), ""),
        )
        for planned, wrong in list(zip(seen.plan.scenarios, seen.obstacles, strict=True))[:SHOWN_SCENARIOS]
    ]


def headline(seen: Look) -> str:
    """“10 numbers set up in 2 ways → 2 scenarios”."""
    ways = len(seen.plan.scenarios)
    numbers = ngettext("%(n)d number", "%(n)d numbers", seen.plan.count) % {"n": seen.plan.count}
    in_ways = ngettext("set up in %(n)d way", "set up in %(n)d ways", ways) % {"n": ways}
    made = ngettext("%(n)d scenario", "%(n)d scenarios", len(seen.possible)) % {"n": len(seen.possible)}
    return f"{numbers} {in_ways} → {made}"


def tally(seen: Look) -> list[str]:
    """How many numbers there are of each standing, in words."""
    states = [seen.here[one.e164].state for some in seen.plan.scenarios for one in some.numbers]
    said = [
        (FREE, _("%(n)d here and free")), (COMING, _("%(n)d on the way here")), (RESTING, _("%(n)d resting")),
        (AWAY, _("%(n)d not here yet")), (USED, _("%(n)d in use here")),
    ]  # fmt: skip
    return [text % {"n": states.count(state)} for state, text in said if state in states]


@dataclass(frozen=True, slots=True)
class Done:
    """An import that was carried out: its scenarios with how many numbers are there and to come."""

    row: SettingsImport
    scenarios: list[tuple[ImportedScenario, int, list[str]]]
    can_undo: bool

    @property
    def waiting(self) -> int:
        """How many numbers are still to come."""
        return sum(len(missing) for _scenario, _here, missing in self.scenarios)


def done(row: SettingsImport) -> Done:
    """What became of an import."""
    made = list(ImportedScenario.objects.filter(settings_import=row).select_related("scenario"))
    listed = []
    for one in made:
        missing = ImportedNumber.objects.filter(scenario=one.scenario, placed_at=None)
        here = Number.objects.filter(scenario=one.scenario).count()
        listed.append((one, here, list(missing.values_list("e164", flat=True))))
    return Done(row, listed, any(is_unchanged(one) for one in made))


def label(product: str) -> str:
    """The product's name."""
    return LABELS.get(product, product)


def nothing(product: str) -> Plan:
    """The plan of a file that cannot be read."""
    return Plan(product)
