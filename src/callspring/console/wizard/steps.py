"""The steps of each way to make a scenario, their forms, and which of them are done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callspring.console import words
from callspring.console.models import Draft
from callspring.console.tracking_forms import FlowForm
from callspring.console.wizard.drafts import Picked, numbers_of, picked, typed
from callspring.console.wizard.scenario_forms import ChannelsForm, TaggingForm, TermsForm
from callspring.console.wizard.tracking_forms import CampaignForm, OfflineForm, SearchForm, StepForm, UsersForm
from callspring.numbers.models import Number
from callspring.scenarios import checks
from callspring.scenarios.making import keeps_flow
from callspring.scenarios.models import Scenario
from callspring.scenarios.tagging import NUMBER


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Optional ones may be left out; `title` stands in the row of steps."""

    name: str
    title: Promise | str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """A way to make a scenario: its title and steps."""

    title: Promise | str
    steps: tuple[Step, ...]


_NUMBERS = Step("numbers", _("Numbers and price"))
_ROUTING = Step("routing", _("Call routing"))
WAYS: Mapping[str, Way] = {
    "campaign": Way(_("Track campaigns"), (Step("tracking", _("What is tracked")), _NUMBERS, _ROUTING)),
    "users": Way(_("Track users"), (Step("tracking", _("What is tracked")), _NUMBERS, _ROUTING)),
    "offline": Way(_("Track print and radio"), (Step("tracking", _("What is tracked")), _NUMBERS, _ROUTING)),
    "scenario": Way(
        _("Scenario"),
        (
            Step("numbers", _("Numbers")),
            Step("routing", _("Forwarding")),
            Step("tagging", _("Tagging and format")),
            Step("channels", _("Channels"), optional=True),
            Step("integrations", _("Integrations"), optional=True),
            Step("terms", _("Terms of activation"), optional=True),
        ),
    ),
}


class RoutingForm(StepForm, FlowForm):
    """Where the calls go."""

    def __init__(self, company: Any, *args: Any, **kwargs: Any) -> None:
        FlowForm.__init__(self, company, *args, **kwargs)


FORMS: Mapping[tuple[str, str], type[StepForm]] = {
    ("campaign", "tracking"): CampaignForm,
    ("users", "tracking"): UsersForm,
    ("offline", "tracking"): OfflineForm,
}
OF_STEP: Mapping[str, type[StepForm]] = {
    "numbers": SearchForm,
    "routing": RoutingForm,
    "tagging": TaggingForm,
    "terms": TermsForm,
    "integrations": StepForm,
}


def steps(draft: Draft) -> tuple[Step, ...]:
    """Those of the draft's way."""
    return WAYS[draft.way].steps


def form_for(draft: Draft, step: str, data: QueryDict | None = None, **initial: Any) -> StepForm:
    """The form of a step: bound to `data`, else unbound with what is usual."""
    if step == "channels":
        has_spare = draft.scenario is not None and draft.scenario.overflow_number_id is not None
        return ChannelsForm(draft.company, data, numbers=numbers_in(draft), has_spare=has_spare)
    if step == "routing" and keeps_flow(draft.scenario):
        return StepForm(draft.company, data)
    kind = FORMS.get((draft.way, step)) or OF_STEP[step]
    form = kind(draft.company, data, initial=initial or usual(draft, step))
    if isinstance(form, TaggingForm) and draft.scenario is not None:
        form.change(draft.scenario)
    return form


def kept_form(draft: Draft, step: str) -> StepForm:
    """The form as it was left; one that nobody has been through is unbound."""
    return form_for(draft, step, typed(draft, step))


def cleaned(draft: Draft, step: str) -> dict[str, Any]:
    """What a step gave; {} where nobody has been through it, or something is wrong with it."""
    form = kept_form(draft, step)
    return form.cleaned_data if form.is_bound and form.is_valid() else {}


def usual(draft: Draft, step: str) -> dict[str, Any]:
    """A company mostly has one number, which stands on its site and rings."""
    here = Scenario.objects.filter(company=draft.company, deleted_at=None, site__in=draft.company.sites.all())
    last = here.order_by("-id").first()
    if step == "routing":
        target = details(draft).get("target", "")
        return {"destination": words.phone(target)} if target else FlowForm.usual(draft.company)
    if last is None or not last.target:
        return {}
    return {"target": words.phone(last.target), "site": last.site_id, "target-0": words.phone(last.target)}


def details(draft: Draft) -> dict[str, Any]:
    """What the first step of a short way gave; {} while something is wrong with it."""
    return {} if draft.way == "scenario" else cleaned(draft, "tracking")


def targets_of(draft: Draft) -> list[str]:
    """The numbers (E.164) on the site that the draft replaces, as far as they are known."""
    return numbers_to_replace(cleaned(draft, "tagging") if draft.way == "scenario" else details(draft))


def numbers_to_replace(data: Mapping[str, Any]) -> list[str]:
    """Of what a step's form gave."""
    numbers = [one.value for one in data.get("targets", ()) if one.kind == NUMBER]
    return [one for one in (*numbers, data.get("target", "")) if one]


def wanted_count(draft: Draft) -> int:
    """How many numbers a short way takes."""
    return int(details(draft).get("count") or 1)


def numbers_in(draft: Draft) -> list[str]:
    """The draft's numbers (E.164): those the company has, those that are to come, then those to be bought."""
    found = numbers_of(draft)
    owned = Number.objects.filter(pk__in=found.owned).order_by("pk").values_list("e164", flat=True)
    return [*owned, *found.coming, *found.chosen]


def title_problem(draft: Draft) -> str:
    """What is wrong with the title, "" for nothing."""
    try:
        checks.title(draft.title)
    except ValidationError as problem:
        return " ".join(problem.messages)
    return ""


def is_done(draft: Draft, step: Step) -> bool:
    """Whether a step has all it needs. An optional one that nobody has been through does."""
    if step.name == "numbers":
        found: Picked = picked(draft)
        return bool(found.count) and (draft.way == "scenario" or bool(details(draft)))
    form = kept_form(draft, step.name)
    if not form.is_bound:
        if step.name == "channels":  # the usual: everybody from the pool
            return bool(picked(draft).count)
        return step.optional
    return form.is_valid()


def first_unfinished(draft: Draft) -> Step | None:
    """Where something is still missing or wrong; None when it can be saved."""
    return next((step for step in steps(draft) if not is_done(draft, step)), None)
