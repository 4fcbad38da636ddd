"""Making and changing a scenario: choose a way, step through its form, save it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.billing.actions import NotEnoughFunds
from callspring.billing.prices import plan
from callspring.console.guard import manager
from callspring.console.models import Draft
from callspring.console.request import CompanyRequest
from callspring.console.wizard import drafts
from callspring.console.wizard.drafts import DraftGone
from callspring.console.wizard.overlap import beside, cannot_work, warnings
from callspring.console.wizard.page import StepPage
from callspring.console.wizard.planning import Unfinished, connection_of, fill, settings_of
from callspring.console.wizard.previewing import PreviewForm
from callspring.console.wizard.rows import ROW_BUTTONS, RowsForm, press
from callspring.console.wizard.steps import WAYS, first_unfinished, form_for, steps
from callspring.numbers.e164 import TOLL_FREE
from callspring.numbers.shopping import quote_ahead
from callspring.scenarios.actions import set_enabled
from callspring.scenarios.making import Settings, save
from callspring.scenarios.models import Scenario
from callspring.scenarios.previewing import candidate
from callspring.scenarios.purchases import wanted
from callspring.scenarios.queries import scenario as find_scenario
from callspring.scenarios.readiness import NotReady

P = ParamSpec("P")
View = Callable[Concatenate[CompanyRequest, P], HttpResponse]
SAVE, ENABLE = "save", "enable"


def with_draft(view: View[P]) -> View[P]:
    """A step whose draft is gone, as after Back in the browser, leads to what became of it."""

    @wraps(view)
    def found(request: CompanyRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except DraftGone:
            messages.info(request, _("This was saved or given up already."))
            return redirect("console:tracking_numbers")

    return found


@require_safe
@manager
def choose(request: CompanyRequest) -> HttpResponse:
    """Track campaigns, track users, or the others: what each gives and costs."""
    account = request.company.account
    context = {
        "price": quote_ahead(request.company),
        "toll_free": quote_ahead(request.company, TOLL_FREE),
        "plan": plan(account.plan),
        "drafts": drafts.mine(request),
    }
    return render(request, "console/new.html", context)


@require_safe
@manager
def begin(request: CompanyRequest, way: str) -> HttpResponse:
    """A fresh draft. Nothing shows of it until something is typed."""
    return to(drafts.begin(request, way), WAYS[way].steps[0].name)


@require_safe
@manager
def edit(request: CompanyRequest, scenario_id: int) -> HttpResponse:
    """Change a scenario: the draft in which that was begun, else a fresh one."""
    found = find_scenario(request.company, scenario_id)
    if found is None:
        raise Http404
    begun = next((one for one in drafts.mine(request) if one.scenario_id == found.pk), None)
    if begun is None:
        begun = drafts.begin(request, "scenario", found)
        fill(begun, found)
    else:
        messages.info(request, _("You began to change this and did not apply it. Discard it to start anew."))
    return to(begun, "numbers")


@require_safe
@manager
@with_draft
def resume(request: CompanyRequest, draft_id: int) -> HttpResponse:
    """Go on with a draft where something is still missing."""
    draft = drafts.find(request, draft_id)
    missing = first_unfinished(draft) or steps(draft)[-1]
    return to(draft, missing.name)


@require_http_methods(["GET", "HEAD", "POST"])
@manager
@with_draft
def step(request: CompanyRequest, draft_id: int, step: str) -> HttpResponse:
    """One step: shown, kept while it is typed, gone on from, gone back from."""
    draft = drafts.find(request, draft_id)
    if step not in [one.name for one in steps(draft)]:
        raise Http404
    if request.method != "POST":
        page = StepPage(draft, step, check="check" in request.GET)
        if page.choice is not None:
            drafts.pick(draft, page.choice.picked)
        return _page(request, page)
    return _sent(request, draft, step, request.POST.get("go", "next"))


@require_POST
@manager
@with_draft
def discard(request: CompanyRequest, draft_id: int) -> HttpResponse:
    """Give a draft up."""
    draft = drafts.find(request, draft_id)
    draft.delete()
    messages.info(request, _("The draft is discarded. Nothing was bought."))
    return redirect("console:tracking_numbers")


def to(draft: Draft, name: str, query: str = "") -> HttpResponseRedirect:
    """Another step of the same draft."""
    return HttpResponseRedirect(reverse("console:step", args=[draft.pk, name]) + query)


def _sent(request: CompanyRequest, draft: Draft, name: str, go: str) -> HttpResponse:
    sent = request.POST.copy()
    if go.partition("-")[0] in ROW_BUTTONS:
        return _pressed(request, draft, name, go)
    if go == "keep":
        return _kept(request, draft, name)
    drafts.keep(draft, name, sent)
    page = StepPage(draft, name, sent)
    if page.choice is not None:
        drafts.pick(draft, page.choice.picked)
    if go in [one.name for one in steps(draft)]:
        return to(draft, go)
    if go == "search":
        return (
            to(draft, name)
            if page.choice and not page.choice.problem and page.form.is_valid()
            else _page(request, page)
        )
    if not page.is_right:
        return _page(request, page)
    if go in (SAVE, ENABLE) or not page.following:
        return _save(request, draft, page, enable=go == ENABLE)
    return to(draft, page.following)


def _kept(request: CompanyRequest, draft: Draft, name: str) -> HttpResponse:
    """Kept while it is typed; the answer is what stands beside the form. 204 where it came too late."""
    if not drafts.keep(draft, name, request.POST, while_typing=True):
        return HttpResponse(status=204)
    page = StepPage(draft, name, request.POST, look=False)
    if page.choice is not None:
        drafts.pick(draft, page.choice.picked)
    return render(request, "console/parts/wizard_aside.html", _context(page))


def _pressed(request: CompanyRequest, draft: Draft, name: str, button: str) -> HttpResponse:
    """A row's button: one more, one less, one further up."""
    sent, form = request.POST.copy(), form_for(draft, name)
    if isinstance(form, RowsForm):
        press(sent, button, form.row_parts)
    drafts.keep(draft, name, sent)
    return to(draft, name, "#rows")


