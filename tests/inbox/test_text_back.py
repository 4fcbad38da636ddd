"""A missed caller gets a text, once, and only where it helps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from callspring.ids import derived_id, new_id
from callspring.inbox.finding import put_apart
from callspring.inbox.incoming import text_owed
from callspring.inbox.models import Message, Thread
from callspring.numbers.models import Number
from callspring.records import TextOwed
from tests.inbox.story import CALLER, InboxStory, now


class TextBack(InboxStory):
    def setUp(self) -> None:
        super().setUp()
        Number.objects.filter(pk=self.number.pk).update(can_text=True)

    def owed(self, at: datetime | None = None, **changes: Any) -> TextOwed:
        call = new_id()
        fields: dict[str, Any] = {
            "id": derived_id("owed", call, "2"),
            "received_at": (at or now()).timestamp(),
            "company": self.company.pk,
            "call": call,
            "caller": CALLER,
            "number": self.number.pk,
            "body": "Sorry we missed you.",
        }
        return TextOwed(**(fields | changes))

    def texts(self) -> list[Message]:
        return list(Message.objects.filter(kind=Message.Kind.TEXT_OUT))

    def test_it_goes_out_from_the_number_they_dialled_and_stands_in_their_thread(self) -> None:
        owed = self.owed()
        for _ in range(2):
            text_owed(owed)
        (text,) = self.texts()
        assert (text.thread, text.number, text.body) == (self.thread(), self.number, "Sorry we missed you.")
        assert (text.author, text.state) == (None, Message.State.QUEUED)
        assert self.waiting("inbox.send_text") == [{"message": str(text.pk)}]

    def test_who_tries_three_times_gets_one(self) -> None:
        for minutes in (4, 2, 0):
            text_owed(self.owed(now() - timedelta(minutes=minutes)))
        assert len(self.texts()) == 1

    def test_nobody_is_texted_long_after(self) -> None:
        text_owed(self.owed(now() - timedelta(hours=2)))
        assert self.texts() == []

    def test_spam_a_landline_and_a_withheld_number_get_none(self) -> None:
        text_owed(self.owed(caller=""))
        text_owed(self.owed(caller="+442079460000"))  # a landline of London
        self.arrived()
        put_apart(self.thread(), "spam")
        text_owed(self.owed())
        assert self.texts() == []

    def test_another_companys_number_sends_nothing_of_ours(self) -> None:
        (theirs,) = self.numbers(1, self.elsewhere)
        text_owed(self.owed(number=theirs.pk))
        assert [text.number for text in self.texts()] in ([], [self.number])
        assert not Thread.objects.filter(company=self.elsewhere).exists()
