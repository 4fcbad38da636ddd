"""A reply leaves once: through the sandbox as it is, and through a carrier that fails in every way one can."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from urllib.parse import parse_qs

import pytest
from django.conf import settings
from django.test import override_settings

from callspring.carriers.sandbox.texts import Texts
from callspring.inbox import actions
from callspring.inbox.incoming import text_became
from callspring.inbox.models import Message
from callspring.inbox.sending import send_text
from callspring.jobs.models import Job
from callspring.jobs.registry import Later
from callspring.jobs.run import run_due
from callspring.numbers.models import Connection
from tests.inbox.story import CALLER, InboxStory, now

SID = "AC" + "0" * 32
TAKEN: dict[str, object] = {
    "sid": "SM" + "1" * 32,
    "status": "queued",
    "account_sid": SID,
    "body": "",
    "num_media": "0",
    "num_segments": "1",
}


class Sending(InboxStory):
    def setUp(self) -> None:
        super().setUp()
        self.arrived(now())

    def reply(self, body: str = "We do.") -> Message:
        return actions.reply(self.thread(), self.alice, body)

    def state(self, message: Message) -> tuple[str, str]:
        found = Message.objects.get(pk=message.pk)
        return found.state, found.error

    def texts(self) -> list[tuple[str, str, str]]:
        return [(one.sender, one.to, one.body) for one in Texts(settings.CONFIG.sandbox_books).all()]


class ThroughTheSandbox(Sending):
    def test_it_leaves_and_its_news_find_it(self) -> None:
        message = self.reply("We do.\n<b>Tomorrow</b>")
        run_due()
        assert self.texts() == [(self.number.e164, CALLER, "We do.\n<b>Tomorrow</b>")]
        (sent,) = Texts(settings.CONFIG.sandbox_books).all()
        assert sent.events == f"{settings.CONFIG.doors_url}/voice/sandbox/{self.number.connection_id}/text-events"
        assert self.state(message) == ("sent", "")
        text_became(self.news(sent.id, "delivered"))
        assert self.state(message) == ("delivered", "")

    def test_the_job_again_sends_nothing_again(self) -> None:
        message = self.reply()
        run_due()
        send_text(str(message.pk))
        assert len(self.texts()) == 1
        assert self.state(message) == ("sent", "")

    def test_a_try_whose_end_nobody_saw_is_not_repeated(self) -> None:
        message = self.reply()
        Message.objects.filter(pk=message.pk).update(sending_since=now())  # and then the process died
        run_due()
        assert self.texts() == []
        state, error = self.state(message)
        assert state == "failed"
        assert "uncertain" in error
        actions.retry(Message.objects.get(pk=message.pk))
        run_due()
        assert len(self.texts()) == 1
        assert self.state(message) == ("sent", "")

    def test_credentials_that_the_carrier_does_not_know(self) -> None:
        Connection.objects.filter(company=self.company).update(secret="x" * 32)
        message = self.reply()
        run_due()
        state, error = self.state(message)
        assert state == "failed"
        assert error
        assert self.texts() == []


class ThroughACarrierThatFails(Sending):
    """Twilio's API, in front of a server that answers as the test says."""

    def setUp(self) -> None:
        super().setUp()
        Connection.objects.filter(company=self.company).update(carrier="twilio", account=SID, secret="0" * 32)

    def test_taken(self) -> None:
        message = self.reply()
        with twilio((201, TAKEN)) as asked:
            run_due()
        assert self.state(message) == ("sent", "")
        assert Message.objects.get(pk=message.pk).carrier_text_id == TAKEN["sid"]
        (sent,) = asked
        assert (sent["From"], sent["To"], sent["Body"]) == ([self.number.e164], [CALLER], ["We do."])
        assert sent["StatusCallback"][0].endswith(f"/voice/twilio/{self.number.connection_id}/text-events")

    def test_refused_with_a_reason(self) -> None:
        message = self.reply()
        with twilio((400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400})):
            run_due()
        state, error = self.state(message)
        assert state == "failed"
        assert "STOP" in error

    def test_not_reached_it_waits_and_leaves_later(self) -> None:
        message = self.reply()
        with twilio(None):
            run_due()
        assert self.state(message) == ("queued", "")
        job = Job.objects.get(kind="inbox.send_text")
        assert job.state == Job.State.QUEUED
        assert job.run_at > now()
        Job.objects.filter(pk=job.pk).update(run_at=now())
        with twilio((201, TAKEN)) as asked:
            run_due()
        assert len(asked) == 1
        assert self.state(message) == ("sent", "")

    def test_what_could_not_leave_for_hours_is_given_up(self) -> None:
        message = self.reply()
        Message.objects.filter(pk=message.pk).update(at=now() - timedelta(hours=7))
        with twilio(None):
            run_due()
        assert self.state(message)[0] == "failed"

    def test_a_pause_is_kept(self) -> None:
        message = self.reply()
        with twilio((429, {})), pytest.raises(Later) as later:
            send_text(str(message.pk))
        assert later.value.seconds >= 20
        assert Message.objects.get(pk=message.pk).sending_since is None

    def test_broken_off_after_the_request_it_is_not_sent_twice(self) -> None:
        message = self.reply()
        with twilio((0, {})) as asked:
            run_due()
            run_due()
        assert len(asked) == 1
        state, error = self.state(message)
        assert state == "failed"
        assert "uncertain" in error


@contextmanager
def twilio(answer: tuple[int, Mapping[str, object]] | None) -> Iterator[list[dict[str, list[str]]]]:
    """Answer every request with this status and JSON; 0 breaks off after the request, None is nobody there."""
    asked: list[dict[str, list[str]]] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            length = 0
            while line := self.rfile.readline().strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            asked.append(parse_qs(self.rfile.read(length).decode()))
            if answer and answer[0]:
                body = json.dumps(answer[1]).encode()
                head = f"HTTP/1.1 {answer[0]} x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
                self.wfile.write(f"{head}connection: close\r\n\r\n".encode() + body)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        apis = MappingProxyType({"twilio": f"http://127.0.0.1:{server.server_address[1]}"})
        if answer is None:
            server.server_close()
        else:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        with override_settings(CONFIG=replace(settings.CONFIG, carrier_apis=apis)):
            yield asked
        if answer is not None:
            server.shutdown()
