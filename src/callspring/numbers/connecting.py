"""Connecting a company's own account at a carrier: tested, its numbers added and pointed here, and all of it undone.

What a number was like before is written down before it is changed, so that `undo` can bring it back whatever happens
in between. Verbs over several numbers do what they can and say of each what came of it (`Outcome`). The doors learn of
a change when the company is published (`callspring.scenarios.publishing`), which is the caller's part.

Errors of the carrier are `callspring.carriers.api.CarrierProblem`: their messages are for people.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company
from callspring.carriers.api import CarrierProblem, Credentials, Owned, Webhooks
from callspring.carriers.contract import Endpoint
from callspring.flows.flow import read, rung_first
from callspring.numbers.actions import carrier_id
from callspring.numbers.carrier import AtCarrier, address, api_named
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.numbers.orders import InUse, add

ACCOUNT_LENGTH, SECRET_LENGTH, LABEL_LENGTH, PROBLEM_LENGTH = 80, 4000, 80, 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one number. `problem` is "" when it went well, else a sentence."""

    e164: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Importable:
    """A number at the carrier. `number` is ours if it is here already; `elsewhere`: another company here has it."""

    owned: Owned
    number: Number | None
    elsewhere: bool
    points_here: bool


class StillInUse(ValueError):
    """The connection cannot be taken apart yet. `numbers` are those that scenarios use; the message names them."""

    def __init__(self, message: str, numbers: Sequence[Number]) -> None:
        super().__init__(message)
        self.numbers = numbers


def test_credentials(carrier: str, account: str, secret: str) -> str:
    """What the carrier calls this account. Raises `CarrierProblem`, and `ValueError` for what cannot be one."""
    given = _given(account, secret)
    return api_named(carrier).check(given)


def connect(company: Company, carrier: str, account: str, secret: str, label: str = "") -> Connection:
    """Connect an account once the carrier has accepted its secret; the same one again only renews that.

    Raises `CarrierProblem`, and `ValueError` for what cannot be an account or a secret.
    """
    name = test_credentials(carrier, account, secret)
    given = _given(account, secret)
    fresh = {"secret": given.secret, "tested_at": timezone.now(), "disconnected_at": None, "problem": ""}
    if label:
        fresh["label"] = label[:LABEL_LENGTH]
    connection, _made = Connection.objects.update_or_create(
        company=company,
        carrier=carrier,
        account=given.account,
        defaults=fresh,
        create_defaults={"label": name[:LABEL_LENGTH], **fresh},
    )
    return connection


def check_again(connection: Connection) -> str:
    """What the carrier says of the account now: "" while it accepts it. That is kept with the connection."""
    try:
        at = AtCarrier(connection)
        at.api.check(at.credentials)
    except CarrierProblem as problem:
        connection.problem = str(problem)[:PROBLEM_LENGTH]
    else:
        connection.problem, connection.tested_at = "", timezone.now()
    Connection.objects.filter(pk=connection.pk, disconnected_at=None).update(
        problem=connection.problem, tested_at=connection.tested_at
    )
    return connection.problem


def importable(connection: Connection) -> list[Importable]:
    """All numbers of the account, with where they point now. Raises `CarrierProblem`."""
    at = AtCarrier(connection)
    owned = at.api.numbers(at.credentials)
    here = {number.e164: number for number in _here().filter(e164__in=[one.e164 for one in owned])}
    return [_importable(connection, one, here.get(one.e164)) for one in owned]


def import_numbers(connection: Connection, e164s: Iterable[str]) -> list[Outcome]:
    """Add numbers of the account and point them here. Raises `CarrierProblem` when the account cannot be read."""
    return list(importing(connection, dict.fromkeys(e164s)))


def importing(connection: Connection, e164s: Iterable[str]) -> Iterator[Outcome]:
    """As `import_numbers`, one after the other: the next is taken from `e164s` when the one before has its outcome."""
    at = AtCarrier(connection)
    owned = {one.e164: one for one in at.api.numbers(at.credentials)}
    for e164 in e164s:
        yield _import(at, e164, owned.get(e164))


