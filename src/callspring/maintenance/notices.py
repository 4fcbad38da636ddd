"""What owners are told by e-mail: maintenance wanted to buy numbers and could not, or a pool has become too small."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from callspring.billing.notices import owners
from callspring.billing.words import money
from callspring.mail.actions import send
from callspring.maintenance.models import Decision, Maintenance

EVERY = timedelta(days=7)
Reason = Decision.Reason
LACKING = (Reason.NO_MONEY, Reason.OVER_CAP, Reason.NO_CARRIER)


def tell(decision: Decision) -> None:
    """Send the notice; not again while the same is the matter day after day."""
    lacking = lack_of(decision)
    if lacking is None:
        return
    before = Decision.objects.filter(scenario=decision.scenario, day__lt=decision.day).first()
    if before is not None and lack_of(before) == lacking:
        return
    more = {"percent": percent_of(decision.shows, decision.exclusive), "sentence": sentence(decision, lacking)}
    _send(decision, "not_bought", more)


def tell_of_the_last_days(decision: Decision) -> None:
    """Send the notice that accuracy has fallen though nothing is bought; once a week at most, as long as it is so."""
    if not decision.has_fallen:
        return
    not_lately = Q(told_at=None) | Q(told_at__lte=decision.at - EVERY)
    if Maintenance.objects.filter(not_lately, scenario=decision.scenario).update(told_at=decision.at):
        more = {
            "lately": percent_of(decision.lately_shows, decision.lately_exclusive),
            "lately_shows": decision.lately_shows,
            "percent": percent_of(decision.shows, decision.exclusive),
        }
        _send(decision, "has_fallen", more)


def _send(decision: Decision, mail: str, more: dict[str, Any]) -> None:
    page = f"{settings.CONFIG.console_url}/tracking-numbers/{decision.scenario_id}"
    context = {
        "scenario": decision.scenario.name,
        "numbers": decision.numbers,
        "company": decision.company,
        "why": _("You get this mail because you are an owner of this account."),
        "log": f"{page}/maintenance/",
        "add": f"{page}/numbers/",
        **more,
    }
    for owner in owners(decision.company.account):
        key = f"maintenance:{decision.scenario_id}:{decision.day}:{owner.pk}"
        send(owner.email, f"maintenance/mail/{mail}", context, key=key)


def lack_of(decision: Decision) -> Reason | None:
    """What numbers could not be bought for; None where none had to be."""
    if decision.reason in LACKING:
        return Reason(decision.reason)
    if decision.reason == Reason.TOO_LOW and decision.problem:
        return Reason.NO_CARRIER if decision.funds is None else Reason.NO_MONEY
    return None


def sentence(decision: Decision, lacking: Reason) -> str:
    """What was the matter."""
    needed, funds = money(decision.rent, decision.currency), money(decision.funds or 0, decision.currency)
    if lacking == Reason.NO_MONEY:
        return _("%(needed)s was needed and %(funds)s is on the account, so nothing was bought. Top it up.") % {
            "needed": needed,
            "funds": funds,
        }
    if lacking == Reason.OVER_CAP:
        said = _("%(needed)s was needed and this month’s spending cap leaves %(funds)s, so nothing was bought.")
        return said % {"needed": needed, "funds": funds}
    return decision.problem or _("No numbers can be bought through the carriers that are connected.")


def percent_of(shows: int, exclusive: int) -> str:
    """Accuracy in per cent, never rounded up to 100."""
    if not shows:
        return "0"
    tenths = exclusive * 1000 // shows
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths / 10:.1f}"
