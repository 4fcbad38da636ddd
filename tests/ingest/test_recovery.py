"""What we did not hear of calls comes from the carrier's own list, once, and at its own time (K7)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from callspring.accounts.models import Account, Company
from callspring.calls.models import Call, CallEvent, Credit
from callspring.carriers.contract import Endpoint
from callspring.carriers.sandbox.call_log import CallLog, Happened
from callspring.carriers.sandbox.inventory import Inventory
from callspring.ids import call_id, said_id
from callspring.inbox.models import Message
from callspring.ingest import call_lists
from callspring.ingest.models import CallList
from callspring.ingest.visits import moment
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.numbers.models import Connection, Number
from callspring.records import CallSaid
from tests.carriers.loopback import Answer
from tests.carriers.twilio_account import TwilioAccount
from tests.ingest.world import BUSINESS, CALLER, Person, World

pytestmark = pytest.mark.django_db(transaction=True)
HOUR, MAIL = 3600.0, "inbox.mail_copy"


@pytest.fixture
def account() -> Iterator[TwilioAccount]:
    with TwilioAccount() as account:
        apis = {"twilio": account.url}
        with override_settings(CONFIG=replace(settings.CONFIG, carrier_apis=apis)):
            yield account


@pytest.fixture
def twilio(world: World, account: TwilioAccount) -> World:
    """The world, a day older, and its numbers at Twilio."""
    world.t -= 2 * HOUR
    long_ago = moment(world.t - 86_400)
    Connection.objects.filter(pk=world.connection.pk).update(
        carrier="twilio", account=account.sid, secret=account.token, created_at=long_ago
    )
    Number.objects.update(bought_at=long_ago)
    world.connection.refresh_from_db()
    return world


def sweep() -> None:
    """The job that runs every few minutes, and what it has done; those that wait are left waiting."""
    call_lists.hand_out(timezone.now())
    run_due()


def happens(
    account: TwilioAccount, world: World, at: float, number: Number, *, talked: int = 60, status: str = "completed"
) -> str:
    """A call that the fallback put through, of which we heard nothing."""
    sid = account.call(CALLER, number.e164, world.t + at, status, duration=str(talked + 10))
    leg = {"duration": str(talked), "parent_call_sid": sid}
    account.call(CALLER, BUSINESS, world.t + at + 10, status, **leg)
    return sid


def heard(world: World, sid: str, number: Number, at: float, **changes: object) -> CallSaid:
    """What the voice door would have spooled of it."""
    said = world.said(at, number, sid)
    call = call_id(world.connection.carrier, world.connection.pk, sid)
    said = msgspec.structs.replace(said, **{"call": call, "leg_id": sid, **changes})
    endpoint = Endpoint.CALL if said.status == "asked" else Endpoint.EVENTS
    return msgspec.structs.replace(said, id=said_id(call, endpoint, said.leg_id, said.status, said.sequence))


def events() -> list[tuple[str, str, str]]:
    return sorted(CallEvent.objects.values_list("leg", "leg_id", "status"))


def test_a_call_that_was_lost_whole_is_made_whole(twilio: World, account: TwilioAccount) -> None:
    """Credited to whoever held its number then, in the inbox, and once however often the list is read."""
    ann, number = Person(twilio), twilio.pool[0]
    twilio.ingest(*ann.arrives(0, number), ann.beats(30), at=30)
    sid = happens(account, twilio, 20, number)
    for _ in range(2):
        sweep()
    call = Call.objects.get()
    assert (call.carrier_call_id, call.caller, call.dialled, call.destination) == (sid, CALLER, number.e164, BUSINESS)
    assert (call.number_id, call.scenario_id, call.company_id) == (number.pk, number.scenario_id, twilio.company.pk)
    assert (call.status, call.duration, call.started_at) == ("completed", 60, moment(twilio.t + 20))
    assert call.ended_at == moment(twilio.t + 90)
    assert CallEvent.objects.count() == 3
    twilio.step(2 * HOUR + 60)
    credit = Credit.objects.get(current=True)
    assert (str(credit.visit), credit.source, credit.stage) == (ann.visit, "google", "final")
    assert Message.objects.get().call == call.pk
    assert Job.objects.filter(kind=MAIL).count() == 1
    assert CallList.objects.get().read_until is not None
    assert len(account.requests) == 2


def test_what_is_days_old_is_no_news(twilio: World, account: TwilioAccount) -> None:
    """It is in the thread, and nobody gets a mail."""
    CallList.objects.create(connection=twilio.connection, read_until=moment(twilio.t - 3 * 86_400))
    long_ago = moment(twilio.t - 9 * 86_400)
    Number.objects.update(bought_at=long_ago)
    Connection.objects.update(created_at=long_ago)
    happens(account, twilio, -2 * 86_400, twilio.static, status="no-answer")
    sweep()
    assert Call.objects.get().status == "no-answer"
    assert Message.objects.get().at == moment(twilio.t - 2 * 86_400)
    assert not Job.objects.filter(kind=MAIL).exists()


def test_an_end_that_was_lost_is_found(twilio: World, account: TwilioAccount) -> None:
    """Also of a call that began before the last look at the list. What was heard of it is not told again."""
    sid = happens(account, twilio, 0, twilio.static, talked=1200)
    twilio.ingest(heard(twilio, sid, twilio.static, 3.4), at=4)
    CallList.objects.create(connection=twilio.connection, read_until=moment(twilio.t + HOUR))
    assert Call.objects.get().status == "ringing"
    sweep()
    call = Call.objects.get()
    assert (call.status, call.duration, call.ended_at) == ("completed", 1200, moment(twilio.t + 1210))
    assert [status for *_, status in events()].count("asked") == 1
    twilio.ingest(heard(twilio, sid, twilio.static, 1210, status="completed", sequence=3, duration=1210), at=1300)
    assert Call.objects.get().duration == 1200
    assert Message.objects.count() == 1


def test_a_call_that_goes_on_stays_open(twilio: World, account: TwilioAccount) -> None:
    sid = account.call(CALLER, twilio.static.e164, twilio.t, "in-progress")
    account.call(CALLER, BUSINESS, twilio.t + 5, "in-progress", parent_call_sid=sid)
    sweep()
    assert Call.objects.get().status == "answered"
    account.calls[0] |= {"status": "completed"}
    account.calls[1] |= {"status": "completed", "end_time": account.calls[1]["start_time"], "duration": "7"}
    sweep()
    assert (Call.objects.get().status, Call.objects.get().duration) == ("completed", 7)


def test_what_was_heard_of_a_leg_beats_the_list(twilio: World, account: TwilioAccount) -> None:
    """Somebody picked up and did not press the key: to the carrier that was an answer, to us it was none."""
    sid = happens(account, twilio, 0, twilio.static, talked=8)
    leg = str(account.calls[1]["sid"])
    picked_up = {"leg": "business", "leg_id": leg, "status": "no-answer", "caller": "", "dialled": ""}
    twilio.ingest(heard(twilio, sid, twilio.static, 0), heard(twilio, sid, twilio.static, 20, **picked_up), at=20)
    sweep()
    call = Call.objects.get()
    assert (call.status, call.duration) == ("no-answer", None)
    assert CallEvent.objects.count() == 3  # the caller's end is new


def test_what_is_on_its_way_is_left_to_come(world: World, account: TwilioAccount) -> None:
    Connection.objects.update(carrier="twilio", account=account.sid, secret=account.token)
    account.call(CALLER, world.static.e164, world.t)
    sweep()
    assert not Call.objects.exists()


def test_calls_that_are_none_of_ours(twilio: World, account: TwilioAccount) -> None:
    """To numbers of the account that are not here, and to one before it came here."""
    happens(account, twilio, 0, Number(e164="+13129999999"))
    Number.objects.filter(pk=twilio.static.pk).update(bought_at=moment(twilio.t + 60))
    happens(account, twilio, 0, twilio.static)
    sweep()
    assert not Call.objects.exists()


def test_another_company_on_the_same_account_gets_nothing(twilio: World, account: TwilioAccount) -> None:
    """They know the account's secret, and the carrier lists them our calls: our numbers are not theirs."""
    owner = Account.objects.create(name="Outsiders")
    outsider = Company.objects.create(account=owner, name="Outsiders", key=f"ck_{uuid4().hex}")
    theirs = Connection.objects.create(
        company=outsider, carrier="twilio", label="Ours now", account=account.sid, secret=account.token
    )
    Connection.objects.update(created_at=moment(twilio.t - 86_400))
    sid = happens(account, twilio, 0, twilio.static)
    twilio.ingest(heard(twilio, sid, twilio.static, 0), at=0)
    sweep()
    assert (Call.objects.get().company_id, Call.objects.get().connection_id) == (
        twilio.company.pk,
        twilio.connection.pk,
    )
    assert not CallEvent.objects.filter(company=outsider).exists()
    assert not Message.objects.filter(company=outsider).exists()
    assert CallList.objects.get(connection=theirs).read_until is not None


