"""Scenarios that are being made or changed: what was typed on each step, kept on the server until it is saved.

Every draft has an id that stands in the address, so two tabs do not disturb each other, and one can go on tomorrow.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils import timezone

from callspring.carriers.outside import clean_lines
from callspring.console.models import Draft
from callspring.console.request import CompanyRequest
from callspring.numbers.models import Number
from callspring.numbers.queries import free_numbers
from callspring.scenarios.models import Scenario

LONGEST = 5000  # characters of a field: more than any of them takes
MOST_VALUES = 200  # of a field
MOST_FIELDS = 400
KEPT = 20  # newest drafts of a person
KEPT_BLANK = 5  # of those into which nothing was typed
NAME_LENGTH = 40  # of a field
TITLE_LENGTH = 500  # typed, not yet checked
ASIDE = frozenset(
    {"csrfmiddlewaretoken", "go", "title", "number", "owned", "coming", "version"}
)  # what no step's form has


class DraftGone(Exception):
    """The draft in the address was saved or given up."""


@dataclass(slots=True)
class Picked:
    """The numbers of a draft. `chosen` (E.164) are to be bought from `connection`, `owned` (ids) are there already.

    `offered` is what the carrier had for the search that is named by `search`; `addresses`: some of it needs an address
    on the account there. `coming` (E.164) are those that an import has announced. `seen` are the scenario's numbers
    (ids) when the person last looked: what came to it later stays in it.
    """

    search: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)
    chosen: list[str] = field(default_factory=list)
    owned: list[int] = field(default_factory=list)
    connection: int = 0
    addresses: bool = False
    coming: list[str] = field(default_factory=list)
    seen: list[int] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many the scenario will have."""
        return len(self.chosen) + len(self.owned) + len(self.coming)


def begin(request: CompanyRequest, way: str, scenario: Scenario | None = None) -> Draft:
    """A draft of its own, for another tab may have begun one too. Of the person's others the newest are kept."""
    mine = Draft.objects.filter(company=request.company, user=request.user)
    for touched, most in ((True, KEPT), (False, KEPT_BLANK)):
        some = mine.filter(touched=touched)
        newest = some.order_by("-changed_at", "-id").values_list("pk", flat=True)[: most - 1]
        some.exclude(pk__in=list(newest)).delete()
    return Draft.objects.create(company=request.company, user=request.user, way=way, scenario=scenario)


def find(request: CompanyRequest, draft_id: int) -> Draft:
    """The draft named in the address. Raises `DraftGone`, and `Http404` for another company's."""
    found = Draft.objects.select_related("company__account", "user", "scenario").filter(pk=draft_id).first()
    if found is None:
        raise DraftGone
    if found.company_id != request.company.pk:
        raise Http404
    return found


def mine(request: CompanyRequest) -> list[Draft]:
    """What this person began and did not finish, newest first."""
    found = Draft.objects.filter(company=request.company, user=request.user, touched=True).select_related("scenario")
    return list(found.order_by("-changed_at", "-id"))


def keep(draft: Draft, step: str, sent: QueryDict, *, while_typing: bool = False) -> bool:
    """Keep a step's form as it was sent; False where it came too late: the step had been sent meanwhile.

    Raises `DraftGone`.
    """
    typed = {
        name[:NAME_LENGTH]: [_storable(value, LONGEST) for value in cast("list[str]", sent.getlist(name))[:MOST_VALUES]]
        for name in list(sent)[:MOST_FIELDS]
        if name not in ASIDE
    }
    draft.typed = draft.typed | {step: typed}
    draft.title = _storable(sent.get("title", draft.title), TITLE_LENGTH)
    draft.touched = True
    if while_typing:
        unchanged = Draft.objects.filter(pk=draft.pk, version=draft.version)
        given = {"typed": draft.typed, "title": draft.title, "touched": True, "changed_at": timezone.now()}
        return sent.get("version", "") == str(draft.version) and bool(unchanged.update(**given))
    draft.version += 1
    _write(draft, typed=draft.typed, title=draft.title, touched=True, version=draft.version)
    return True


def _storable(text: str, most: int) -> str:
    """As it was typed, without what no page of ours and no database should meet."""
    return clean_lines(text, most).encode("utf-8", "replace").decode()


def pick(draft: Draft, picked: Picked) -> None:
    """Keep the numbers. Raises `DraftGone`."""
    draft.picked = asdict(picked)
    _write(draft, picked=draft.picked)


def hold(draft: Draft) -> None:
    """Let nobody else save or discard it until the transaction ends. Raises `DraftGone`."""
    if Draft.objects.select_for_update().filter(pk=draft.pk).first() is None:
        raise DraftGone


def _write(draft: Draft, **given: Any) -> None:
    """Raises `DraftGone` where it was saved or given up meanwhile, as by a second press."""
    if not Draft.objects.filter(pk=draft.pk).update(**given, changed_at=timezone.now()):
        raise DraftGone


def picked(draft: Draft) -> Picked:
    """The numbers as they were kept."""
    return Picked(**draft.picked)


def typed(draft: Draft, step: str) -> QueryDict | None:
    """What was sent on a step; None for one that nobody has been through."""
    kept: dict[str, list[str]] | None = draft.typed.get(step)
    return None if kept is None else query(kept.items())


def query(values: Iterable[tuple[str, Any]]) -> QueryDict:
    """Fields and their values as a form takes them."""
    data = QueryDict(mutable=True)
    for name, given in values:
        data.setlist(name, [str(one) for one in given] if isinstance(given, list | tuple) else [str(given)])
    return data


def numbers_of(draft: Draft) -> Picked:
    """What was picked, as things stand: without what somebody else got meanwhile, with what the scenario did."""
    found = picked(draft)
    free = set(free_numbers(draft.company).values_list("pk", flat=True))
    here = dict(_here(draft).values_list("pk", "e164"))
    came = [pk for pk in here if pk not in found.seen and pk not in found.owned]
    found.owned = [pk for pk in found.owned if pk in free or pk in here] + came
    found.chosen = [e164 for e164 in found.chosen if e164 not in here.values()]
    awaited = set(coming(draft))
    found.coming = [e164 for e164 in found.coming if e164 in awaited and e164 not in here.values()]
    return found


def coming(draft: Draft) -> list[str]:
    """The numbers (E.164) that an import announced for the scenario and that are not here yet."""
    if draft.scenario is None:
        return []
    return list(draft.scenario.imported_numbers.filter(placed_at=None).values_list("e164", flat=True))


def _here(draft: Draft) -> QuerySet[Number]:
    """The scenario's numbers, without those that are replaced."""
    found = Number.objects.filter(scenario=draft.scenario_id or 0, state=Number.State.ACTIVE, replaced=None)
    return found.order_by("pk")
