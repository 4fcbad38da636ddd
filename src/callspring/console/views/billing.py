"""Settings → Billing: the balance and what moves it, for owners; plans and prices, for all who see the settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from callspring.accounts.models import Account
from callspring.accounts.roles import Verb
from callspring.billing import checkout, plans, prices, queries
from callspring.billing.actions import NotEnoughFunds, adjust, change_mode, set_low_balance, top_up_by_hand
from callspring.billing.cap import set_cap
from callspring.billing.models import LedgerEntry
from callspring.billing.words import money
from callspring.console import billing_page
from callspring.console.billing_forms import ByHandForm, CapForm, NoticeForm, TopUpForm
from callspring.console.guard import may
from callspring.console.request import CompanyRequest
from callspring.numbers.spending import this_month
from callspring.usage.forecast import forecast, numbers, weekly_rent
from callspring.usage.renewing import begin

LATEST = 6
Mode = Account.Mode


@require_safe
@may(Verb.MONEY)
def billing(request: CompanyRequest) -> HttpResponse:
    """Balance, forecast, latest entries, and what an owner can do."""
    return _page(request)


@require_POST
@may(Verb.MONEY)
def top_up(request: CompanyRequest) -> HttpResponse:
    """Pay at Stripe."""
    form = TopUpForm(request.company.account, request.POST)
    if not checkout.offered():
        return redirect("console:billing")
    if not form.is_valid():
        return _page(request, top_up_form=form)
    back = settings.CONFIG.console_url + reverse("console:billing")
    try:
        address = checkout.begin(request.company, form.cleaned_data["amount"], request.user, back)
    except checkout.CannotPay as problem:
        form.add_error(None, str(problem))
        return _page(request, top_up_form=form)
    # Not a redirect: our policy lets forms lead to our own pages only.
    response = render(request, "console/to_stripe.html", {"address": address})
    response.headers["Refresh"] = f"0; url={address}"
    return response


@require_POST
@may(Verb.MONEY)
def by_hand(request: CompanyRequest) -> HttpResponse:
    """Write down what was paid another way, or a correction."""
    form = ByHandForm(request.company.account, request.POST)
    if not settings.CONFIG.top_up_by_hand:
        return redirect("console:billing")
    if not form.is_valid():
        return _page(request, hand_form=form)
    data = form.cleaned_data
    write = top_up_by_hand if data["kind"] == LedgerEntry.Kind.TOP_UP else adjust
    try:
        entry = write(request.company, data["amount"], data["note"], request.user, str(data["token"]))
    except ValueError as problem:
        form.add_error("amount", str(problem))
        return _page(request, hand_form=form)
    said = {"amount": money(entry.amount, entry.currency)}
    messages.success(request, _("%(amount)s is written down.") % said)
    return redirect("console:billing")


@require_POST
@may(Verb.MONEY)
def notice(request: CompanyRequest) -> HttpResponse:
    """When a low balance is told."""
    form = NoticeForm(request.company.account, request.POST)
    if not form.is_valid():
        return _page(request, notice_form=form)
    set_low_balance(request.company.account, form.low_balance)
    messages.success(request, _("Saved."))
    return redirect("console:billing")


@require_POST
@may(Verb.MONEY)
def spending_cap(request: CompanyRequest) -> HttpResponse:
    """The most that a month may cost before nothing more is bought."""
    form = CapForm(request.company.account, request.POST)
    if not form.is_valid():
        return _page(request, cap_form=form)
    set_cap(request.company.account, form.cap)
    messages.success(request, _("Saved."))
    return redirect("console:billing")


@require_http_methods(["GET", "HEAD", "POST"])
@may(Verb.MONEY)
def mode(request: CompanyRequest) -> HttpResponse:
    """What the other way of paying means; POST changes over."""
    account = request.company.account
    other = Mode.OWN_CARRIER if account.mode == Mode.PREPAID else Mode.PREPAID
    weekly, held = weekly_rent(account), queries.balance(account)
    problem = ""
    if request.method == "POST":
        wanted = request.POST.get("mode", "")
        try:
            with transaction.atomic():
                change_mode(account, wanted, weekly)
                if wanted == Mode.PREPAID:
                    begin(account, timezone.now())
        except NotEnoughFunds as lack:
            problem = _too_little(lack, account)
        except ValueError as refusal:
            problem = str(refusal)
        else:
            messages.success(request, _("Saved."))
            return redirect("console:billing")
    context = {"other": other, "weekly": weekly, "held": held, "problem": problem, "numbers": numbers(account)}
    return render(request, "console/billing_mode.html", context)


@require_safe
@may(Verb.SEE_SETUP)
def plans_and_prices(request: CompanyRequest) -> HttpResponse:
    """What everything costs, and how paying works."""
    account, now = request.company.account, timezone.now()
    try:
        rows = billing_page.price_rows(account.currency, now)
    except ValueError:
        rows = {}
    offered = prices.price_list().plans.values()
    context = {
        "account": account,
        "plans": [(plan, plan.fee.get(account.currency)) for plan in offered],
        "current": prices.plan(account.plan),
        "next": prices.plan(account.plan_next) if account.plan_next else None,
        "rows": rows,
        "grace_days": settings.CONFIG.grace_days,
    }
    return render(request, "console/plans.html", context)


@require_POST
@may(Verb.MONEY)
def choose_plan(request: CompanyRequest) -> HttpResponse:
    """Take another plan."""
    account = request.company.account
    try:
        plans.choose(account, request.POST.get("plan", ""), timezone.now())
    except NotEnoughFunds as lack:
        messages.error(request, _too_little(lack, account))
    except ValueError as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, _("Saved."))
    return redirect("console:plans")


@require_safe
@may(Verb.MONEY)
def statement(request: CompanyRequest) -> HttpResponse:
    """Every entry, as the address asks for them."""
    asked = billing_page.asked_for(request.GET, request.zone)
    lines, more = billing_page.statement(request.company, asked)
    came, went = queries.moved(request.company.account, asked.wanted)
    context = {"asked": asked, "lines": lines, "more": more, "came": came, "went": went, **billing_page.choices()}
    return render(request, "console/statement.html", {"account": request.company.account, **context})


@require_safe
@may(Verb.MONEY)
def export_statement(request: CompanyRequest) -> HttpResponseBase:
    """The same entries as CSV. `?for=excel` puts a mark in front."""
    asked = billing_page.asked_for(request.GET, request.zone)
    excel = request.GET.get("for") == "excel"
    lines = billing_page.csv_lines(request.company, asked, request.zone, excel=excel)
    name = f"statement-{slugify(request.company.account.name)[:60] or 'account'}-{timezone.localdate()}.csv"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Stripe's events. Who is not Stripe learns nothing."""
    try:
        checkout.take_event(request.body, request.headers.get("Stripe-Signature", ""))
    except checkout.Forged:
        return HttpResponse(status=400)
    return HttpResponse(status=200)


