"""Where each number of a plan stands with the company: free, in use, resting, on its way, or not here yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.numbers.models import Number, NumberTask, PortIn
from callspring.numbers.queries import numbers as numbers_of
from callspring.scenarios import checks
from callspring.scenarios.importing.planned import PlannedScenario
from callspring.scenarios.importing.products import OWN
from callspring.scenarios.importing.reading import Defaults
from callspring.scenarios.making import MOST_RULES
from callspring.scenarios.models import ScenarioAlias
from callspring.sites.models import Site

FREE, USED, RESTING, COMING, AWAY = "free", "used", "resting", "coming", "away"
MOST_SCENARIOS = 100  # in one import


@dataclass(frozen=True, slots=True)
class Standing:
    """`said` is what happens with the number, for people. One that is `used` stays where it is."""

    state: str
    said: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person decides for the whole file; `defaults` count where it says nothing."""

    defaults: Defaults
    product: str = OWN
    site: Site | None = None


def standings(company: Company, e164s: Iterable[str]) -> Mapping[str, Standing]:
    """Where each of these numbers stands. What another company has is as if it were nowhere."""
    wanted = set(e164s)
    found = {e164: Standing(AWAY, _("Not here yet: it goes in once you brought or ported it here.")) for e164 in wanted}
    coming = Standing(COMING, _("On its way here: it goes in as it arrives."))
    ports = PortIn.objects.filter(company=company).exclude(state__in=("refused", "arrived", "called_off"))
    tasks = NumberTask.objects.filter(company=company, verb=NumberTask.Verb.BRING, state=NumberTask.State.WAITING)
    for e164 in (*ports.values_list("e164", flat=True), *tasks.values_list("e164", flat=True)):
        if e164 in wanted:
            found[e164] = coming
    for number in numbers_of(company):
        if number.e164 in wanted:
            found[number.e164] = _here(number)
    return found


def obstacles(company: Company, planned: PlannedScenario, choices: Choices, here: Mapping[str, Standing]) -> list[str]:
    """Why a scenario cannot be made, a sentence each that says what to do; nothing where it can."""
    way, found = planned.way, []
    usable = [one for one in planned.numbers if here[one.e164].state != USED]
    if not usable:
        found.append(_("All its numbers are used by scenarios here already."))
    if not way.offline and choices.site is None:
        found.append(_("Choose the website that it is for."))
    if not way.offline and not way.targets and not way.alias and not way.page_prefix:
        found.append(_("The file does not say what it replaces. Give the number that stands on your pages, above."))
    if not way.dynamic and len(usable) > MOST_RULES:
        said = _("It has %(n)d static numbers, and a scenario has at most %(most)d. Make it dynamic in the file.")
        found.append(said % {"n": len(usable), "most": MOST_RULES})
    return found + _wrong_destination(company, planned)


def taken_aliases(company: Company, planned: Iterable[PlannedScenario]) -> dict[str, str]:
    """Which aliases of the plan already mean a scenario here: alias → its title. They go on meaning it."""
    wanted = {alias_of(one) for one in planned} - {""}
    found = ScenarioAlias.objects.filter(company=company, alias__in=wanted, scenario__deleted_at=None)
    return dict(found.values_list("alias", "scenario__name"))


def alias_of(planned: PlannedScenario) -> str:
    """By what pages call it. One that they ask for by prefix gets a name too: it can then be on without targets."""
    way = planned.way
    if way.alias or way.targets or not way.page_prefix:
        return way.alias
    return f"prefix-{way.page_prefix}"


def _here(number: Number) -> Standing:
    if number.scenario is not None:
        said = _("Used by “%(title)s” here: it stays there.") % {"title": number.scenario.name}
        return Standing(USED, said)
    if number.giving_back_since is not None:
        return Standing(USED, _("It is being given back to its carrier: it stays behind."))
    if number.state == Number.State.RESTING:
        return Standing(RESTING, _("Rests here: it goes in when its rest is over."))
    return Standing(FREE, _("Here and free: it goes in at once."))


def _wrong_destination(company: Company, planned: PlannedScenario) -> list[str]:
    destination = planned.way.destination
    if not destination:
        return [_("The file does not say where its calls ring. Give the number that is to ring, above.")]
    if destination in {one.e164 for one in planned.numbers}:
        return [_("It rings itself: its calls would go round. Mend the destination in the file.")]
    try:
        checks.destination(destination, company)
    except ValidationError as problem:
        return list(problem.messages)
    except ValueError as problem:
        return [str(problem)]
    return []
