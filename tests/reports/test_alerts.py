"""A carrier that we refuse: the company's people are told what to set, others hear nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from callspring.accounts.models import Membership
from callspring.calls.models import CallEvent
from callspring.ids import new_id
from callspring.ingest.visits import record_visits
from callspring.jobs.models import Job
from callspring.numbers.models import Connection
from callspring.records import Dropped
from callspring.reports.alerts import alerts, warn_owners
from tests.stories import NOON, Story

SEEN = "http://10.0.0.9:8001"


class Refused(Story):
    def setUp(self) -> None:
        super().setUp()
        self.twilio = Connection.objects.create(
            company=self.company, carrier="twilio", label="Twilio <b>", account="AC1", secret="t" * 32
        )

    def refuse(self, times: int, at: datetime = NOON, seen: str = SEEN, connection: Connection | None = None) -> None:
        of = connection or self.twilio
        host = f"{seen}/voice/{of.carrier}/{of.pk}"
        for second in range(times):
            moment = at.timestamp() + second / 10
            record_visits([Dropped(at=moment, reason="bad_signature", count=1, company=of.company_id, host=host)])

    def hear(self, at: datetime, connection: Connection | None = None) -> None:
        """Something rightly signed, of a call."""
        of = connection or self.twilio
        number = self.numbers(1)[0]
        number.connection = of
        call = self.call(number, at)
        fields = {"leg": "caller", "leg_id": "x", "status": "asked", "at": at, "received_at": at}
        CallEvent.objects.create(id=UUID(new_id()), call=call.pk, company=of.company, **fields)

    def episodes(self, at: datetime) -> list[str]:
        return [alert.episode for alert in alerts(self.company, at)]

    def test_two_refusals_are_no_alert_and_three_are(self) -> None:
        self.refuse(2)
        assert self.episodes(NOON) == []
        self.refuse(1, NOON + timedelta(seconds=5))
        assert len(self.episodes(NOON + timedelta(seconds=5))) == 1

    def test_it_says_what_was_seen_what_is_set_and_what_to_check(self) -> None:
        self.refuse(3)
        (alert,) = alerts(self.company, NOON)
        said = " ".join([alert.title, alert.text, *alert.steps])
        for part in ("Twilio <b>", SEEN, "http://127.0.0.1:8001", "CALLSPRING_DOORS_URL", "auth token", "fallback"):
            assert part in said
        assert "CALLSPRING_TRUSTED_PROXIES" in alert.steps[0], "an inner address: the likeliest comes first"
        assert len(alert.steps) == 3

    def test_something_rightly_signed_ends_it_and_the_next_time_is_another(self) -> None:
        self.refuse(3)
        (first,) = self.episodes(NOON)
        self.hear(NOON + timedelta(minutes=1))
        assert self.episodes(NOON + timedelta(minutes=1)) == []
        self.refuse(3, NOON + timedelta(minutes=2))
        (second,) = self.episodes(NOON + timedelta(minutes=2))
        assert first != second

    def test_another_carriers_good_calls_do_not_end_it(self) -> None:
        sandbox = Connection.objects.get(company=self.company, carrier="sandbox")
        self.refuse(3)
        self.hear(NOON + timedelta(minutes=1), sandbox)
        assert len(self.episodes(NOON + timedelta(minutes=1))) == 1

    def test_after_an_hour_of_quiet_it_is_over(self) -> None:
        self.refuse(3)
        assert len(self.episodes(NOON + timedelta(minutes=59))) == 1
        assert self.episodes(NOON + timedelta(minutes=61)) == []

    def test_the_newest_address_is_the_one_that_is_told(self) -> None:
        self.refuse(3)
        self.refuse(1, NOON + timedelta(minutes=1), "https://old.example")
        (alert,) = alerts(self.company, NOON + timedelta(minutes=1))
        assert "https://old.example" in alert.text
        assert "4 requests" in alert.text

    def test_an_outsider_hears_nothing_and_cannot_make_others_hear(self) -> None:
        self.refuse(3)
        assert alerts(self.elsewhere, NOON) == []
        # A count in one company's name about another's connection is nobody's alert.
        host = f"{SEEN}/voice/twilio/{self.twilio.pk}"
        record_visits([Dropped(NOON.timestamp(), "bad_signature", 9, self.elsewhere.pk, host)])
        assert alerts(self.elsewhere, NOON) == []

    def test_when_all_is_well_it_costs_two_queries(self) -> None:
        with self.assertNumQueries(2):
            assert alerts(self.company, NOON) == []

    def test_each_owner_is_mailed_once_per_episode(self) -> None:
        Membership.objects.create(user=self.charlie, company=self.company, role=Membership.Role.OWNER)
        self.refuse(3)
        for minute in range(3):
            warn_owners(NOON + timedelta(minutes=minute))
        mails = [job.payload for job in Job.objects.filter(kind="mail.send").order_by("pk")]
        assert [mail["to"] for mail in mails] == ["alice@example.com", "charlie@example.com"], "Bob is no owner"
        assert mails[0]["subject"] == "Harbor & Pine: Calls from Twilio <b> are refused"
        assert SEEN in mails[0]["text"]
        assert "Twilio &lt;b&gt;" in mails[0]["html"]
        assert "<b>" not in mails[0]["html"]
        self.hear(NOON + timedelta(minutes=5))
        self.refuse(3, NOON + timedelta(minutes=6))
        warn_owners(NOON + timedelta(minutes=6))
        assert Job.objects.filter(kind="mail.send").count() == 4

    def test_the_newest_drop_stays_the_newest(self) -> None:
        """A door that was behind brings an older one of the same hour."""
        late = NOON + timedelta(minutes=30)
        self.refuse(3, late)
        self.refuse(1, late - timedelta(seconds=30))
        self.hear(late - timedelta(seconds=10))
        assert len(self.episodes(late)) == 1
