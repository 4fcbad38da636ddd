"""The numbers of a draft: which are offered, which are taken, what they cost. Nothing is bought here.

A campaign takes one of a few that are offered; a pool all that are offered; the full wizard adds to a list.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import cast

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.accounts.models import Company
from callspring.carriers.api import CarrierProblem
from callspring.console.models import Draft
from callspring.console.requirement_words import Said, asked_for
from callspring.console.wizard.drafts import numbers_of, query, typed
from callspring.console.wizard.tracking_forms import SearchForm
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.e164 import LOCAL, kind_of
from callspring.numbers.models import Connection, Number
from callspring.numbers.queries import free_numbers
from callspring.numbers.shopping import selling_connections
from callspring.scenarios.purchases import Quote, quote

MOST_ASKED = 1_000  # numbers of one search: carriers offer no more at once, and a larger pool takes several
ALTERNATIVES = 4  # numbers offered where one is wanted
LISTED = 200  # numbers the company has that are shown for choosing


class Choice:
    """One look at the step. After making it, `picked` is how the draft's numbers should be kept.

    `count` is how many a pool wants; `targets` are what they are shown instead of, as far as it is known yet.
    `problem` is a sentence above the list ("" for none). `done` says whether the step is done. Without `look` the
    carrier is not asked.
    """

    def __init__(
        self,
        company: Company,
        draft: Draft,
        sent: QueryDict | None,
        *,
        targets: Sequence[str],
        count: int,
        look: bool = True,
    ) -> None:
        self.company, self.draft, self.targets, self.wanted = company, draft, list(targets), count
        self.picked, self.problem = numbers_of(draft), ""
        self.mode = {"campaign": "one", "offline": "one", "users": "all"}.get(draft.way, "list")
        before = list(self.picked.search)
        self.search = SearchForm(company, self._asked(sent))
        right = self.search.is_valid()
        if sent is not None:
            self._take(sent)
        else:
            self.picked.seen = [number.pk for number in self.kept]
        if self.mode != "list" and right and look:
            self._offer()
        elif right and look and sent is not None and sent.get("go") == "search":
            self._add()
        new_search = sent is not None and self.mode != "list" and before not in ([], self.picked.search)
        self.done = right and not new_search and not self.problem and self.picked.count > 0
        if sent is not None and sent.get("go") != "search" and right and not self.picked.count and not self.problem:
            self.problem = _("Choose a number.") if self.mode == "one" else _("Add at least one number.")

    def _asked(self, sent: QueryDict | None) -> QueryDict:
        """The search as it was just sent, else as it was sent last, else numbers that look like the target."""
        if sent is not None and "kind" in sent:
            return sent
        usual = {
            "kind": LOCAL,
            "country": self.company.country,
            "area_code": self._usual_area(),
            "connection": str(self.connection.pk if self.connection else ""),
        }
        before = typed(self.draft, "numbers")
        return before if before is not None and "kind" in before else query(usual.items())

    def _usual_area(self) -> str:
        """The area code of the target, or, where that is toll-free, of the company's newest local number."""
        newest = Number.objects.filter(company=self.company, kind=LOCAL).order_by("-id").first()
        for e164 in (*self.targets[:1], newest.e164 if newest else ""):
            if e164.startswith("+1") and kind_of(e164) == LOCAL:  # elsewhere area codes have no fixed length
                return e164[2:5]
        return ""

    def _offer(self) -> None:
        """Keep what was offered for the same search, so that the page can be looked at twice."""
        wanted = self.search.cleaned_data
        search = [self._via, wanted["country"], wanted["kind"], wanted["area_code"], str(self.wanted)]
        if self.picked.search == search and self.picked.offered:
            return
        first_look = not self.picked.search
        offered = self._ask(ALTERNATIVES if self.mode == "one" else self.wanted)
        if not offered and first_look and not self.problem:  # nobody asked for this area code
            again = cast(QueryDict, self.search.data).copy()
            again["area_code"] = ""
            self.search = SearchForm(self.company, again)
            self.search.is_valid()
            search[3], offered = "", self._ask(ALTERNATIVES if self.mode == "one" else self.wanted)
        self.picked.search, self.picked.offered, self.picked.chosen = search, offered, []
        self._note_connection()
        if self.mode == "all":
            self._fill()

    def _add(self) -> None:
        """To the list of a scenario: as many as were asked for, besides those that are in it."""
        count = self.search.cleaned_data["count"] or 1
        self._note_connection()
        room = MOST_ASKED - len(self.picked.chosen)
        found = self._ask(min(count, room) + len(self.picked.chosen))
        new = [e164 for e164 in found if e164 not in self.picked.chosen][: min(count, room)]
        self.picked.chosen += new
        if len(new) < count and not self.problem:
            said = ngettext(
                "No more than %(n)d such number is to be had. Try another area code for the rest.",
                "No more than %(n)d such numbers are to be had. Try another area code for the rest.",
                len(new),
            )
            none = _("No such number is to be had. Try another area code.")
            self.problem = said % {"n": len(new)} if new else none

    def _note_connection(self) -> None:
        """Numbers come from one carrier at a time: what was chosen at another is not bought here."""
        connection = self.connection
        if connection is not None and self.picked.connection != connection.pk:
            self.picked.connection, self.picked.chosen = connection.pk, []

    def _ask(self, count: int) -> list[str]:
        connection = self.connection
        if connection is None:
            self.problem = _("Connect a carrier that sells numbers first.")
            return []
        wanted = self.search.cleaned_data
        try:
            at = AtCarrier(connection)
            found = at.api.search(
                at.credentials,
                country=wanted["country"],
                kind=wanted["kind"],
                area_code=wanted["area_code"],
                count=min(count, MOST_ASKED),
            )
        except CarrierProblem as problem:
            self.problem = str(problem)
            return []
        self.picked.addresses = any(one.address for one in found)
        return [one.e164 for one in found if one.e164 not in self.targets]

    def _take(self, sent: QueryDict) -> None:
        if self.mode == "one":
            self._take_one(sent.get("number", ""))
        elif self.mode == "all":
            self.picked.owned = [number.pk for number in self.free][: self.wanted] if "use_owned" in sent else []
            self._fill()
        else:
            ticked = cast("list[str]", sent.getlist("number"))
            self.picked.chosen = [e164 for e164 in self.picked.chosen if e164 in ticked]
            self.picked.coming = [e164 for e164 in self.picked.coming if e164 in sent.getlist("coming")]
            here = {str(number.pk): number.pk for number in (*self.kept, *self.free)}
            taken = [here[one] for one in cast("list[str]", sent.getlist("owned")) if one in here]
            # What came to the scenario since the page was shown could not be ticked there.
            came = {number.pk for number in self.kept} - {*self.picked.seen, *taken}
            self.picked.owned = [*taken, *(pk for pk in self.picked.owned if pk in came)]

    def _take_one(self, choice: str) -> None:
        """One that is offered, or one the company has already; without a choice the one made before stays."""
        if choice in self.picked.offered:
            self.picked.chosen, self.picked.owned = [choice], []
        elif choice:
            self.picked.chosen = []
            self.picked.owned = [number.pk for number in self.free if str(number.pk) == choice][:1]

    def _fill(self) -> None:
        """The company's own numbers if they are to be used, and as many new ones as are then missing."""
        self.picked.chosen = self.picked.offered[: max(0, self.wanted - len(self.picked.owned))]

    @property
    def _via(self) -> str:
        return str(self.connection.pk) if self.connection else ""

    @cached_property
    def connection(self) -> Connection | None:
        """Where numbers are bought: what was chosen, else the oldest; None where no carrier sells any."""
        asked = self.search.cleaned_data.get("connection") if hasattr(self, "search") else None
        return asked or selling_connections(self.company).first()

    @cached_property
    def free(self) -> list[Number]:
        """Numbers the company has and no scenario uses."""
        return list(free_numbers(self.company).exclude(e164__in=self.targets)[:LISTED])

    @cached_property
    def kept(self) -> list[Number]:
        """Numbers that the scenario, which is being changed, has."""
        scenario = self.draft.scenario
        return [] if scenario is None else list(scenario.numbers.filter(state=Number.State.ACTIVE).order_by("id"))

    @property
    def buying(self) -> list[str]:
        """What is to be bought; where one is wanted and none is chosen yet, the first that is offered."""
        if self.mode == "one" and not self.picked.count:
            return self.picked.offered[:1]
        return self.picked.chosen

    @property
    def asked(self) -> Said | None:
        """What the law of the country asks of whoever takes such a number; None where it is nothing."""
        if self.connection is None or not self.search.is_valid():
            return None
        wanted = self.search.cleaned_data
        return asked_for(self.connection, wanted["country"], wanted["kind"])

    @property
    def price(self) -> Quote:
        """What that costs."""
        return quote(self.company, self.connection.carrier if self.connection else "", self.buying)

    @property
    def one(self) -> Quote:
        """What one of those that are offered costs."""
        return quote(self.company, self.connection.carrier if self.connection else "", self.picked.offered[:1])

    @property
    def few(self) -> bool:
        """Fewer are on offer than were wanted."""
        return self.mode == "all" and self.picked.count < self.wanted