def point_here(number: Number) -> Outcome:
    """Send the number's calls, events and texts here; what was set at the carrier before is remembered."""
    at = AtCarrier(number.connection)
    try:
        return _point(at, number, None)
    except CarrierProblem as problem:
        return Outcome(number.e164, str(problem))


def undo(target: Connection | Number, *, remove: bool = False) -> list[Outcome]:
    """Bring back what the carrier had set before; the number stays here, or with `remove` leaves the record.

    A number that was bought from here has nothing before: its addresses are emptied.
    """
    if isinstance(target, Number):
        return [_undo(AtCarrier(target.connection), target, remove)]
    at = AtCarrier(target)
    return [_undo(at, number, remove) for number in _here().filter(connection=target)]


def disconnect(connection: Connection, *, force: bool = False) -> list[Outcome]:
    """Undo all numbers of a connection, remove them and forget the secret. Nothing is given back to the carrier.

    Raises `StillInUse` while scenarios use its numbers or orders are open. Where a number could not be undone, the
    connection stays, unless `force` says that it shall go all the same (as when the carrier has closed the account).
    """
    refuse_if_in_use(connection)
    outcomes = undo(connection, remove=True)
    if force or not any(outcome.problem for outcome in outcomes):
        with transaction.atomic():
            refuse_if_in_use(connection)
            _here().filter(connection=connection).update(state=Number.State.RELEASED)
            connection.secret, connection.disconnected_at = "", timezone.now()
            connection.save(update_fields=["secret", "disconnected_at"])
    return outcomes


def refuse_if_in_use(connection: Connection) -> None:
    """Raise `StillInUse` while scenarios use numbers of the connection, or numbers are on order."""
    used = list(_here().filter(connection=connection, scenario__isnull=False))
    if used:
        said = _("Scenarios still use these numbers: %(numbers)s. Take them out first.")
        named = ", ".join(f"{number.e164} ({number.scenario})" for number in used[:10])
        raise StillInUse(said % {"numbers": named + (" …" if len(used) > 10 else "")}, used)
    if NumberOrder.objects.filter(connection=connection, state=NumberOrder.State.REQUESTED).exists():
        raise StillInUse(_("Numbers are being ordered. Try again in a few minutes."), [])


def refresh_fallbacks(company: Company) -> list[Outcome]:
    """Tell the carriers what rings while we are silent, where a destination or a setting has changed.

    Only numbers that point here and ring somebody are looked at; each that is up to date costs nothing.
    """
    return [point_here(number) for number in _ringing().filter(company=company) if _is_stale(number)]


def stale_companies() -> set[int]:
    """The companies of whose numbers a carrier has been told something else than would be told now."""
    return {number.company_id for number in _ringing() if _is_stale(number)}


def _ringing() -> QuerySet[Number]:
    return _here().filter(pointed_at__isnull=False).filter(Q(scenario__isnull=False) | Q(flow__isnull=False))


def _is_stale(number: Number) -> bool:
    rung = destination(number)
    try:
        told = api_named(number.carrier).fallback(number.e164, rung)
    except CarrierProblem:  # nobody to tell
        return False
    return (number.fallback, number.fallback_told) != (rung, told)


def can_fall_back(carrier: str) -> bool:
    """Whether a number at this carrier that rings a phone rings it while we are silent, as the settings are now."""
    try:
        return bool(api_named(carrier).fallback("+12025550100", "+12025550101"))
    except CarrierProblem:
        return False


def destination(number: Number) -> str:
    """What the carrier rings while we are silent: the destination of the number's scenario, else of its own flow.

    For a SIP address it is the scenario's target, and "" without a scenario.
    """
    scenario = number.scenario
    flow = number.flow if scenario is None else scenario.flow
    if flow is None:
        return ""
    rung = rung_first(read(flow))
    if rung.startswith("+"):
        return rung
    return "" if scenario is None else scenario.target


