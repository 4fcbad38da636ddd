"""The second step of "New tracking number": which numbers are offered, which are taken, what they cost."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.console.drafts import Draft
from callspring.console.tracking_forms import SearchForm
from callspring.numbers.actions import CannotOrder, offer
from callspring.numbers.e164 import LOCAL, kind_of
from callspring.numbers.models import Number
from callspring.numbers.queries import free_numbers
from callspring.scenarios.actions import Quote, quote

ALTERNATIVES = 4  # numbers offered where one is wanted


class Choice:
    """One look at the step. After making it, `draft` is the draft as it should be kept.

    `problem` is a sentence above the list ("" for none). `made` says whether the step is done.
    """

    def __init__(self, company: Company, draft: Draft, details: dict[str, Any], post: QueryDict | None) -> None:
        self.company, self.draft = company, draft
        self.wanted: int = details.get("count") or 1
        self.single = draft.way == "campaign"
        self.target: str = details["target"]
        self.problem, self.made = "", False
        self.search = SearchForm(self._asked(post))
        if self.search.is_valid():
            self._offer(self.search.cleaned_data["kind"], self.search.cleaned_data["area_code"])
        if post is not None:
            self._take(post)

    def _asked(self, post: QueryDict | None) -> dict[str, str]:
        """The search as it was just sent, else as it was sent last, else numbers that look like the target."""
        if post is not None and "kind" in post:
            return {"kind": str(post["kind"]), "area_code": post.get("area_code", "").strip()}
        if self.draft.search:
            return {"kind": self.draft.search[0], "area_code": self.draft.search[1]}
        return {"kind": LOCAL, "area_code": self._usual_area()}

    def _usual_area(self) -> str:
        """The area code of the target, or, where that is toll-free, of the company's newest local number."""
        newest = Number.objects.filter(company=self.company, kind=LOCAL).order_by("-id").first()
        for e164 in (self.target, newest.e164 if newest else ""):
            if e164.startswith("+1") and kind_of(e164) == LOCAL:  # elsewhere area codes have no fixed length
                return e164[2:5]
        return ""

    def _offer(self, kind: str, area_code: str) -> None:
        """Keep what was offered for the same search, so that the page can be looked at twice."""
        search = [kind, area_code, str(self.wanted)]
        if self.draft.search == search and self.draft.offered:
            return
        first_look = not self.draft.search
        try:
            offered = self._ask(kind, area_code)
            if not offered and first_look:  # nobody asked for this area code
                search[1], offered = "", self._ask(kind, "")
                self.search = SearchForm({"kind": kind, "area_code": ""})
                self.search.is_valid()
        except CannotOrder as problem:
            offered = []
            self.problem = str(problem)
        self.draft = replace(self.draft, search=search, offered=offered, chosen=[])

    def _ask(self, kind: str, area_code: str) -> list[str]:
        count = ALTERNATIVES if self.single else self.wanted
        return [one.e164 for one in offer(self.company, kind, area_code, count)]

    def _take(self, post: QueryDict) -> None:
        taken = self._one(post.get("number", "")) if self.single else self._many("use_owned" in post)
        if not any(taken) and post.get("go") != "next":
            return  # going elsewhere without a choice leaves the one made before
        self.draft = replace(self.draft, chosen=taken[0], owned=taken[1])
        self.made = bool(taken[0] or taken[1] or self.draft.bought)
        if not self.made:
            self.problem = self.problem or _("Choose a number.")

    def _one(self, choice: str) -> tuple[list[str], list[int]]:
        """One that is offered, or one the company has already."""
        if choice in self.draft.offered:
            return [choice], []
        return [], [number.pk for number in self.free if str(number.pk) == choice][:1]

    def _many(self, use_owned: bool) -> tuple[list[str], list[int]]:
        """The company's free numbers if they are to be used, and as many new ones as are then missing."""
        owned = [number.pk for number in self.free][: self.wanted] if use_owned else []
        missing = max(0, self.wanted - len(owned) - len(self.draft.bought))
        return self.draft.offered[:missing], owned

    @cached_property
    def free(self) -> list[Number]:
        """Numbers the company has and no scenario uses. What this draft bought already is not offered again."""
        free = free_numbers(self.company).exclude(e164=self.target)
        return [number for number in free if number.pk not in self.draft.bought]

    @property
    def kind(self) -> str:
        """The kind that is offered."""
        return self.draft.search[0] if self.draft.search else LOCAL

    @property
    def buying(self) -> int:
        """How many are bought: one (campaign), or all that are offered (users)."""
        return 1 if self.single else len(self.draft.offered)

    @property
    def price(self) -> Quote:
        """What that costs."""
        return quote(self.company, self.kind, self.buying)

    @property
    def few(self) -> bool:
        """Fewer are on offer than were wanted."""
        return not self.single and len(self.draft.offered) < self.wanted