def test_a_call_of_which_nobody_knows_the_end_is_ended_after_a_day(twilio: World, account: TwilioAccount) -> None:
    old, young = 23 * HOUR, HOUR
    for at, sid in ((-old, "CA" + "1" * 32), (-young, "CA" + "2" * 32)):
        twilio.ingest(heard(twilio, sid, twilio.static, at), at=at)
    sweep()
    found = {call.carrier_call_id[2]: (call.status, call.cause, call.ended_at) for call in Call.objects.all()}
    assert found["1"] == ("failed", "never reported", moment(twilio.t - old))
    assert found["2"] == ("ringing", "", None)
    assert len({asked.path for asked in account.requests}) == 1


def test_a_day_old_call_is_not_ended_unasked(twilio: World, account: TwilioAccount) -> None:
    """The carrier was away all day, and now says what became of it."""
    sid = happens(account, twilio, -23.5 * HOUR, twilio.static)
    twilio.ingest(heard(twilio, sid, twilio.static, -23.5 * HOUR), at=0)
    CallList.objects.create(connection=twilio.connection, read_until=moment(twilio.t - 22 * HOUR))
    account.misbehave(Answer(503))
    sweep()
    assert Call.objects.get().status == "ringing"
    Job.objects.update(run_at=timezone.now())
    run_due()
    assert (Call.objects.get().status, Call.objects.get().duration) == ("completed", 60)


