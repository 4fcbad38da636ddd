"""What happens while money is owed. Calls ring through all of it: see also `tests/usage/test_swapping_stops.py`."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from callspring.accounts.models import Account
from callspring.billing.actions import adjust, top_up_by_hand
from callspring.billing.arrears import Act, Standing, due, look_at_all, stops_at
from callspring.billing.ledger import PUBLISH, Fact, write
from callspring.jobs.models import Job
from tests.stories import NOON, Story

DAY = timedelta(days=1)
GRACE = 7 * DAY


def live(since: datetime, grace: timedelta, looks: list[datetime]) -> list[tuple[Act, datetime]]:
    """What is done when somebody looks at these times."""
    standing, done = Standing(since), []
    for now in looks:
        act = due(standing, grace, now)
        if act is Act.WARN:
            standing = Standing(since, warned_at=now)
        elif act is Act.STOP:
            standing = Standing(since, standing.warned_at, stopped_at=now)
        elif act is Act.REMIND:
            standing = Standing(since, standing.warned_at, standing.stopped_at, reminded_at=now)
        if act:
            done.append((act, now))
    return done


def test_warned_two_days_before_stopped_after_seven_then_reminded_four_times() -> None:
    done = live(NOON, GRACE, [NOON + timedelta(hours=hours) for hours in range(90 * 24)])
    assert [(act, (at - NOON).days) for act, at in done] == [
        (Act.WARN, 5), (Act.STOP, 7), (Act.REMIND, 14), (Act.REMIND, 21), (Act.REMIND, 28), (Act.REMIND, 35),
    ]  # fmt: skip


def test_after_an_outage_people_are_warned_first_all_the_same() -> None:
    looks = [NOON + 20 * DAY, NOON + 20 * DAY + timedelta(hours=1), NOON + 22 * DAY]
    assert live(NOON, GRACE, looks) == [(Act.WARN, looks[0]), (Act.STOP, looks[2])]


def test_without_grace_it_is_at_once() -> None:
    assert [act for act, _ in live(NOON, 0 * DAY, [NOON, NOON])] == [Act.WARN, Act.STOP]


@given(st.lists(st.integers(0, 60 * 24), max_size=40), st.integers(0, 30))
def test_never_stopped_without_a_warning_in_time(hours: list[int], days: int) -> None:
    grace = days * DAY
    done = live(NOON, grace, [NOON + timedelta(hours=hour) for hour in sorted(hours)])
    stops = [at for act, at in done if act is Act.STOP]
    warnings = [at for act, at in done if act is Act.WARN]
    assert len(stops) <= 1
    assert len(warnings) <= 1
    for stop in stops:
        assert stop >= NOON + grace
        assert stop - warnings[0] >= min(2 * DAY, grace)
        assert stop >= stops_at(Standing(NOON, warnings[0]), grace, stop)


class Owing(Story):
    def setUp(self) -> None:
        super().setUp()
        self.account = self.company.account
        write(self.account, [Fact("minutes", "minutes:x", -60_00)], now=NOON)

    def now(self) -> Account:
        return Account.objects.get(pk=self.account.pk)

    def subjects(self) -> list[str]:
        return [job.payload["subject"] for job in Job.objects.filter(kind="mail.send").order_by("id")]

    def test_the_whole_way(self) -> None:
        for days in range(20):
            look_at_all(NOON + days * DAY)
        assert self.now().swapping_stopped_at == NOON + 7 * DAY
        assert Job.objects.filter(kind=PUBLISH).count() == 1
        assert [subject.removeprefix("Harbor & Pine: ") for subject in self.subjects()] == [
            "Nothing is left on the account",
            "On 9 March your websites go back to your own numbers",
            "Your websites show your own numbers: $10.00 are owed",
            "Your websites show your own numbers: $10.00 are owed",
        ]
        warning = Job.objects.filter(kind="mail.send").order_by("id")[1].payload["text"]
        assert "from 9 March, 07:00 (America/Chicago)" in warning  # there it is daylight saving time by then

    def test_a_top_up_ends_it_at_once(self) -> None:
        for days in (5, 7):
            look_at_all(NOON + days * DAY)
        top_up_by_hand(self.company, 10_00, "cash", self.alice, "k")
        account = self.now()
        assert (account.arrears_since, account.warned_at, account.swapping_stopped_at) == (None, None, None)
        assert Job.objects.filter(kind=PUBLISH).count() == 2
        look_at_all(NOON + 30 * DAY)
        assert self.now().swapping_stopped_at is None

    def test_too_little_is_not_enough(self) -> None:
        top_up_by_hand(self.company, 9_99, "cash", self.alice, "k")
        assert self.now().arrears_since == NOON

    def test_owing_again_is_a_new_grace_period(self) -> None:
        look_at_all(NOON + 5 * DAY)
        top_up_by_hand(self.company, 20_00, "cash", self.alice, "k")
        write(self.account, [Fact("minutes", "minutes:y", -20_00)], now=NOON + 6 * DAY)
        look_at_all(NOON + 8 * DAY)
        assert (self.now().warned_at, self.now().swapping_stopped_at) == (None, None)

    def test_the_outsider_is_left_alone(self) -> None:
        adjust(self.elsewhere, -1_00, "x", self.charlie, "k")
        for days in range(20):
            look_at_all(NOON + days * DAY)
        theirs = Account.objects.get(pk=self.elsewhere.account_id)
        assert (theirs.arrears_since, theirs.swapping_stopped_at) == (None, None)
        assert {job.payload["to"] for job in Job.objects.filter(kind="mail.send")} == {"alice@example.com"}
