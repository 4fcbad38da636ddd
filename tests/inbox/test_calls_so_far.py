"""The migration that gives threads to calls from before there was an inbox."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from uuid import UUID, uuid4

from django.apps import apps

from callspring.calls.models import Call
from callspring.ids import new_id
from callspring.inbox.incoming import call_arrived
from callspring.inbox.models import Message, Thread
from callspring.jobs.models import Job
from tests.inbox.story import CALLER, InboxStory, now

migration = import_module("callspring.inbox.migrations.0003_calls_so_far")


class CallsSoFar(InboxStory):
    def setUp(self) -> None:
        super().setUp()
        self.started = now() + timedelta(hours=1)  # after Alice came: unread if nobody said otherwise
        self.call(self.number, at=self.started)
        self.last = self.call(self.number, at=self.started + timedelta(minutes=5))
        self.withheld = self.call(self.number, at=self.started, caller="")
        self.theirs = self.call(self.numbers(1, self.elsewhere)[0], at=self.started)

    def migrate(self) -> None:
        migration.give_threads(apps, None)

    def test_each_call_finds_its_thread_read_by_everybody(self) -> None:
        self.migrate()
        assert Thread.objects.count() == 3
        thread = self.thread()
        assert thread.messages.count() == 2
        assert thread.last_at == thread.last_inbound_at == self.last.started_at
        assert [one.number for one in thread.messages.all()] == [self.number, self.number]
        assert Thread.objects.get(call=self.withheld.pk).contact == ""
        assert Thread.objects.get(company=self.elsewhere).messages.get().call == self.theirs.pk
        assert [one.unread for one in self.listed()] == [False, False]  # type: ignore[attr-defined]
        assert not Job.objects.filter(kind="inbox.mail_copy").exists()

    def test_again_and_after_the_inbox_has_begun_changes_nothing(self) -> None:
        call_arrived(self.last)
        self.migrate()
        before = set(Message.objects.values_list("pk", "thread", "at"))
        self.migrate()
        call_arrived(Call.objects.get(pk=self.withheld.pk))
        assert set(Message.objects.values_list("pk", "thread", "at")) == before
        assert len(before) == 4

    def test_more_calls_than_are_taken_at_once(self) -> None:
        number = self.number
        Call.objects.bulk_create(
            Call(
                id=UUID(new_id()),
                company=self.company,
                connection=number.connection,
                carrier_call_id=uuid4().hex,
                caller=f"+1312555{place % 700:04d}" if place % 5 else "",
                dialled=number.e164,
                number=number,
                status="completed",
                started_at=self.started + timedelta(seconds=place),
            )
            for place in range(2 * migration.AT_ONCE + 100)
        )
        self.migrate()
        assert Message.objects.count() == Call.objects.count() == 2 * migration.AT_ONCE + 104
        for thread in Thread.objects.filter(company=self.company).prefetch_related("messages"):
            assert thread.last_at == max(message.at for message in thread.messages.all())
        assert self.thread(CALLER).messages.count() == 2 + 2
