"""Why a visit saw the numbers it did: what the record says, and what each scenario would say to it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.calls.words import phone
from callspring.console import explaining_words
from callspring.console.choice_words import choice_words
from callspring.console.scenario_table import rank_words
from callspring.numbers.models import Number
from callspring.scenarios.explaining import Explained, explain
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import published_site
from callspring.scenarios.why import facts_of_visit
from callspring.stores.snapshot.published import PublishedSite
from callspring.visits.models import Show, Visit


@dataclass(frozen=True, slots=True)
class Shown:
    """A number that the visit was given. `because` says why that scenario and that number."""

    e164: str
    scenario: str
    because: str
    show: Show


@dataclass(frozen=True, slots=True)
class VisitWhy:
    """`now`, `lost`: what a new visitor who arrives so would see today, and why the other scenarios lose.

    `stopped_at`: since then nobody is shown any tracking number, for money is owed. `removed_at`: since then the site
    is removed.
    """

    visit: Visit
    shown: Sequence[Shown]
    now: Sequence[str]
    lost: Sequence[str]
    stopped_at: datetime | None
    removed_at: datetime | None


def visit_why(company: Company, visit_number: int) -> VisitWhy | None:
    """The explanation for one visit; None for an outsider's."""
    visit = Visit.objects.filter(company=company, number=visit_number).select_related("site__company__account").first()
    if visit is None:
        return None
    shows = list(Show.objects.filter(company=company, visit=visit.pk).order_by("granted_at", "pk"))
    numbers = dict(Number.objects.filter(pk__in=[one.number for one in shows]).values_list("pk", "e164"))
    names = dict(Scenario.objects.filter(company=company).values_list("pk", "name"))
    shown = [Shown(numbers.get(one.number, ""), names.get(one.scenario_id, ""), _because(one), one) for one in shows]
    site, removed_at = published_site(visit.site), visit.site.removed_at
    explained = explain(site.scenarios, facts_of_visit(visit)) if removed_at is None else []
    now = [_sees(one, names, site) for one in explained if one.won]
    lost = [said for one in explained if (said := explaining_words.lost(one, names))]
    return VisitWhy(visit, shown, now, lost, visit.site.company.account.swapping_stopped_at, removed_at)


def _because(show: Show) -> str:
    if show.dynamic:
        return choice_words(show.reason)
    if show.reason == "kept":
        return _("they had seen it before")
    return _("the scenario won by %(rank)s") % {"rank": rank_words(show.reason)}


def _sees(one: Explained, names: Mapping[int, str], site: PublishedSite) -> str:
    numbers = {number.id: number.e164 for number in site.numbers}
    number = phone(numbers[one.number]) if one.number in numbers else _("a number of the pool")
    text = _("“%(name)s” would show %(number)s, because %(why)s.")
    why = explaining_words.why(one.rule, one.reason)
    return text % {"name": names.get(one.scenario, ""), "number": number, "why": why}
