"""Settings → Calls: who is blocked, what is spam, who is told of missed calls, how long recordings are kept."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from callspring.accounts.roles import Verb
from callspring.calls import retention
from callspring.console import words
from callspring.console.call_settings_forms import AlertForm, BlockForm, KeepForm, SpamForm, said_days
from callspring.console.guard import manager, may
from callspring.console.request import CompanyRequest
from callspring.flows.screening import WITHHELD
from callspring.inbox import missed
from callspring.inbox.models import MissedCallAlert
from callspring.scenarios import screening


@require_safe
@may(Verb.SEE_SETUP)
def call_settings(request: CompanyRequest) -> HttpResponse:
    """Everything about calls that is set for the whole company."""
    return _page(request)


@require_POST
@manager
def block_caller(request: CompanyRequest) -> HttpResponse:
    """Put a caller on the block list."""
    form = BlockForm(request.company.country, request.POST)
    if form.is_valid():
        data = form.cleaned_data
        reject = data["way"] == "reject"
        try:
            screening.block(request.company, data["pattern"], reject=reject, label=data["label"], by=request.user)
        except ValueError as problem:
            form.add_error(None, str(problem))
    if form.errors:
        return _page(request, block_form=form)
    messages.success(request, _("%(caller)s is blocked.") % {"caller": caller_words(form.cleaned_data["pattern"])})
    return redirect("console:call_settings")


@require_POST
@manager
def unblock_caller(request: CompanyRequest, blocked_id: int) -> HttpResponse:
    """Let them ring again."""
    entry = screening.block_list(request.company).filter(pk=blocked_id).first()
    if entry is None:
        raise Http404
    screening.unblock(entry)
    messages.success(request, _("%(caller)s is not blocked any more.") % {"caller": caller_words(entry.pattern)})
    return redirect("console:call_settings")


@require_POST
@manager
def screen_calls(request: CompanyRequest) -> HttpResponse:
    """Set the spam filter."""
    form = SpamForm(request.POST)
    if not form.is_valid():
        return _page(request, spam_form=form)
    screening.set_screening(request.company, form.wanted())
    messages.success(request, _("Saved. It holds for the next call."))
    return redirect("console:call_settings")


@require_POST
@manager
def new_missed_alert(request: CompanyRequest) -> HttpResponse:
    """Have somebody told of missed calls."""
    form = AlertForm(request.company, request.POST)
    if form.is_valid() and missed.alerts(request.company).count() >= missed.MOST:
        form.add_error(None, _("A company has at most %(most)d of these.") % {"most": missed.MOST})
    if not form.is_valid():
        return _page(request, alert_form=form)
    alert = MissedCallAlert.objects.create(company=request.company, **form.wanted())
    messages.success(request, _("%(person)s will be told of missed calls.") % {"person": alert.user})
    return redirect("console:call_settings")


@require_POST
@manager
def drop_missed_alert(request: CompanyRequest, alert_id: int) -> HttpResponse:
    """Tell them no more."""
    alert = missed.alerts(request.company).filter(pk=alert_id).first()
    if alert is None:
        raise Http404
    alert.delete()
    messages.success(request, _("%(person)s is not told any more.") % {"person": alert.user})
    return redirect("console:call_settings")


@require_POST
@manager
def keep_recordings(request: CompanyRequest) -> HttpResponse:
    """Set how long recordings are kept."""
    form = KeepForm(request.POST)
    if not form.is_valid():
        return _page(request, keep_form=form)
    retention.set_keep_days(request.company, form.wanted())
    messages.success(request, _("Saved. Older recordings are deleted within the hour; their calls stay."))
    return redirect("console:call_settings")


def caller_words(pattern: str) -> str:
    """An entry of the block list, for people."""
    if pattern == WITHHELD:
        return _("Withheld numbers")
    return pattern if pattern.endswith("*") else words.phone(pattern)


def _page(request: CompanyRequest, **sent: forms.Form) -> HttpResponse:
    """The page; a form that was sent shows what is wrong with it."""
    company = request.company
    keep_days = retention.keep_days(company)
    context: dict[str, Any] = {
        "blocked": [
            {"entry": entry, "caller": caller_words(entry.pattern)} for entry in screening.block_list(company)[:1000]
        ],
        "alerts": [
            {"alert": alert, "days": said_days(alert.days), "quiet": _is_quiet(alert)}
            for alert in missed.alerts(company)
        ],
        "spam_settings": screening.spam_settings(company),
        "keep_days": keep_days,
        "block_form": sent.get("block_form") or BlockForm(company.country),
        "spam_form": sent.get("spam_form") or SpamForm.of(screening.spam_settings(company)),
        "alert_form": sent.get("alert_form") or AlertForm(company),
        "keep_form": sent.get("keep_form") or KeepForm.of(keep_days),
    }
    return render(request, "console/call_settings.html", context)


def _is_quiet(alert: MissedCallAlert) -> bool:
    """Whether there are hours in which nothing is told."""
    return (alert.start, alert.end) != ("00:00", "24:00") or len(alert.days) < 7
