"""What people do in the inbox, as the browser asks for it; an outsider gets nowhere."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.urls import reverse

from callspring.inbox.actions import reply
from callspring.inbox.models import Message, Thread
from tests.console.inbox_story import CALLER, InboxPages
from tests.console.pages import text

FRAGMENT = {"HX-Request": "true"}


class Verbs(InboxPages):
    def setUp(self) -> None:
        super().setUp()
        self.made = self.visits_and_dials()
        self.mine = self.thread(CALLER)

    def post(self, verb: str, client: Any = None, *more: object, **form: str) -> Any:
        address = reverse(f"console:{verb}", args=[self.mine.pk, *more])
        return (client or self.owner).post(address, form, headers=FRAGMENT)

    def test_a_reply_is_on_its_way_at_once(self) -> None:
        response = self.post("thread_reply", body="We are open until six.")
        assert response.headers["HX-Trigger-After-Settle"] == "inbox-changed"
        assert "data-sent" in response.content.decode()
        message = self.last(self.mine)
        assert (message.kind, message.body, message.state) == ("text_out", "We are open until six.", "queued")
        assert (message.number, message.author) == (self.tracked, self.alice)
        page = self.page("thread", self.mine.pk)
        assert "We are open until six." in page
        assert "Being sent" in page

    def test_a_reply_that_cannot_be_sent_keeps_its_text_and_says_why(self) -> None:
        for body, why in (("   ", "Write something first"), ("x" * 1601, "at most 1,600 characters")):
            html = self.post("thread_reply", body=body).content.decode()
            assert why in html
            assert body.strip() in html
            assert 'aria-invalid="true"' in html
        assert not Message.objects.filter(kind="text_out").exists()
        page = text(self.owner.post(reverse("console:thread_reply", args=[self.mine.pk]), {"body": "x" * 1601}))
        assert "at most 1,600 characters" in page  # without script, in the whole page

    def test_a_text_that_was_not_delivered_can_be_sent_again(self) -> None:
        failed = reply(self.mine, self.alice, "Hello")
        Message.objects.filter(pk=failed.pk).update(state="failed", error="30005 Unknown destination")
        page = self.page("thread", self.mine.pk)
        assert "Not delivered" in page
        assert "30005 Unknown destination" in page
        assert self.post("thread_retry", None, failed.pk).status_code == 204
        failed.refresh_from_db()
        assert failed.state == "queued"
        assert "not waiting to be sent again" in text(self.post("thread_retry", None, failed.pk))
        assert self.post("thread_retry", None, uuid4()).status_code == 404

    def test_a_reply_through_another_number_says_so(self) -> None:
        sent = reply(self.mine, self.alice, "Hello")
        Message.objects.filter(pk=sent.pk).update(data={"instead_of": "+13125550111"})
        assert "from (312) 555-0100 instead of (312) 555-0111" in self.page("thread", self.mine.pk)

    def test_notes(self) -> None:
        self.post("thread_note", self.agent, body="Ask for the invoice")
        assert (self.last(self.mine).body, self.last(self.mine).author) == ("Ask for the invoice", self.dora)
        assert "Write something first" in text(self.post("thread_note", body=" "))

    def test_naming_assigning_and_flagging(self) -> None:
        assert "Mrs. Oakley" in text(self.post("thread_name", name="Mrs. Oakley"))
        self.post("thread_assign", person=str(self.dora.pk))
        self.post("thread_flag", flag="spam")
        self.mine.refresh_from_db()
        self.made.refresh_from_db()
        assert (self.mine.name, self.mine.assigned_to) == ("Mrs. Oakley", self.dora)
        assert (self.mine.flag, self.made.flag) == ("spam", "spam")
        assert "Spam: this caller’s calls count in no report. Undo" in text(self.post("thread_flag", flag="spam"))
        for nonsense in (str(self.charlie.pk), "x", "9" * 30):
            self.post("thread_assign", person=nonsense)
        self.post("thread_flag", flag="nonsense")
        self.mine.refresh_from_db()
        assert (self.mine.assigned_to, self.mine.flag) == (self.dora, "spam")
        self.post("thread_assign", person="")
        self.post("thread_flag", flag="")
        self.mine.refresh_from_db()
        self.made.refresh_from_db()
        assert (self.mine.assigned_to, self.mine.flag, self.made.flag) == (None, "", "")

    def test_marking_unread_closes_the_thread(self) -> None:
        self.page("thread", self.mine.pk)
        response = self.post("thread_unread")
        assert response.headers["HX-Push-Url"] == "/inbox/"
        assert "Choose a thread" in text(response)
        assert "Unread 1" in self.page("inbox")

    def test_a_call_is_flagged_on_its_page_and_back(self) -> None:
        address = reverse("console:call_flag", args=[self.made.pk])
        assert self.owner.post(address, {"flag": "test"}, headers=FRAGMENT).headers["HX-Trigger"] == "call-changed"
        assert "Test call: it counts in no report. Show in the inbox Undo" in self.page("call", self.made.pk)
        self.owner.post(address, {"flag": "nonsense"})
        self.made.refresh_from_db()
        assert self.made.flag == "test"
        self.owner.post(address, {"flag": ""})
        assert "counts in no report" not in self.page("call", self.made.pk)

    def test_an_outsider_gets_nowhere(self) -> None:
        failed = reply(self.mine, self.alice, "Hello")
        Message.objects.update(state="failed")
        before = self.state()
        for verb, more in (
            ("reply", ()), ("note", ()), ("name", ()), ("assign", ()), ("flag", ()), ("unread", ()),
            ("retry", (failed.pk,)),
        ):  # fmt: skip
            form = {"body": "x", "name": "x", "person": str(self.charlie.pk), "flag": "spam"}
            address = reverse(f"console:thread_{verb}", args=[self.mine.pk, *more])
            assert self.outsider.post(address, form).status_code == 404, verb
            assert self.stranger.post(address, form).headers["Location"].startswith("/sign-in/"), verb
        for address in (f"/inbox/{self.mine.pk}/", f"/calls/{self.made.pk}/thread/"):
            assert self.outsider.get(address).status_code == 404
        assert self.outsider.post(f"/calls/{self.made.pk}/flag/", {"flag": "spam"}).status_code == 404
        assert "Nobody has called yet" in self.page("inbox", client=self.outsider)
        assert self.state() == before

    def test_an_outsiders_thread_is_no_way_to_our_message(self) -> None:
        """A message is looked for in the thread of the address alone."""
        failed = reply(self.mine, self.alice, "Hello")
        Message.objects.update(state="failed")
        theirs = Thread.objects.create(
            company=self.elsewhere, contact=CALLER, last_at=self.now, last_inbound_at=self.now
        )
        address = reverse("console:thread_retry", args=[theirs.pk, failed.pk])
        assert self.outsider.post(address).status_code == 404

    def test_an_analyst_reads_and_writes_nothing(self) -> None:
        before = self.state()
        page = self.owner.get(f"/inbox/{self.mine.pk}/").content.decode()
        assert 'id="composer"' in page
        looked = self.analyst.get(f"/inbox/{self.mine.pk}/").content.decode()
        assert 'id="composer"' not in looked
        assert "google / cpc" in looked
        for verb in ("reply", "note", "name", "assign", "flag"):
            assert self.post(f"thread_{verb}", self.analyst, body="x", name="x", flag="spam").status_code == 403
        assert self.state() == before

    def test_an_agent_sees_the_inbox_and_the_calls_alone(self) -> None:
        html = self.agent.get("/inbox/").content.decode()
        menu = html.split('class="cs-nav"')[1].split("</nav>")[0]
        assert menu.count("<a ") == 2
        assert 'href="/inbox/"' in menu
        assert 'href="/calls/"' in menu

    def state(self) -> list[Any]:
        threads = Thread.objects.filter(company=self.company)
        return [
            list(threads.values("name", "assigned_to", "flag")),
            list(Message.objects.filter(company=self.company).values("pk", "state")),
            list(self.company.calls.values("flag")),
        ]
