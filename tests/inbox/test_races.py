"""Two at the same moment, on a database that really commits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction

from callspring.accounts.models import Membership, User
from callspring.calls.models import Call, Flag
from callspring.ids import new_id
from callspring.inbox import actions, finding
from callspring.inbox.incoming import text_arrived
from callspring.inbox.models import Message, ReadMark, Thread
from callspring.inbox.sending import send_text
from callspring.numbers.models import Connection
from callspring.records import TextSaid
from tests.inbox.test_sending import SID, TAKEN, twilio
from tests.ingest.world import CALLER, World
from tests.races import at_once


@pytest.fixture
def world(transactional_db: None, tmp_path: Path) -> Iterator[World]:  # noqa: ARG001 - a fixture asked for by name
    made = World(tmp_path)
    Connection.objects.filter(pk=made.connection.pk).update(carrier="twilio", account=SID, secret="0" * 32)
    yield made
    made.close()


def text(world: World, name: str) -> TextSaid:
    ours = world.pool[0]
    return TextSaid(name, world.t, world.company.pk, world.connection.pk, name, CALLER, ours.e164, "Hi", ours.pk)


def test_a_new_caller_has_one_thread(world: World) -> None:
    def arrives(name: str) -> None:
        with transaction.atomic():
            text_arrived(text(world, name))

    outcomes = at_once([lambda name=name: arrives(name) for name in ("a", "b", "a", "c")])  # type: ignore[misc]
    assert outcomes == [None] * 4
    assert Thread.objects.get().messages.count() == 3


def test_a_text_leaves_once(world: World) -> None:
    thread = Thread.objects.create(
        company=world.company, contact=CALLER, last_at=datetime.now(UTC), last_inbound_at=datetime.now(UTC)
    )
    message = Message.objects.create(
        id=UUID(new_id()), company=world.company, thread=thread, kind="text_out", at=datetime.now(UTC), body="Hi",
        number=world.pool[0], state="queued",
    )  # fmt: skip
    with twilio((201, TAKEN)) as asked:
        at_once([lambda: send_text(str(message.pk))] * 4)
    assert len(asked) == 1
    message.refresh_from_db()
    assert (message.state, message.error, message.carrier_text_id) == ("sent", "", TAKEN["sid"])


def test_two_tabs_of_one_person_read_together(world: World) -> None:
    alice = User.objects.create_user("alice@example.com")
    Membership.objects.create(user=alice, company=world.company, role=Membership.Role.OWNER)
    text_arrived(text(world, "a"))
    thread = Thread.objects.get()
    assert at_once([lambda: actions.mark_read(thread, alice)] * 4) == [None] * 4
    assert ReadMark.objects.get().read_at == thread.last_inbound_at


def test_a_call_that_comes_while_its_thread_is_flagged_is_flagged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite lets nobody in between")
    world.ingest(world.said(0, world.pool[0], "sb_1"), at=1)
    really = finding.of_call

    def flagged_meanwhile(*about: Any) -> tuple[Thread, bool]:
        found = really(*about)
        assert at_once([lambda: actions.flag_thread(Thread.objects.get(), Flag.SPAM)]) == [None]
        return found

    with monkeypatch.context() as patch:
        patch.setattr(finding, "of_call", flagged_meanwhile)
        world.ingest(world.said(5, world.pool[0], "sb_2"), at=6)
    assert {call.flag for call in Call.objects.all()} == {Flag.SPAM}
