"""The list of threads: folders, counts, search, the latest message; nothing of another company."""

from __future__ import annotations

from dataclasses import astuple
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from callspring.inbox import actions, queries
from callspring.inbox.incoming import form_sent, text_arrived
from callspring.inbox.models import Thread
from tests.inbox.story import HOSTILE, InboxStory, now
from tests.stories import NOON

ANN, BEN, CAL = "+13125550101", "+13125550102", "+13125550103"


class Lists(InboxStory):
    def setUp(self) -> None:
        super().setUp()
        for minutes, caller in enumerate((ANN, BEN, CAL)):
            self.arrived(now() - timedelta(minutes=10 - minutes), caller=caller, status="no-answer")

    def names(self, folder: str = queries.OPEN, search: str = "", **who: Any) -> list[str]:
        known = {ANN: "Ann", BEN: "Ben", CAL: "Cal"}
        return [known[one.contact] for one in self.listed(folder, search, **who)]

    def test_the_latest_first(self) -> None:
        assert self.names() == ["Cal", "Ben", "Ann"]
        text_arrived(self.text(at=now(), caller=ANN))
        assert self.names() == ["Ann", "Cal", "Ben"]

    def test_folders_and_their_counts(self) -> None:
        earlier = now() - timedelta(hours=1)
        type(self.alice).objects.update(created_at=earlier)
        self.alice.refresh_from_db()
        actions.mark_read(self.thread(ANN), self.alice)
        actions.assign(self.thread(BEN), self.alice)
        actions.flag_thread(self.thread(CAL), "spam")
        assert self.names() == ["Ben", "Ann"]
        assert self.names(queries.UNREAD) == ["Ben"]
        assert self.names(queries.MINE) == ["Ben"]
        assert self.names(queries.SPAM) == ["Cal"]
        assert self.names(queries.TEST) == []
        assert self.names("no such folder") == ["Ben", "Ann"]
        assert astuple(queries.counts(self.company, self.alice)) == (2, 1, 1, 0, 1)

    def test_the_latest_message_of_each(self) -> None:
        text_arrived(self.text("Are you open?", at=now(), caller=ANN))
        found: list[Any] = self.listed()
        said = [(one.latest_kind, one.latest_body, one.latest_status) for one in found[:2]]
        assert said == [("text_in", "Are you open?", None), ("call", "", "no-answer")]
        assert found[1].latest_at == found[1].last_at

    def test_as_many_queries_for_many_as_for_few(self) -> None:
        self.listed()
        with CaptureQueriesContext(
            connection,
        ) as few:
            self.listed()
        for number in range(20):
            self.arrived(now(), caller=f"+1312555{1000 + number}")
        with CaptureQueriesContext(connection) as many:
            assert len(self.listed()) == 23
        assert len(few) == len(many) == 1

    def test_search(self) -> None:
        actions.rename(self.thread(ANN), "Ann Berg")
        text_arrived(self.text("The boiler in room 7 leaks 100%", at=now(), caller=BEN))
        form_sent(self.form({"phone": CAL, "message": "Please call about the sump pump"}, at=now()))
        for search, found in [
            ("ann b", ["Ann"]),
            ("BOILER", ["Ben"]),
            ("sump", ["Cal"]),
            ("555-0102", ["Ben"]),
            ("(312) 555-0103", ["Cal"]),
            ("+1 312 555 0103", ["Cal"]),
            ("100%", ["Ben"]),
            ("%", ["Ben"]),
            ("_", []),
            ("room 12", []),
            (" ", ["Cal", "Ben", "Ann"]),
            (HOSTILE, []),
            ("\x00\ud800", ["Cal", "Ben", "Ann"]),
            ("x" * 10_000, []),
        ]:
            assert sorted(self.names(search=search)) == sorted(found), search

    def test_search_by_the_name_in_the_network(self) -> None:
        self.arrived(now(), caller=ANN, caller_name="BERG PLUMBING")
        actions.rename(self.thread(ANN), "Ann")
        assert self.names(search="berg plumbing") == ["Ann"]

    def test_search_by_a_number_as_it_is_written_at_home(self) -> None:
        self.company.country = "GB"
        self.arrived(now(), caller="+442079460958")
        assert [one.contact for one in self.listed(search="020 7946 0958")] == ["+442079460958"]


class Outsiders(InboxStory):
    def test_charlie_finds_nothing(self) -> None:
        call = self.arrived(now())
        text_arrived(self.text("boiler", at=now()))
        thread = self.thread()
        assert list(queries.threads(self.elsewhere, self.charlie, search="boiler")) == []
        assert list(queries.all_threads(self.elsewhere)) == []
        assert sum(astuple(queries.counts(self.elsewhere, self.charlie))) == 0
        assert queries.thread(self.elsewhere, thread.pk) is None
        assert queries.thread_of_call(self.elsewhere, call) is None
        assert list(queries.people(self.company)) == [self.alice, self.bob]

    def test_the_company_finds_it(self) -> None:
        call = self.arrived(now())
        assert queries.thread(self.company, self.thread().pk) == self.thread()
        assert queries.thread_of_call(self.company, call) == self.thread()
        assert [one.call for one in queries.messages(self.thread())] == [call.pk]
        assert Thread.objects.count() == 1


class Order(InboxStory):
    def test_messages_of_one_moment_keep_an_order(self) -> None:
        for name in ("a", "b", "c"):
            text_arrived(self.text(name, name=name, at=NOON))
        found = [one.pk for one in queries.messages(self.thread())]
        assert found == sorted(found, key=lambda pk: pk.hex)
