"""New tracking number: choose → details → numbers and price → call routing → saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from callspring.accounts.models import Account
from callspring.console import words
from callspring.console.choosing import Choice
from callspring.console.drafts import Draft, DraftGone, drop, find, new_draft, save
from callspring.console.guard import manager
from callspring.console.request import CompanyRequest
from callspring.console.saving import Made, make
from callspring.console.tracking_forms import CampaignForm, DetailsForm, RoutingForm, UsersForm
from callspring.numbers.models import Number
from callspring.scenarios.actions import quote
from callspring.scenarios.blocking import blocked_by
from callspring.scenarios.models import Rule, Scenario

FORMS: dict[str, type[DetailsForm]] = {"campaign": CampaignForm, "users": UsersForm}


def with_draft(view: Callable[[CompanyRequest], HttpResponse]) -> Callable[[CompanyRequest], HttpResponse]:
    """A step whose draft is gone, as after Back in the browser, leads to what became of it."""

    @wraps(view)
    def found(request: CompanyRequest) -> HttpResponse:
        try:
            return view(request)
        except DraftGone:
            messages.info(request, _("This was saved or given up already."))
            return redirect("console:tracking_numbers")

    return found


@require_safe
@manager
def choose(request: CompanyRequest) -> HttpResponse:
    """Track campaigns or track users: what each gives and costs."""
    price = quote(request.company, Number.Kind.LOCAL, 1)
    context = {"price": price, "prepaid": request.company.account.mode == Account.Mode.PREPAID}
    return render(request, "console/new.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
@with_draft
def campaign(request: CompanyRequest) -> HttpResponse:
    """Track campaigns: site, title, target, strategy."""
    return _details(request, "campaign")


@require_http_methods(["GET", "HEAD", "POST"])
@manager
@with_draft
def users(request: CompanyRequest) -> HttpResponse:
    """Track users: site, title, target, busiest hour, how many numbers."""
    return _details(request, "users")


def _details(request: CompanyRequest, way: str) -> HttpResponse:
    draft = find(request) if "draft" in request.GET else new_draft(request, way)
    form_class = FORMS[way]
    if request.method != "POST":
        form = form_class(request.company, initial=draft.typed.get("details") or _usual(request))
        return render(request, f"console/{way}.html", {"form": form, "draft": draft, "step": "details"})
    form = form_class(request.company, request.POST)
    draft = draft.with_typed("details", request.POST.dict())
    if form.is_valid():
        return to("console:review", save(request, draft))
    return render(request, f"console/{way}.html", {"form": form, "draft": draft, "step": "details"})


def _usual(request: CompanyRequest) -> dict[str, Any]:
    """A company mostly has one number: the target used last."""
    last = Scenario.objects.filter(company=request.company).order_by("-id").first()
    return {"target": words.phone(last.target), "site": last.site_id} if last else {}


@require_http_methods(["GET", "HEAD", "POST"])
@manager
@with_draft
def review(request: CompanyRequest) -> HttpResponse:
    """Which numbers, and what they cost. Nothing is bought here."""
    draft = find(request)
    details = _valid_details(request, draft)
    if details is None:
        return to(f"console:{draft.way}", draft)
    choice = Choice(request.company, draft, details, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        draft = save(request, choice.draft)
        if request.POST.get("go") in ("details", "search"):
            return to(f"console:{draft.way}" if request.POST["go"] == "details" else "console:review", draft)
        if choice.made:
            return to("console:routing", draft)
    else:
        draft = save(request, choice.draft)
    blocked = _blocked(request, draft, details)
    context = {"draft": draft, "details": details, "choice": choice, "blocked": blocked, "step": "review"}
    return render(request, "console/review.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
@with_draft
def routing(request: CompanyRequest) -> HttpResponse:
    """Where the calls go; saving is what buys."""
    draft = find(request)
    details = _valid_details(request, draft)
    if details is None:
        return to(f"console:{draft.way}", draft)
    if not (draft.chosen or draft.owned or draft.bought):
        return to("console:review", draft)
    if request.method != "POST":
        start: dict[str, Any] = {"destination": words.phone(details["target"]), "enabled": True}
        if "routing" in draft.typed:  # an unticked box sends nothing
            start = {"enabled": False, **draft.typed["routing"]}
        return _routing_page(request, draft, details, RoutingForm(request.company, initial=start))
    draft = save(request, draft.with_typed("routing", request.POST.dict()))
    if request.POST.get("go") in ("details", "review"):
        return to(f"console:{draft.way}" if request.POST["go"] == "details" else "console:review", draft)
    return _save(request, draft, details, RoutingForm(request.company, request.POST))


def _save(request: CompanyRequest, draft: Draft, details: dict[str, Any], form: RoutingForm) -> HttpResponse:
    if form.is_valid():
        try:
            made = make(request.company, draft, details, form.cleaned_data, lambda changed: save(request, changed))
        except ValidationError as problem:
            draft = find(request)
            _put(form, problem)
        else:
            drop(request, draft)
            _tell(request, made)
            return redirect("console:tracking_numbers")
    return _routing_page(request, draft, details, form)


def _put(form: RoutingForm, problem: ValidationError) -> None:
    """A problem with one of this form's fields goes there; any other stands above the form."""
    by_field = problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}
    for field, said in by_field.items():
        form.add_error(field if field in form.fields else None, said)


