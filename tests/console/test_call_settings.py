"""Settings → Calls: block list, spam filter, missed-call alerts, recordings; and what calls' pages make of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from callspring.accounts.models import BlockedCaller, SpamSettings
from callspring.calls.leads import Lead, set_lead
from callspring.calls.models import Call, Recording, RecordingSettings
from callspring.flows.screening import ASK, Blocked
from callspring.inbox.models import MissedCallAlert
from callspring.stores.snapshot.files import company_file
from callspring.stores.snapshot.published import PublishedCompany, company_decoder
from tests.console.pages import Pages, text

SPAM = {
    "spam-ask": "suspicious", "spam-words": ASK, "spam-language": "en-US", "spam-weak_attestation": "yes",
    "spam-repeat": "yes", "spam-repeat_calls": "8", "spam-repeat_numbers": "3", "spam-repeat_minutes": "15",
    "spam-short_seconds": "7",
}  # fmt: skip
ALERT = {
    "alert-by_mail": "mail", "alert-text_to": "", "alert-number": "", "alert-start": "8:00", "alert-end": "18:00",
    "alert-days": ["mon", "tue"], "alert-rest_minutes": "15",
}  # fmt: skip


class Settings(Pages):
    def post(self, view: str, form: Mapping[str, object], *args: object) -> str:
        with self.captureOnCommitCallbacks(execute=True):
            response = self.owner.post(reverse(f"console:{view}", args=args), form, follow=True)
        assert response.status_code == 200
        return text(response)

    def published(self) -> PublishedCompany:
        return company_decoder.decode(company_file(settings.CONFIG.snapshots, self.company.pk).read_bytes())

    def test_who_is_blocked_is_known_at_the_door(self) -> None:
        said = self.post(
            "block_caller", {"block-pattern": "(312) 555-0177", "block-way": "reject", "block-label": "A bot"}
        )
        assert "(312) 555-0177 is blocked." in said
        self.post("block_caller", {"block-pattern": "+1 (900) *", "block-way": "ring"})
        self.post("block_caller", {"block-pattern": "Withheld", "block-way": "ring"})
        assert self.published().screening.blocked == (
            Blocked("+13125550177"), Blocked("+1900*", reject=False), Blocked("withheld", reject=False),
        )  # fmt: skip
        entry = BlockedCaller.objects.get(pattern="+13125550177")
        assert (entry.label, entry.created_by) == ("A bot", self.alice)
        self.post("unblock_caller", {}, entry.pk)
        assert len(self.published().screening.blocked) == 2
        page = self.page("call_settings")
        assert "Withheld numbers" in page
        assert "A bot" not in page

    def test_what_is_no_caller_is_said_at_the_field(self) -> None:
        for wrong, why in (
            ("banana", "is not a phone number"),
            ("*", "with the country code and a star"),
            ("", "required"),
        ):
            assert why in self.post("block_caller", {"block-pattern": wrong, "block-way": "reject"})
        assert not BlockedCaller.objects.exists()

    def test_the_filter_is_set_and_published(self) -> None:
        assert "It holds for the next call" in self.post("screen_calls", SPAM)
        found = self.published().screening
        assert (found.ask, found.weak_attestation, found.words) == ("suspicious", True, ASK)
        assert (found.repeat_calls, found.repeat_numbers, found.repeat_minutes, found.short_seconds) == (8, 3, 15, 7)
        self.post("screen_calls", {**SPAM, "spam-repeat": ""})
        assert self.published().screening.repeat_calls == 0
        assert "greater than or equal to 3" in self.post("screen_calls", {**SPAM, "spam-repeat_calls": "1"})
        assert SpamSettings.objects.get().repeat_calls == 0

    def test_somebody_is_told_of_missed_calls(self) -> None:
        self.post("new_missed_alert", {**ALERT, "alert-person": str(self.alice.pk)})
        alert = MissedCallAlert.objects.get()
        assert (alert.user, alert.days, alert.start, alert.end) == (self.alice, ["mon", "tue"], "08:00", "18:00")
        page = self.page("call_settings")
        assert "Mon, Tue, 08:00–18:00" in page
        self.post("drop_missed_alert", {}, alert.pk)
        assert not MissedCallAlert.objects.exists()

    def test_nobody_from_elsewhere_is_told(self) -> None:
        assert "Select a valid choice" in self.post("new_missed_alert", {**ALERT, "alert-person": str(self.charlie.pk)})
        text_only = {**ALERT, "alert-person": str(self.alice.pk), "alert-by_mail": "text"}
        assert "Give the phone that gets the texts" in self.post("new_missed_alert", text_only)
        assert "Write a time like 09:30" in self.post(
            "new_missed_alert", {**ALERT, "alert-person": str(self.alice.pk), "alert-end": "25:00"}
        )
        assert not MissedCallAlert.objects.exists()

    def test_for_how_long_recordings_are_kept(self) -> None:
        self.post("keep_recordings", {"keep-keep": "other", "keep-days": "45"})
        assert RecordingSettings.objects.get().keep_days == 45
        assert "Give the number of days" in self.post("keep_recordings", {"keep-keep": "other", "keep-days": ""})
        self.post("keep_recordings", {"keep-keep": "", "keep-days": ""})
        assert RecordingSettings.objects.get().keep_days is None


class OnTheCall(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]
        self.made = self.call(self.number)

    def test_the_lead_is_written_and_its_history_shown(self) -> None:
        form = {
            "lead-tags": "VIP, boiler", "lead-note": "Wants a boiler.", "lead-value": "1,250.5", "lead-currency": "USD",
            "lead-qualified": "yes",
        }  # fmt: skip
        address = reverse("console:call_lead", args=[self.made.pk])
        piece = text(self.owner.post(address, form, headers={"HX-Request": "true"}))
        assert "Saved." in piece
        assert "Alice: Value none → 1250.50 USD" in piece
        assert "Alice: Tags none → boiler, VIP" in piece
        wrong = text(self.owner.post(address, {**form, "lead-value": "much"}, headers={"HX-Request": "true"}))
        assert "Write a sum like 1250" in wrong
        page = self.page("call", self.made.pk, client=self.analyst)
        assert "Wants a boiler." in page
        assert "1250.50 USD" in page

    def test_why_it_is_spam_and_the_way_back(self) -> None:
        reasons = [{"kind": "repeat", "calls": 8, "numbers": 5, "minutes": 30}]
        Call.objects.update(flag="spam", flag_reasons=reasons)
        assert "8 short calls to 5 of your numbers within 30 minutes" in self.page("call", self.made.pk)
        self.owner.post(reverse("console:call_flag", args=[self.made.pk]), {"flag": ""})
        page = self.page("call", self.made.pk)
        assert "short calls" not in page
        assert "Alice: Flag Spam → Counts" in page
        self.made.refresh_from_db()
        assert self.made.flag_settled

    def test_the_caller_can_be_blocked_from_there(self) -> None:
        assert "Block this caller" in self.page("call", self.made.pk)
        BlockedCaller.objects.create(company=self.company, pattern="+1312*")
        assert "Block this caller" not in self.page("call", self.made.pk), "is on the list already"
        assert "Block this caller" not in self.page("call", self.made.pk, client=self.analyst)

    def test_recordings_say_how_they_stand(self) -> None:
        about = {"company": self.company, "connection": self.number.connection, "call": self.made.pk, "kind": "call"}
        sound = Recording.objects.create(
            id=uuid4(), **about, carrier_recording_id="r", recorded_at=timezone.now() - timedelta(days=9),
            state="failed", problem="It is longer than 500 MB, the most that is fetched here.",
        )  # fmt: skip
        assert "could not be fetched. It is longer than 500 MB" in self.page("call", self.made.pk)
        again = reverse("console:fetch_recording_again", args=[sound.pk])
        assert self.outsider.post(again).status_code == 404
        assert "is being fetched again" in text(self.owner.post(again, follow=True))
        sound.refresh_from_db()
        assert sound.state == "waiting"
        Recording.objects.update(state="deleted", deleted_at=timezone.now())
        assert "older than your company keeps recordings" in self.page("call", self.made.pk)


class InTheLog(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]
        self.vip, self.other = self.call(self.number), self.call(self.number, caller="+16175550123")
        set_lead(self.vip, self.alice, Lead(("VIP",), qualified=True))

    def test_filters_by_tag_and_qualification(self) -> None:
        for query, found in (
            ("?tag=vip", ["(312) 555-0177"]),
            ("?tag=~", ["(617) 555-0123"]),
            ("?qualified=yes", ["(312) 555-0177"]),
            ("?qualified=unset", ["(617) 555-0123"]),
            ("?qualified=no", []),
            ("?tag=vip&tag=~", ["(312) 555-0177", "(617) 555-0123"]),
        ):
            page = self.page("calls", query=query)
            shown = [
                caller
                for caller in ("(312) 555-0177", "(617) 555-0123")
                if f"Withheld {caller}" in page or caller in page
            ]
            assert shown == found, query
        assert "1 call" in self.page("calls", query="?tag=VIP")

    def test_ticked_calls_are_tagged_together(self) -> None:
        theirs = self.call(self.numbers(1, self.elsewhere)[0])
        form = {"call": [str(self.other.pk), str(theirs.pk), "nonsense"], "tags": "lawyer", "do": "add", "on": "?tag=~"}
        response = self.owner.post(reverse("console:tag_calls"), form, follow=True)
        assert response.redirect_chain == [("/calls/?tag=~", 302)]
        assert "1 call changed." in text(response)
        assert [tag.name for tag in self.other.tags.all()] == ["lawyer"]
        assert not theirs.tags.exists()
        nobody = self.owner.post(reverse("console:tag_calls"), {"tags": "lawyer"}, follow=True)
        assert "Tick some calls first" in text(nobody)
