"""`/threads` and their messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from callspring.calls.models import Call
from callspring.inbox import actions
from callspring.inbox.incoming import call_arrived, form_sent, text_arrived
from callspring.inbox.models import Thread
from callspring.records import TextSaid, VisitorDid
from tests.api.story import ApiStory
from tests.stories import NOON

CALLER, OTHER = "+13125550177", "+13125550101"


class Threads(ApiStory):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]
        self.made = self.arrived(CALLER, 0)
        self.arrived(OTHER, 10)

    def arrived(self, caller: str, minutes: int) -> Call:
        call = self.call(self.number, NOON + timedelta(minutes=minutes), caller=caller)
        call_arrived(call)
        return call

    def thread(self, contact: str = CALLER) -> Thread:
        return Thread.objects.get(company=self.company, contact=contact)

    def text(self, body: str) -> None:
        at = (NOON + timedelta(hours=1)).timestamp()
        connection = self.number.connection_id
        name = uuid4().hex
        text_arrived(
            TextSaid(
                name, at, self.company.pk, connection, name, CALLER, self.number.e164, body, self.number.pk,
                ("https://api.example/1.jpg",),
            )
        )  # fmt: skip

    def test_everything_known_of_a_thread(self) -> None:
        actions.assign(self.thread(), self.bob)
        actions.rename(self.thread(), "Dana")
        found = self.get(f"threads/{self.thread().pk}")
        assert found.pop("created_at").endswith("Z")
        assert found == {
            "id": self.thread().pk,
            "contact": CALLER,
            "name": "Dana",
            "flag": "",
            "assigned_to": {"id": self.bob.pk, "name": "Bob"},
            "last_at": "2026-03-02T12:00:00Z",
            "last_inbound_at": "2026-03-02T12:00:00Z",
        }
        assert self.get("threads", contact=CALLER)["items"][0].items() >= found.items()

    def test_messages_newest_first(self) -> None:
        self.text("Do you <b>repair</b> boilers?")
        first = self.get(f"threads/{self.thread().pk}/messages", limit=1)
        second = self.get(f"threads/{self.thread().pk}/messages", limit=1, cursor=first["next"])
        (text,), (call,) = first["items"], second["items"]
        number = {"id": self.number.pk, "e164": self.number.e164}
        assert (text["kind"], text["body"], text["number"]) == ("text_in", "Do you <b>repair</b> boilers?", number)
        assert text["media"] == ["https://api.example/1.jpg"]
        assert (call["kind"], call["call"], call["number"]) == ("call", str(self.made.pk), number)
        assert second["next"] is None

    def test_a_form_a_note_and_a_reply(self) -> None:
        sent: dict[str, Any] = {"phone": "(312) 555-0177", "message": "A leak"}
        visit = self.visit()
        form_sent(
            VisitorDid(str(uuid4()), NOON.timestamp(), self.company.pk, str(visit.pk), "", "custom", "form", sent)
        )
        actions.add_note(self.thread(), self.bob, "Is at home on Tuesdays")
        actions.reply(self.thread(), self.alice, "We come on Tuesday.")
        found = {one["kind"]: one for one in self.get(f"threads/{self.thread().pk}/messages")["items"]}
        assert (found["form"]["fields"], found["form"]["visit"]) == (sent, str(visit.pk))
        assert found["note"]["author"] == {"id": self.bob.pk, "name": "Bob"}
        assert (found["text_out"]["state"], found["text_out"]["error"]) == ("queued", "")

    def test_pages_and_flags(self) -> None:
        first = self.get("threads", limit=1)
        second = self.get("threads", limit=1, cursor=first["next"])
        assert [page["items"][0]["contact"] for page in (first, second)] == [OTHER, CALLER]
        assert second["next"] is None
        actions.flag_thread(self.thread(), "spam")
        assert self.ids("threads", flag="spam") == [self.thread().pk]
        assert self.ids("threads", flag="") == [self.thread(OTHER).pk]
        assert len(self.ids("threads")) == 2

    def test_the_outsider_finds_nothing(self) -> None:
        assert self.get("threads", key=self.charlies)["items"] == []
        assert self.get("threads", key=self.charlies, contact=CALLER)["items"] == []
        for path in (f"threads/{self.thread().pk}", f"threads/{self.thread().pk}/messages"):
            assert self.get(path, key=self.charlies, expect=404) == {"detail": "There is no such thread."}
            self.get(path, key="", expect=401)

    def test_what_makes_no_sense(self) -> None:
        self.get("threads/999999", expect=404)
        self.get(f"threads/{2**70}/messages", expect=404)
        self.get("threads", flag="nonsense", expect=422)
        self.get("threads", contact="' OR 1=1", expect=422)
        self.get("threads", cursor="x", expect=400)
        self.get(f"threads/{self.thread().pk}/messages", cursor="%00", expect=400)