def _page(request: CompanyRequest, **forms: Any) -> HttpResponse:
    account, now = request.company.account, timezone.now()
    asked = billing_page.asked_for(request.GET.__class__(""), request.zone)
    latest, more = billing_page.statement(request.company, asked, LATEST)
    context = {
        "account": account,
        "balance": queries.balance(account),
        "prepaid": account.mode == Mode.PREPAID,
        "plan": prices.plan(account.plan),
        "owing": billing_page.owing(account, now),
        "forecast": forecast(account, request.zone, now),
        "numbers": numbers(account),
        "latest": latest,
        "more": more,
        "waiting": queries.open_top_ups(account, now - checkout.ASK_FOR),
        "stripe": checkout.offered(),
        "may_write": settings.CONFIG.top_up_by_hand,
        "top_up_form": TopUpForm(account),
        "hand_form": ByHandForm(account),
        "notice_form": NoticeForm(account),
        "cap_form": CapForm(account),
        "month": this_month(account, now),
    }
    return render(request, "console/billing.html", context | forms)


def _too_little(lack: NotEnoughFunds, account: Account) -> str:
    said = {"needed": money(lack.needed, account.currency), "balance": money(lack.balance, account.currency)}
    return _("%(needed)s are needed, and the balance is %(balance)s. Top up first.") % said
