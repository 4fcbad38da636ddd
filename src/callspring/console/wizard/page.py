"""What a step's page shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from callspring.console.models import Draft
from callspring.console.wizard.choosing import Choice
from callspring.console.wizard.drafts import numbers_of
from callspring.console.wizard.integrations import SentTo, sent_to
from callspring.console.wizard.planning import Unfinished, connection_of, settings_of
from callspring.console.wizard.scenario_forms import TaggingForm
from callspring.console.wizard.sizes import Size, sizes
from callspring.console.wizard.steps import (
    WAYS,
    Step,
    details,
    form_for,
    is_done,
    kept_form,
    numbers_in,
    numbers_to_replace,
    steps,
    targets_of,
    title_problem,
    wanted_count,
)
from callspring.console.wizard.tracking_forms import StepForm
from callspring.numbers.shopping import quote_ahead
from callspring.scenarios.purchases import Quote, price_of, quote
from callspring.scenarios.tagging import written


@dataclass(frozen=True, slots=True)
class Place:
    """A step in the row of steps. `state` is here, done, wrong, next or ahead; one that is ahead cannot be pressed."""

    number: int
    name: str
    title: Promise | str
    optional: bool
    state: str

    @property
    def open(self) -> bool:
        """Whether it can be gone to."""
        return self.state not in ("here", "ahead")


class StepPage:
    """One look at a step, or what was sent from it (`sent`). `check`: say what is wrong with what was kept.

    `look`: ask the carrier for numbers where the search is another one.
    """

    def __init__(
        self, draft: Draft, step: str, sent: QueryDict | None = None, *, check: bool = False, look: bool = True
    ) -> None:
        self.draft, self.step, self.check = draft, step, check or sent is not None
        self.choice: Choice | None = None
        if step == "numbers":
            count = wanted_count(draft)
            self.choice = Choice(draft.company, draft, sent, targets=targets_of(draft), count=count, look=look)
            self.form: StepForm = self.choice.search
        else:
            self.form = form_for(draft, step, sent) if sent is not None else kept_form(draft, step)
        self.title_problem = title_problem(draft) if self.check else ""
        if not self.check and self.form.is_bound and step != "numbers":
            self.form.quiet()

    @property
    def is_right(self) -> bool:
        """Whether one may go on."""
        right = self.choice.done if self.choice is not None else self._form_is_right()
        return right and not self.title_problem

    def _form_is_right(self) -> bool:
        return self.form.is_valid() if self.form.is_bound else self._step.optional

    @property
    def _step(self) -> Step:
        return next(step for step in steps(self.draft) if step.name == self.step)

    def focus(self) -> bool:
        """Put the cursor at the first thing that is wrong; whether it is the title."""
        return bool(self.title_problem) or (self.check and self.form.is_bound and self.form.focus_error() and False)

    @cached_property
    def places(self) -> list[Place]:
        """The row of steps. What is being changed is open at every step."""
        found, reached = [], True
        for number, step in enumerate(steps(self.draft), 1):
            done = is_done(self.draft, step)
            kept = step.name in self.draft.typed or (step.name == "numbers" and bool(self.draft.picked))
            if step.name == self.step:
                state = "here"
            elif done and (kept or self.draft.scenario_id):
                state = "done"
            elif kept and reached:
                state = "wrong"
            else:
                state = "next" if reached else "ahead"
            found.append(Place(number, step.name, step.title, step.optional, state))
            reached = reached and done
        return found

    @property
    def following(self) -> str:
        """The next step's name, "" on the last."""
        names = [step.name for step in steps(self.draft)]
        at = names.index(self.step) + 1
        return names[at] if at < len(names) else ""

    @property
    def may_save(self) -> bool:
        """Whether saving is offered here: on the last needed step and behind it, and while changing everywhere."""
        needed = [step.name for step in steps(self.draft) if not step.optional]
        rest = [step.name for step in steps(self.draft)][len(needed) - 1 :]
        return bool(self.draft.scenario_id) or self.step in rest

    @property
    def quote(self) -> Quote:
        """What is to be bought so far."""
        if self.choice is not None:
            return self.choice.price
        return quote_of(self.draft)

    @property
    def examples(self) -> list[tuple[str, str]]:
        """How the form's mask and prefix write the draft's first number, by part of the page."""
        form = self.form
        if not isinstance(form, TaggingForm) or not form.is_bound:
            return []
        data = form.cleaned_data if form.is_valid() else {}
        e164 = next(iter(numbers_in(self.draft)), "")
        if not e164 or "mask" not in data:
            return []
        shown = written(e164, data["mask"], data["prefix"])
        said = {
            "": (_("In text"), shown.text or _("as your page writes it, like %(number)s") % {"number": shown.whole}),
            "country": (_("Country code"), shown.country),
            "area": (_("Area code"), shown.area),
            "rest": (_("The rest"), shown.rest),
        }
        parts = dict.fromkeys(["", *(one.part for one in data.get("targets", ()))])
        return [said[part] for part in parts]

    @property
    def target(self) -> str:
        """The site and the numbers that are looked for there, as a query; "" while they are not known."""
        data: dict[str, Any] = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        site, numbers = data.get("site"), numbers_to_replace(data)
        return urlencode([("site", site.pk), *(("target", one) for one in numbers)]) if site and numbers else ""

    @property
    def sent_to(self) -> SentTo:
        """Where the calls go besides ringing."""
        return sent_to(self.draft.company)

    @property
    def sizes(self) -> list[Size]:
        """What other counts of numbers would bring."""
        data: dict[str, Any] = self.form.cleaned_data if self.form.is_bound and self.form.is_valid() else {}
        if not data.get("peak"):
            data = details(self.draft)
        count = data.get("count") or self.count
        return sizes(data["peak"], count, price_of(self.one)) if data.get("peak") and count else []

    @cached_property
    def one(self) -> Quote:
        """What one number costs, before any was chosen."""
        return quote_ahead(self.draft.company)

    @property
    def count(self) -> int:
        """How many numbers the draft has."""
        return self.choice.picked.count if self.choice is not None else numbers_of(self.draft).count

    @property
    def heading(self) -> Promise | str:
        """What the page is called."""
        if self.draft.scenario is not None:
            return _("Edit “%(name)s”") % {"name": self.draft.scenario.name}
        return WAYS[self.draft.way].title if self.draft.way != "scenario" else _("New scenario")

    @property
    def complete(self) -> bool:
        """Whether it could be saved as it is."""
        try:
            settings_of(self.draft)
        except Unfinished:
            return False
        return True


def quote_of(draft: Draft) -> Quote:
    """What the draft's numbers that are to be bought cost."""
    connection, found = connection_of(draft), numbers_of(draft)
    return quote(draft.company, connection.carrier if connection else "", found.chosen)
