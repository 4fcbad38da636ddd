"""A story with an inbox: callers of every sort, brought in as the ingester would bring them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils import timezone

from callspring.accounts.models import Membership, User
from callspring.calls.crediting import credit_call
from callspring.calls.models import Call, Recording
from callspring.ids import new_id
from callspring.inbox import incoming
from callspring.inbox.models import Message, Thread
from callspring.numbers.models import Number
from callspring.records import TextSaid, VisitorDid
from callspring.scenarios.models import Scenario
from callspring.stores.blobs.files import FileBlobs
from callspring.visits.models import PageView, VisitEvent
from tests.console.pages import Pages

CALLER, TEXTER, SILENT = "+13125550177", "+13125550188", "+13125550166"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"
# One second of silence: eight-bit mono at 8 kHz.
SOUND = b"RIFF" + (36 + 8000).to_bytes(4, "little") + b"WAVEfmt " + bytes.fromhex(
    "1000000001000100401f0000401f000001000800"
) + b"data" + (8000).to_bytes(4, "little") + b"\x80" * 8000  # fmt: skip


class InboxPages(Pages):
    """`self.agent` is Dora's browser: she works in Alice's company and sees the inbox and the calls only."""

    dora: User
    scenario: Scenario
    tracked: Number
    now: datetime

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.dora = User.objects.create_user("dora@example.com", name="Dora")
        Membership.objects.create(user=cls.dora, company=cls.company, role=Membership.Role.AGENT)
        User.objects.update(created_at=timezone.now() - timedelta(days=30))
        for person in (cls.alice, cls.dora):  # what comes in is news to all of them
            person.refresh_from_db()

    def setUp(self) -> None:
        super().setUp()
        self.agent = self.browser(self.dora)
        self.now = timezone.now().replace(microsecond=0)
        self.scenario = self.pool(3, title="Drains")
        self.tracked = self.scenario.numbers.all()[0]

    def dials(self, caller: str = CALLER, minutes_ago: float = 5, status: str = "completed", **changes: Any) -> Call:
        """Somebody calls the tracked number; nothing is known of where they come from."""
        at = self.now - timedelta(minutes=minutes_ago)
        over = status not in ("ringing", "answered")
        settled: dict[str, Any] = {
            "at": at,
            "caller": caller,
            "status": status,
            "answered_at": at + timedelta(seconds=8) if status in ("completed", "answered") else None,
            "ended_at": at + timedelta(seconds=70) if over else None,
            "duration": 61 if status == "completed" else None,
        }
        call = self.call(self.tracked, **(settled | changes))
        credit_call(call, final=True)
        incoming.call_arrived(call)
        return call

    def visits_and_dials(self, caller: str = CALLER, minutes_ago: float = 5, **changes: Any) -> Call:
        """Somebody comes from a campaign, looks at two pages, presses the link, calls, and looks at a third."""
        at = self.now - timedelta(minutes=minutes_ago)
        source: dict[str, Any] = {
            "source": "google",
            "medium": "cpc",
            "campaign": "drains",
            "keyword": "plumber",
            "channel": "paid_search",
        }
        visit = self.visit(
            at=at - timedelta(seconds=90), ip="192.0.2.7", city="Oak Park", country="US", os="iOS", browser="Safari",
            device="mobile", stored_source=source, **source,
        )  # fmt: skip
        self.show(visit, self.tracked, seconds=600)
        for seconds, title, path in (
            (-90, "Emergency plumbing", ""),
            (-40, "Drains", "drains"),
            (100, "Prices", "prices"),
        ):
            opened = at + timedelta(seconds=seconds)
            page = PageView.objects.create(
                id=UUID(new_id()), company=self.company, visit=visit.pk, url=f"https://shop.example/{path}?gclid=1",
                title=changes.get("page_title", title), started_at=opened,
                last_active_at=opened + timedelta(seconds=45),
            )  # fmt: skip
        VisitEvent.objects.create(
            id=UUID(new_id()), company=self.company, visit=visit.pk, page_view=page.pk, kind="tel_click",
            name=self.tracked.e164, at=at - timedelta(seconds=4),
        )  # fmt: skip
        changes.pop("page_title", None)
        return self.dials(caller, minutes_ago, **changes)

    def texts(self, body: str, caller: str = TEXTER, minutes_ago: float = 3, media: tuple[str, ...] = ()) -> Thread:
        """Somebody writes to the tracked number."""
        said = TextSaid(
            id=new_id(), received_at=(self.now - timedelta(minutes=minutes_ago)).timestamp(), company=self.company.pk,
            connection=self.tracked.connection_id, carrier_text_id=uuid4().hex, caller=caller,
            dialled=self.tracked.e164, body=body, number=self.tracked.pk, media=media,
        )  # fmt: skip
        incoming.text_arrived(said)
        return self.thread(caller)

    def leaves_voicemail(self, call: Call, state: str = "stored") -> Recording:
        """Somebody speaks after the beep."""
        stored = state == Recording.State.STORED
        recording = Recording(
            id=UUID(new_id()), company=self.company, connection=call.connection, call=call.pk, kind="voicemail",
            state=state, carrier_recording_id=uuid4().hex, duration=12,
            recorded_at=call.started_at + timedelta(seconds=40), content_type="audio/wav" if stored else "",
            blob=f"recordings/{uuid4().hex}" if stored else "",
        )  # fmt: skip
        recording.save()
        if stored:
            FileBlobs(settings.CONFIG.blobs).put(recording.blob, [SOUND])
        incoming.voicemail_left(recording)
        return recording

    def sends_form(self, fields: dict[str, str], minutes_ago: float = 2) -> None:
        """A visitor sends a form on the site."""
        visit = self.visit(at=self.now - timedelta(minutes=minutes_ago + 1))
        did = VisitorDid(
            id=new_id(), at=(self.now - timedelta(minutes=minutes_ago)).timestamp(), company=self.company.pk,
            visit=str(visit.pk), page="", kind="custom", name="form", data={**fields},
        )  # fmt: skip
        incoming.form_sent(did)

    def thread(self, caller: str) -> Thread:
        return Thread.objects.get(company=self.company, contact=caller)

    def last(self, thread: Thread) -> Message:
        found = Message.objects.filter(thread=thread).order_by("at", "id").last()
        assert found is not None
        return found
