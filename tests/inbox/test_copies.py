"""Copies by e-mail: everything known of a call, to those who want them, once, when there is something to tell."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail

from callspring.accounts.models import Membership
from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Credit
from callspring.inbox import actions
from callspring.inbox.copies import MOST_FORMS_AN_HOUR, mail_copy
from callspring.inbox.incoming import call_arrived, form_sent, text_arrived, voicemail_left
from callspring.inbox.models import Message
from callspring.jobs.models import Job
from callspring.jobs.registry import Later
from callspring.jobs.run import run_due
from tests.inbox.story import CALLER, HOSTILE, InboxStory, now
from tests.inbox.test_facts import FactsStory
from tests.stories import NOON


def due_again() -> None:
    Job.objects.filter(state=Job.State.QUEUED).update(run_at=now())
    run_due()


def html_of(message: mail.EmailMessage) -> str:
    (html,) = (content for content, kind in message.alternatives if kind == "text/html")  # type: ignore[attr-defined]
    return str(html)


class OfACreditedCall(FactsStory):
    def setUp(self) -> None:
        super().setUp()
        ended = {"answered_at": NOON + timedelta(seconds=4), "ended_at": NOON + timedelta(seconds=65)}
        self.made = self.credited(**ended, destination="+18005550199", caller_name="REYES DANA")
        mail_copy(str(self.message("call").pk), NOON)
        run_due()

    def test_it_tells_everything(self) -> None:
        (sent,) = mail.outbox
        assert sent.to == ["alice@example.com"]
        assert sent.subject == "Call from REYES DANA"
        for said in (
            "Monday, 2 March 2026, 06:00 CST",
            f"visit {self.seen.number} made this call",
            "The visitor pressed the phone link 4 s before the call",
            "From: (312) 555-0177",
            "How it ended: Answered",
            "Talked: 1 min 1 s",
            "Scenario: Everyone",
            "Rang at: (800) 555-0199",
            "Source: newsletter",
            "Medium: email",
            "Campaign: first-frost",
            "Keyword: boiler",
            "Channel: Email",
            "Landing page: shop.example",
            "Referrer: mail.example",
            "Page being viewed: Boilers · shop.example/boilers",
            "How sure: Certain, ",
            f"Visit number: {self.seen.number}",
            "IP address: 203.0.113.7",
            "Location: Chicago, Illinois, US",
            "Operating system: iOS 17",
            "Browser: Safari 17",
            "Device: mobile",
        ):
            assert said in sent.body, said
            assert in_html(said) in text_of(html_of(sent)), said
        link = f"{settings.CONFIG.console_url}/inbox/{self.thread().pk}/"
        assert link in sent.body
        assert f'href="{link}"' in html_of(sent)

    def test_the_path_with_the_call_in_its_place(self) -> None:
        (sent,) = mail.outbox
        path = re.findall(r"^  (\d\d:\d\d:\d\d)  (.*)$", str(sent.body), re.MULTILINE)
        assert path == [
            ("05:57:00", "Home (shop.example · 55 s)"),
            ("05:59:00", "Boilers (shop.example/boilers · 55 s · on this page when calling)"),
            ("05:59:56", f"Pressed the phone link ({self.pretty(self.tracked.e164)})"),
            ("06:00:00", "*** Called ***"),
            ("06:01:30", "Prices (shop.example/prices · 55 s)"),
        ]

    def pretty(self, e164: str) -> str:
        return f"({e164[2:5]}) {e164[5:8]}-{e164[8:]}"

    def test_once(self) -> None:
        mail_copy(str(self.message("call").pk), NOON)
        run_due()
        assert len(mail.outbox) == 1


def in_html(text: str) -> str:
    """As the table has it: what and value in cells of their own."""
    return text.replace(": ", " ", 1)


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class WhoAndWhen(InboxStory):
    def made(self, **changes: Any) -> Call:
        ended = {"ended_at": now(), "status": "no-answer", "duration": None}
        return self.arrived(now(), **(ended | changes))

    def finally_credited(self, call: Call) -> None:
        credit_call(Call.objects.get(pk=call.pk), final=True)

    def test_to_those_of_the_company_who_want_them(self) -> None:
        Membership.objects.filter(user__in=(self.bob, self.charlie)).update(email_copies=True)
        self.finally_credited(self.made())
        run_due()
        assert sorted(one.to[0] for one in mail.outbox) == ["alice@example.com", "bob@example.com"]
        assert self.message("call").mailed_at is not None

    def test_not_to_who_cannot_sign_in_any_more(self) -> None:
        type(self.alice).objects.filter(pk=self.alice.pk).update(is_active=False)
        self.finally_credited(self.made())
        run_due()
        assert mail.outbox == []

    def test_it_waits_for_the_end_and_the_final_credit(self) -> None:
        call = self.made(status="ringing", ended_at=None)
        run_due()
        assert mail.outbox == []
        call.status, call.ended_at = "no-answer", now()
        call.save()
        due_again()
        assert mail.outbox == []
        credit_call(call, final=False)
        due_again()
        assert mail.outbox == []
        credit_call(call, final=True)
        due_again()
        assert [one.subject for one in mail.outbox] == ["Missed call from (312) 555-0177"]
        assert "Missed: nobody answered" in mail.outbox[0].body

    def test_it_does_not_wait_for_ever(self) -> None:
        self.made(status="ringing", ended_at=None)
        mail_copy(str(self.message("call").pk), now() - timedelta(minutes=6))
        run_due()
        assert "How it ended is not known yet" in mail.outbox[0].body

    def test_but_longer_for_a_conversation(self) -> None:
        self.made(status="answered", ended_at=None)
        name = str(self.message("call").pk)
        with pytest.raises(Later):
            mail_copy(name, now() - timedelta(minutes=90))
        mail_copy(name, now() - timedelta(hours=3))
        run_due()
        assert "still talking" in mail.outbox[0].body

    def test_flagged_ones_are_not_mailed(self) -> None:
        self.finally_credited(self.made(flag="test"))
        self.finally_credited(self.made(caller="+13125550101"))
        actions.flag_thread(self.thread("+13125550101"), "spam")
        text_arrived(self.text(at=now(), caller="+13125550101"))
        run_due()
        assert mail.outbox == []

    def test_what_is_old_when_it_comes_in_is_no_news(self) -> None:
        self.finally_credited(self.arrived(now() - timedelta(days=2), ended_at=now()))
        assert self.waiting("inbox.mail_copy") == []

    def test_a_call_and_its_voicemail_are_one_mail(self) -> None:
        call = self.made()
        voicemail_left(self.recording(call.pk, recorded_at=now()))
        self.finally_credited(call)
        run_due()
        due_again()
        (sent,) = mail.outbox
        assert sent.subject == "Voicemail from (312) 555-0177"
        assert "Voicemail: 23 s" in sent.body
        assert not Message.objects.filter(mailed_at=None).exists()

    def test_a_voicemail_that_comes_after_that_is_mailed_by_itself(self) -> None:
        call = self.made()
        self.finally_credited(call)
        run_due()
        voicemail_left(self.recording(call.pk, recorded_at=now()))
        run_due()
        assert [one.subject.split()[0] for one in mail.outbox] == ["Missed", "Voicemail"]


class OtherMessages(InboxStory):
    def test_a_text(self) -> None:
        self.arrived(NOON, caller_name="Dana")
        text_arrived(self.text("Do you\nrepair boilers?", at=now()))
        run_due()
        (sent,) = mail.outbox
        assert sent.subject == "Text from Dana"
        assert "> Do you\n> repair boilers?" in sent.body
        assert CALLER[2:5] in sent.body

    def test_a_form_with_what_is_known_of_its_visit(self) -> None:
        visit = self.visit(city="Chicago", browser="Firefox 140", campaign="first-frost")
        form_sent(self.form(at=now(), visit=str(visit.pk)))
        run_due()
        (sent,) = mail.outbox
        assert sent.subject == "Form message from Dana Reyes"
        for said in ("> message: A leak", "Campaign: first-frost", "Location: Chicago", "Browser: Firefox 140"):
            assert said in sent.body

    def test_a_form_with_the_visit_of_somebody_else_tells_nothing_of_it(self) -> None:
        theirs = self.visit(self.elsewhere, city="Secret")
        form_sent(self.form(at=now(), visit=str(theirs.pk)))
        run_due()
        assert "Secret" not in mail.outbox[0].body

    def test_a_flood_of_forms_is_no_flood_of_mails(self) -> None:
        for _ in range(MOST_FORMS_AN_HOUR + 5):
            form_sent(self.form(at=now()))
        run_due()
        assert len(mail.outbox) == MOST_FORMS_AN_HOUR
        assert Message.objects.count() == MOST_FORMS_AN_HOUR + 5


class HostileText(FactsStory):
    def test_stays_text_and_keeps_to_its_line(self) -> None:
        # As the doors let it through at most: no database takes NUL.
        said = HOSTILE.replace("\x00", "")
        type(self.seen).objects.update(browser=said[:40], referrer=f"https://a.example/{said}", city=said[:60])
        type(self.viewed).objects.filter(pk=self.viewed.pk).update(title=f"{said}\nSource: forged")
        call = self.credited(ended_at=NOON, caller_name=f"Eve\nBcc: victim@example.com {said}"[:80])
        text_arrived(self.text(f"{HOSTILE}\n\nFrom: forged", at=now()))
        mail_copy(str(self.message("call").pk), NOON)
        run_due()
        assert Credit.objects.filter(call=call).exists()
        assert len(mail.outbox) == 2
        for sent in mail.outbox:
            assert "\n" not in sent.subject
            assert sent.recipients() == ["alice@example.com"]
            assert "Bcc" not in sent.message()
            assert "<script>" not in html_of(sent)
            assert "&lt;script&gt;" in html_of(sent)
            assert "7|add:7" in sent.body
            assert not re.search(r"^\s*(Source|From): forged", str(sent.body), re.MULTILINE)
            assert "\u202e" not in sent.body + html_of(sent)

    def test_a_call_that_changes_after_its_copy_is_not_mailed_again(self) -> None:
        call = self.credited(ended_at=NOON)
        mail_copy(str(self.message("call").pk), NOON)
        call_arrived(call)
        run_due()
        assert len(mail.outbox) == 1