def _tell(request: CompanyRequest, made: Made) -> None:
    name = made.scenario.name
    blocking = blocked_by(made.scenario, made.scenario.rules.get())
    if made.scenario.enabled and blocking is not None:
        said = _("“%(name)s” is on. %(why)s")
        messages.warning(request, said % {"name": name, "why": _shows_nothing(name, blocking)})
    elif made.scenario.enabled:
        messages.success(request, _("“%(name)s” is on. Pages show its numbers from now on.") % {"name": name})
    else:
        messages.success(request, _("“%(name)s” is saved and off. Switch it on when you like.") % {"name": name})
    if made.refused:
        said = ngettext(
            "%(n)d number could not be had and was not charged: %(which)s",
            "%(n)d numbers could not be had and were not charged: %(which)s",
            len(made.refused),
        )
        which = "; ".join(f"{words.phone(one.e164)} ({one.reason})" for one in made.refused[:5])
        messages.warning(request, said % {"n": len(made.refused), "which": which})


def _blocked(request: CompanyRequest, draft: Draft, details: dict[str, Any]) -> str:
    """Said before money is spent: that the new scenario would show nothing. "" when it would."""
    always = {"strategy": Rule.Strategy.ALWAYS, "dynamic": True}
    rule = Rule(**(details["rule"] if draft.way == "campaign" else always))
    blocking = blocked_by(Scenario(company=request.company, site=details["site"], target=details["target"]), rule)
    return _shows_nothing(details["title"], blocking) if blocking else ""


def _shows_nothing(name: str, blocking: Scenario) -> str:
    said = _(
        "“%(other)s” already swaps this number for every visitor; "
        "“%(name)s” will show nothing until you switch that off."
    )
    return said % {"other": blocking.name, "name": name}


def _routing_page(request: CompanyRequest, draft: Draft, details: dict[str, Any], form: RoutingForm) -> HttpResponse:
    kind = draft.search[0] if draft.search else str(Number.Kind.LOCAL)
    context = {
        "draft": draft,
        "details": details,
        "form": form,
        "step": "routing",
        "quote": quote(request.company, kind, len(draft.chosen)) if draft.chosen else None,
        "quote_count": len(draft.chosen),
        "count": len(draft.chosen) + len(draft.owned) + len(draft.bought),
    }
    return render(request, "console/routing.html", context)


def _valid_details(request: CompanyRequest, draft: Draft) -> dict[str, Any] | None:
    """What the first step gave, checked afresh: the site may be gone by now. None sends back to it."""
    form = FORMS[draft.way](request.company, draft.typed.get("details", {}))
    return form.cleaned_data if form.is_valid() else None


def to(view: str, draft: Draft) -> HttpResponseRedirect:
    """Another step of the same draft."""
    return HttpResponseRedirect(f"{reverse(view)}?draft={draft.id}")