def _save(request: CompanyRequest, draft: Draft, page: StepPage, *, enable: bool) -> HttpResponse:
    """Save the whole. Where numbers are to be bought, the price is asked about next; nothing is bought here."""
    try:
        settings, made = _saved(draft)
    except Unfinished as missing:
        return to(draft, str(missing), "?check=1")
    except ValidationError as problem:
        return _refused(request, page, problem)
    _warn(request, settings, made)
    is_new = draft.scenario_id is None
    if wanted(made) and (enable or not is_new):
        return redirect(reverse("console:approve", args=[made.pk]) + ("?enable=1" if enable else ""))
    if enable:
        _enable(request, made)
    elif is_new:
        messages.success(request, _("“%(name)s” is saved and off. Nothing was bought.") % {"name": made.name})
    else:
        messages.success(request, _("“%(name)s” is changed.") % {"name": made.name})
    return redirect("console:tracking_numbers")


@transaction.atomic
def _saved(draft: Draft) -> tuple[Settings, Scenario]:
    """What became of the draft, which is gone then. Once: whoever presses twice finds it gone (`DraftGone`)."""
    drafts.hold(draft)
    settings = settings_of(draft)
    made = save(draft.company, settings, connection=connection_of(draft), scenario=draft.scenario)
    draft.delete()
    return settings, made


def _warn(request: CompanyRequest, settings: Settings, made: Scenario) -> None:
    found = candidate(request.company, settings, made)
    for said in (*warnings(found), *cannot_work(settings.terms)):
        messages.warning(request, said)
    if also := beside(found):
        messages.info(request, also)


def _enable(request: CompanyRequest, made: Scenario) -> None:
    try:
        set_enabled(made, True)
    except NotEnoughFunds:
        said = _("“%(name)s” is saved and off: nothing is left on the account. Top it up under Settings, Billing.")
        messages.error(request, said % {"name": made.name})
    except NotReady as problem:
        messages.error(request, str(problem))
    else:
        shown = _("“%(name)s” is on. Pages show its numbers from now on.")
        said = shown if made.site_id else _("“%(name)s” is on. Calls to its numbers are credited from now on.")
        messages.success(request, said % {"name": made.name})


def _refused(request: CompanyRequest, page: StepPage, problem: ValidationError) -> HttpResponse:
    """What the domain refuses stands above the form, at its field where this step asked for it."""
    by_field = problem.message_dict if hasattr(problem, "error_dict") else {"": problem.messages}
    for field, said in by_field.items():
        page.form.add_error(field if field in page.form.fields else None, said)
    return _page(request, page)


def _context(page: StepPage) -> dict[str, object]:
    about = {"page": page, "draft": page.draft, "form": page.form, "choice": page.choice, "step": page.step}
    return about | {"preview_form": PreviewForm(initial=PreviewForm.usual())}


def _page(request: CompanyRequest, page: StepPage) -> HttpResponse:
    page.focus()
    return render(request, f"console/wizard/{page.step}.html", _context(page))
