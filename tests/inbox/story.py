"""A company with a number that callers reach, and what carriers and pages would bring to the inbox."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from callspring.accounts.models import User
from callspring.calls.models import Call, Recording
from callspring.ids import derived_id, new_id
from callspring.inbox import queries
from callspring.inbox.incoming import call_arrived
from callspring.inbox.models import Message, Thread
from callspring.jobs.models import Job
from callspring.numbers.models import Number
from callspring.records import TextBecame, TextSaid, VisitorDid
from tests.stories import NOON, Story

CALLER = "+13125550177"
FORM: dict[str, Any] = {"phone": "(312) 555-0177", "name": "Dana Reyes", "message": "A leak"}
HOSTILE = "<script>alert(1)</script>\u202e{{ 7|add:7 }}' OR 1=1 -- \x00\n=cmd|' /C calc'!A0"


class InboxStory(Story):
    number: Number

    def setUp(self) -> None:
        super().setUp()
        self.number = self.numbers(1)[0]

    def arrived(self, at: datetime = NOON, **changes: Any) -> Call:
        """A call that the inbox has heard of."""
        call = self.call(changes.pop("number", self.number), at=at, **changes)
        call_arrived(call)
        return call

    def text(self, body: str = "Do you repair boilers?", at: datetime = NOON, **changes: Any) -> TextSaid:
        name = changes.pop("name", uuid4().hex)
        fields: dict[str, Any] = {
            "id": derived_id("text", name),
            "received_at": at.timestamp(),
            "company": self.company.pk,
            "connection": self.number.connection_id,
            "carrier_text_id": name,
            "caller": CALLER,
            "dialled": self.number.e164,
            "body": body,
            "number": self.number.pk,
        }
        return TextSaid(**(fields | changes))

    def news(self, carrier_text_id: str, state: str, error: str = "") -> TextBecame:
        connection = self.number.connection_id
        return TextBecame(NOON.timestamp(), self.company.pk, connection, carrier_text_id, state, error)

    def recording(self, call: UUID, **changes: Any) -> Recording:
        fields: dict[str, Any] = {
            "id": UUID(new_id()),
            "call": call,
            "kind": Recording.Kind.VOICEMAIL,
            "carrier_recording_id": uuid4().hex,
            "duration": 23,
            "recorded_at": NOON + timedelta(seconds=30),
        }
        connection = self.number.connection
        return Recording.objects.create(company=self.company, connection=connection, **(fields | changes))

    def form(self, sent: dict[str, Any] | None = None, at: datetime = NOON, visit: str = "") -> VisitorDid:
        sent = FORM if sent is None else sent
        visit = visit or new_id()
        return VisitorDid(new_id(), at.timestamp(), self.company.pk, visit, new_id(), "custom", "form", sent)

    def thread(self, contact: str = CALLER) -> Thread:
        return Thread.objects.get(company=self.company, contact=contact)

    def message(self, kind: str) -> Message:
        return Message.objects.get(company=self.company, kind=kind)

    def listed(self, folder: str = queries.OPEN, search: str = "", user: User | None = None) -> list[Thread]:
        return list(queries.threads(self.company, user or self.alice, folder, search))

    def waiting(self, kind: str) -> list[dict[str, Any]]:
        """The payloads of jobs of this kind that have not been done."""
        return list(
            Job.objects.filter(kind=kind, state=Job.State.QUEUED).order_by("pk").values_list("payload", flat=True)
        )


def now() -> datetime:
    return timezone.now()