def test_a_carrier_that_cannot_be_reached_is_asked_later_and_by_one_job(twilio: World, account: TwilioAccount) -> None:
    account.misbehave(Answer(429, b"", {"Retry-After": "17"}))
    happens(account, twilio, 0, twilio.static)
    sweep()
    sweep()  # nobody gets a second ticket meanwhile
    job = Job.objects.get(kind=call_lists.READ)
    assert (job.state, job.attempts, len(account.requests)) == (Job.State.QUEUED, 0, 1)
    assert timedelta(seconds=10) < job.run_at - timezone.now() < timedelta(seconds=18)
    Job.objects.update(run_at=timezone.now())
    run_due()
    assert Call.objects.count() == 1
    connection = Connection.objects.get(pk=twilio.connection.pk)
    assert connection.problem == ""


@pytest.mark.usefixtures("twilio")
def test_a_ticket_that_ran_out_is_worth_nothing(account: TwilioAccount) -> None:
    call_lists.hand_out(timezone.now())
    CallList.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    call_lists.hand_out(timezone.now())
    assert run_due() == 2
    assert len(account.requests) == 1


def test_a_denied_secret_is_the_connections_problem(twilio: World, account: TwilioAccount) -> None:
    """It is said, kept quiet for an hour, and forgotten when the carrier accepts it again."""
    account.misbehave(Answer(401))
    sweep()
    sweep()
    assert "auth token" in Connection.objects.get(pk=twilio.connection.pk).problem
    assert len(account.requests) == 1
    CallList.objects.update(held_until=timezone.now() - timedelta(seconds=1))
    sweep()
    assert Connection.objects.get(pk=twilio.connection.pk).problem == ""
    Connection.objects.update(problem="Scenarios still use these numbers.")  # said of it by somebody else
    sweep()
    assert Connection.objects.get(pk=twilio.connection.pk).problem == "Scenarios still use these numbers."


def test_a_connection_that_ended_leaves_no_call_open(twilio: World, account: TwilioAccount) -> None:
    twilio.ingest(heard(twilio, "CA" + "1" * 32, twilio.static, -23 * HOUR), at=0)
    Connection.objects.update(disconnected_at=timezone.now(), secret="")
    sweep()
    assert Call.objects.get().status == "failed"
    assert account.requests == []