def _given(account: str, secret: str) -> Credentials:
    account, secret = account.strip(), secret.strip()
    if not account or not secret:
        raise ValueError(_("Give both the account and its secret."))
    if len(account) > ACCOUNT_LENGTH or len(secret) > SECRET_LENGTH or not _is_plain(account, secret):
        raise ValueError(_("This cannot be an account and its secret. Copy both anew from the carrier's console."))
    return Credentials(account, secret)


def _is_plain(account: str, secret: str) -> bool:
    """A secret may have several lines, as the file of a private key has."""
    return account.isprintable() and "".join(secret.splitlines()).isprintable()


def _here() -> QuerySet[Number]:
    return Number.objects.exclude(state=Number.State.RELEASED).select_related("scenario", "connection")


def _importable(connection: Connection, owned: Owned, number: Number | None) -> Importable:
    ours = number is not None and number.company_id == connection.company_id
    return Importable(
        owned=owned,
        number=number if ours else None,
        elsewhere=number is not None and not ours,
        points_here=_points_here(connection, owned),
    )


def _points_here(connection: Connection, owned: Owned) -> bool:
    return owned.webhooks.voice == address(connection, Endpoint.CALL) and not owned.webhooks.instead


def _import(at: AtCarrier, e164: str, owned: Owned | None) -> Outcome:
    if owned is None:
        return Outcome(e164, _("The account does not have this number."))
    if not owned.can_voice:
        return Outcome(e164, _("This number cannot receive calls."))
    now = timezone.now()
    number = _here().filter(connection=at.connection, e164=e164).first()
    try:
        number = number or add(at.connection, e164, now, paid_until=now, owned=owned)
        return _point(at, number, owned)
    except (InUse, CarrierProblem) as problem:
        return Outcome(e164, str(problem))


def _point(at: AtCarrier, number: Number, owned: Owned | None) -> Outcome:
    """`owned` is the number as it is at the carrier now, looked up where it is needed and not given."""
    if number.pointed_at is None:
        owned = owned or _look_up(at, number.e164)
        if owned is None:
            return Outcome(number.e164, _("The account does not have this number."))
        number.carrier_number_id, number.can_text = owned.carrier_number_id, owned.can_text
        if number.webhooks_before is None and not _points_here(at.connection, owned):
            number.webhooks_before = dict(owned.before)
        # Before anything is changed there: otherwise a crash between the two would lose it.
        number.save(update_fields=["carrier_number_id", "can_text", "webhooks_before"])
    rung = destination(number)
    webhooks = at.webhooks(number.e164, rung)
    at.api.configure(at.credentials, carrier_id(at, number), webhooks)
    number.pointed_at, number.fallback, number.fallback_told = timezone.now(), rung, webhooks.voice_fallback
    number.save(update_fields=["pointed_at", "fallback", "fallback_told"])
    return Outcome(number.e164)


def _look_up(at: AtCarrier, e164: str) -> Owned | None:
    return next((one for one in at.api.numbers(at.credentials) if one.e164 == e164), None)


def _undo(at: AtCarrier, number: Number, remove: bool) -> Outcome:
    if remove and number.scenario_id is not None:
        said = _("It is used by the scenario “%(name)s”. Take it out first.")
        return Outcome(number.e164, said % {"name": number.scenario})
    try:
        _bring_back(at, number)
    except CarrierProblem as problem:
        return Outcome(number.e164, str(problem))
    ours = Number.objects.filter(pk=number.pk)
    ours.update(pointed_at=None, webhooks_before=None, fallback="", fallback_told="")
    if remove and not ours.filter(scenario=None).update(state=Number.State.RELEASED):
        return Outcome(number.e164, _("A scenario has begun to use it. Take it out first."))
    number.refresh_from_db()
    return Outcome(number.e164)


def _bring_back(at: AtCarrier, number: Number) -> None:
    """Nothing was changed at the carrier while `webhooks_before` and `pointed_at` are both empty."""
    if number.webhooks_before is not None:
        at.api.restore(at.credentials, carrier_id(at, number), number.webhooks_before)
    elif number.pointed_at is not None:
        at.api.configure(at.credentials, carrier_id(at, number), Webhooks())
