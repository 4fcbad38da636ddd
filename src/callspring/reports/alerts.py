"""What somebody has to set right, in plain words; the console shows it, and the owners get a mail once per episode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, Membership
from callspring.calls.models import Call, CallEvent
from callspring.mail.actions import send
from callspring.numbers.models import Connection
from callspring.reports.dead_targets import dead_targets
from callspring.reports.money_alerts import owing
from callspring.reports.refusals import Refusals, Setting, split_address, suspects
from callspring.visits.drops import Drop
from callspring.visits.models import DropCount

WINDOW = timedelta(hours=1)
MOST_ADDRESSES = 200  # anybody can think of more
LATEST_CALLS = 20


@dataclass(frozen=True, slots=True)
class Alert:
    """`episode` names this time that it happened, in 64 characters at most; `steps` say what to do, likeliest first."""

    episode: str
    title: str
    text: str
    steps: tuple[str, ...]


def alerts(company: Company, now: datetime) -> list[Alert]:
    """Everything that is wrong at `now` (aware) and that the company's people can set right. Cheap when nothing is."""
    money = owing(company, now)
    owed = [Alert(money.episode, money.title, money.text, (money.step,))] if money else []
    dead = [Alert(one.episode, one.title, one.text, one.steps) for one in dead_targets(company, now)]
    return [*voice_alerts(company, now), *owed, *dead]


def voice_alerts(company: Company, now: datetime) -> list[Alert]:
    """Carriers whose requests we refuse although they are most likely genuine: one alert per connection."""
    found = _refusals(company, now)
    connected = Connection.objects.filter(company=company, disconnected_at=None)  # others have no secret to be right
    connections = connected.in_bulk(list(found)) if found else {}
    return [
        _alert(connections[pk], refusals)
        for pk, refusals in sorted(found.items())
        if pk in connections and refusals.are_alarming
    ]


def warn_owners(now: datetime) -> None:
    """Mail each company's alerts to its owners, each of them once."""
    alarmed = DropCount.objects.filter(reason=Drop.BAD_SIGNATURE, last_at__gte=now - WINDOW, company__gt=0)
    for company in Company.objects.filter(pk__in=alarmed.values("company")).order_by("pk"):
        for alert in voice_alerts(company, now):
            _mail(company, alert)


def warn_of_dead_targets(now: datetime) -> None:
    """Mail the owners of scenarios that replace nothing, each time that happens once."""
    for company in Company.objects.filter(scenarios__enabled=True).distinct().order_by("pk"):
        for one in dead_targets(company, now):
            _mail(company, Alert(one.episode, one.title, one.text, one.steps))


def _mail(company: Company, alert: Alert) -> None:
    why = _("You get this mail because you are an owner of this company.")
    owners = Membership.objects.filter(company=company, role=Membership.Role.OWNER, user__is_active=True)
    for owner in owners.select_related("user").order_by("pk"):
        send(
            owner.user.email,
            "reports/mail/alert",
            {"alert": alert, "company": company, "why": why},
            key=f"alert:{alert.episode}:{owner.user_id}",
        )


def _refusals(company: Company, now: datetime) -> dict[int, Refusals]:
    """By connection. The counts are kept by the hour, so some of the hour before may be among them."""
    rows = DropCount.objects.filter(company=company.pk, reason=Drop.BAD_SIGNATURE, last_at__gte=now - WINDOW)
    newest_first = rows.order_by("-last_at", "host").values_list("host", "count", "last_at")[:MOST_ADDRESSES]
    counted: dict[int, tuple[int, datetime, str]] = {}
    for host, count, last_at in newest_first:
        seen = split_address(host)
        if seen is not None and last_at is not None:
            before, newest, origin = counted.get(seen[1], (0, last_at, seen[0]))
            counted[seen[1]] = (before + count, newest, origin)
    return {
        pk: Refusals(pk, count, newest, origin, _last_good(company, pk))
        for pk, (count, newest, origin) in counted.items()
    }


def _last_good(company: Company, connection: int) -> datetime | None:
    """When the carrier last said something of a call that was rightly signed; the latest calls will know."""
    calls = Call.objects.filter(company=company, connection=connection).order_by("-started_at")
    latest = list(calls.values_list("pk", flat=True)[:LATEST_CALLS])
    newest: datetime | None = CallEvent.objects.filter(call__in=latest).aggregate(at=Max("received_at"))["at"]
    return newest


def _alert(connection: Connection, refusals: Refusals) -> Alert:
    configured = settings.CONFIG.doors_url
    named = {
        "label": connection.label,
        "count": refusals.count,
        "seen": refusals.seen,
        "configured": configured,
    }
    return Alert(
        episode=refusals.episode,
        title=_("Calls from %(label)s are refused") % named,
        text=_(
            "%(count)d requests in the name of %(label)s were not rightly signed in the last hour, and nothing that "
            "was came after them. Callers are put through to each number's fallback, but their calls are neither "
            "recorded nor credited. The requests seem to have been sent to %(seen)s; the address that is set here is "
            "%(configured)s."
        )
        % named,
        steps=tuple(_step(one) % named for one in suspects(refusals.seen, configured)),
    )


def _step(setting: Setting) -> str:
    match setting:
        case Setting.DOORS_URL:
            return _(
                "CALLSPRING_DOORS_URL (now %(configured)s) must be the very address that %(label)s calls: scheme, "
                "host and port."
            )
        case Setting.PROXIES:
            return _(
                "CALLSPRING_TRUSTED_PROXIES must name the proxy in front of Callspring, and the proxy must pass on "
                "X-Forwarded-Proto and X-Forwarded-Host. Otherwise Callspring takes %(seen)s for the address that was "
                "called."
            )
        case Setting.TOKEN:
            return _(
                "The auth token of %(label)s must be the one that the account has now. If it was changed at the "
                "carrier, connect the account again with the new one."
            )