def test_of_a_carrier_that_cannot_be_asked_no_call_stays_open_for_good(twilio: World) -> None:
    twilio.ingest(heard(twilio, "CA" + "1" * 32, twilio.static, -23 * HOUR), at=0)
    Connection.objects.update(carrier="pigeons")
    sweep()
    assert (Call.objects.get().status, Call.objects.get().cause) == ("failed", "never reported")
    assert Connection.objects.get(pk=twilio.connection.pk).problem == ""


def test_where_the_carrier_counts_its_events_each_is_there_once(world: World, tmp_path: Path) -> None:
    """The sandbox's list and its events name the same things: whichever comes first, the other is no news."""
    world.t -= HOUR
    Number.objects.update(bought_at=moment(world.t - 60))
    Connection.objects.update(created_at=moment(world.t - 60))
    account, number, books = world.connection.account, world.static, tmp_path / "var/sandbox/exchange.json"
    happened = [
        Happened(account, "sb_1", "caller", "sb_1", "asked", CALLER, number.e164, 1, world.t),
        Happened(account, "sb_1", "business", "sb_2", "answered", CALLER, BUSINESS, 4, world.t + 5),
        Happened(account, "sb_1", "business", "sb_2", "completed", CALLER, BUSINESS, 5, world.t + 65, 60),
        Happened(account, "sb_1", "caller", "sb_1", "completed", CALLER, number.e164, 6, world.t + 65, 65),
    ]
    answered = {"leg": "business", "leg_id": "sb_2", "status": "answered", "sequence": 4}
    end = {"status": "completed", "sequence": 6, "duration": 65}
    said = ((0, {"sequence": 1}), (5, answered), (65, end))
    told = [heard(world, "sb_1", number, at, **about) for at, about in said]
    with override_settings(CONFIG=replace(settings.CONFIG, var=tmp_path / "var")):
        Inventory(books).open_account(account, secret=world.connection.secret, voice_url="http://127.0.0.1:9/v")
        world.ingest(told[1], at=65)
        for one in happened:
            CallLog(books).write(one)
        for _ in range(2):
            sweep()
            world.ingest(*told, at=70)
    found = Call.objects.get()
    assert (found.status, found.duration, found.number_id, found.caller) == ("completed", 60, number.pk, CALLER)
    assert [status for *_, status in events()] == ["answered", "completed", "asked", "completed"]


def moves(world: World, number: Number) -> int:
    """The number gets into another scenario now; its id."""
    rule = world.rule("referral", value="partner.example")
    Number.objects.filter(pk=number.pk).update(scenario=rule.scenario, rule=rule)
    return rule.scenario_id


def test_a_call_is_credited_to_the_scenario_that_its_number_had_then(twilio: World, account: TwilioAccount) -> None:
    """A visitor held it before it moved; the call that came in between belongs to them, and to their scenario."""
    ann, number, was = Person(twilio), twilio.pool[0], twilio.pool[0].scenario_id
    twilio.ingest(*ann.arrives(0, number), ann.beats(30), at=30)
    happens(account, twilio, 20, number)
    moves(twilio, number)
    sweep()
    call = Call.objects.get()
    assert call.scenario_id == was
    assert (str(Credit.objects.get(current=True).visit), str(call.number_id)) == (ann.visit, str(number.pk))


def test_the_nearest_sign_decides_and_without_any_the_present(twilio: World, account: TwilioAccount) -> None:
    number, static, was = twilio.pool[0], twilio.static, twilio.pool[0].scenario_id
    twilio.ingest(twilio.said(0, number, "sb_before"), at=0)
    now, now_static = moves(twilio, number), moves(twilio, static)
    number.refresh_from_db()
    twilio.ingest(twilio.said(3600, number, "sb_after"), at=3600)
    early, late, unknown = (
        happens(account, twilio, at, which) for at, which in ((600, number), (3000, number), (700, static))
    )
    sweep()
    found = dict(Call.objects.values_list("carrier_call_id", "scenario_id"))
    assert (found[early], found[late], found[unknown]) == (was, now, now_static)
