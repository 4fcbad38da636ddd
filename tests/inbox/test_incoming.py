"""Everything from outside finds its caller's thread, once, in whatever order and however often it comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import msgspec
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from callspring.calls.models import Call, Flag
from callspring.inbox import actions
from callspring.inbox.incoming import call_arrived, form_sent, text_arrived, text_became, voicemail_left
from callspring.inbox.models import Message, ReadMark, Thread
from callspring.jobs.run import run_due
from tests.inbox.story import CALLER, HOSTILE, InboxStory
from tests.stories import NOON

LATER = NOON + timedelta(minutes=10)


class OneThreadPerCaller(InboxStory):
    def test_calls_texts_voicemails_and_forms_of_one_person(self) -> None:
        call = self.arrived()
        text_arrived(self.text(at=LATER))
        voicemail_left(self.recording(call.pk))
        form_sent(self.form(at=NOON + timedelta(minutes=1)))
        thread = self.thread()
        said = [(one.kind, one.call, one.number_id) for one in thread.messages.order_by("at")]
        assert said == [
            ("call", call.pk, self.number.pk),
            ("voicemail", call.pk, self.number.pk),
            ("form", None, None),
            ("text_in", None, self.number.pk),
        ]
        assert (thread.last_at, thread.last_inbound_at, thread.name) == (LATER, LATER, "Dana Reyes")

    def test_another_call_and_another_number_of_ours_stay_in_it(self) -> None:
        self.arrived()
        self.arrived(LATER, number=self.numbers(1)[0])
        assert self.thread().messages.count() == 2

    def test_the_same_caller_at_another_company_has_a_thread_there(self) -> None:
        self.arrived()
        theirs = self.arrived(number=self.numbers(1, self.elsewhere)[0])
        assert Thread.objects.filter(contact=CALLER).count() == 2
        assert Message.objects.get(call=theirs.pk).company == self.elsewhere

    def test_withheld_callers_are_never_the_same_person(self) -> None:
        first, second = self.arrived(caller=""), self.arrived(caller="")
        text_arrived(self.text(caller="", name="t1"))
        text_arrived(self.text(caller="", name="t2"))
        text_arrived(self.text(caller="", name="t2"))
        threads = Thread.objects.filter(contact="")
        assert {one.call for one in threads} >= {first.pk, second.pk}
        assert [one.messages.count() for one in threads] == [1, 1, 1, 1]

    def test_a_caller_who_is_heard_of_late_joins_their_thread_with_all_that_was_done_meanwhile(self) -> None:
        self.arrived(LATER)
        call = self.call(self.number, caller="")
        call_arrived(call)
        alone = Thread.objects.get(call=call.pk)
        actions.add_note(alone, self.bob, "Who is this?")
        actions.assign(alone, self.bob)
        call.caller = CALLER
        call_arrived(call)
        assert not Thread.objects.filter(contact="").exists()
        assert sorted(one.kind for one in self.thread().messages.all()) == ["call", "call", "note"]
        assert self.thread().assigned_to == self.bob

    def test_a_voicemail_before_its_call(self) -> None:
        call = self.call(self.number)
        Call.objects.filter(pk=call.pk).delete()
        voicemail_left(self.recording(call.pk))
        assert Thread.objects.get().contact == ""
        call.save(force_insert=True)
        call_arrived(call)
        assert [(one.kind, one.number_id) for one in self.thread().messages.order_by("at")] == [
            ("call", self.number.pk),
            ("voicemail", self.number.pk),
        ]

    def test_only_voicemails_are_messages_and_only_if_something_was_said(self) -> None:
        call = self.arrived()
        voicemail_left(self.recording(call.pk, kind="call"))
        voicemail_left(self.recording(call.pk, state="absent"))
        assert not Message.objects.filter(kind=Message.Kind.VOICEMAIL).exists()

    def test_names_that_others_give_do_not_replace_ours(self) -> None:
        self.arrived(caller_name="WIRELESS CALLER")
        assert self.thread().name == "WIRELESS CALLER"
        actions.rename(self.thread(), "Dana")
        self.arrived(LATER, caller_name="REYES D")
        assert self.thread().name == "Dana"


class AnyOrder(InboxStory):
    """The same things in any order, any of them any number of times, leave the same inbox."""

    def settled(self) -> list[tuple[Any, ...]]:
        found: list[tuple[Any, ...]] = [
            (one.contact, one.name, one.flag, one.last_at, one.last_inbound_at)
            for one in Thread.objects.order_by("contact")
        ]
        messages = Message.objects.select_related("thread").order_by("pk")
        found += [(one.pk, one.thread.contact, one.kind, one.at, one.body, one.number_id, one.data) for one in messages]
        return found

    def happenings(self) -> list[Callable[[], None]]:
        call, unknown = self.call(self.number), self.call(self.number, caller="")
        told = Call.objects.get(pk=unknown.pk)
        told.caller = "+13125550199"
        withheld = self.call(self.number, at=LATER, caller="")
        text, form = self.text(at=LATER), self.form(at=NOON + timedelta(minutes=3))
        voicemail, early = self.recording(call.pk), self.recording(unknown.pk)

        def becomes_known() -> None:
            Call.objects.filter(pk=told.pk).update(caller=told.caller)
            call_arrived(told)

        return [
            lambda: call_arrived(call),
            lambda: call_arrived(Call.objects.get(pk=unknown.pk)),
            becomes_known,
            lambda: call_arrived(withheld),
            lambda: text_arrived(text),
            lambda: form_sent(form),
            lambda: voicemail_left(voicemail),
            lambda: voicemail_left(early),
        ]

    def test_leaves_the_same(self) -> None:
        happenings = self.happenings()

        def inbox_after(order: list[int]) -> list[tuple[Any, ...]]:
            mark = transaction.savepoint()
            for place in order:
                happenings[place]()
            found = self.settled()
            transaction.savepoint_rollback(mark)
            return found

        in_order = inbox_after(list(range(len(happenings))))
        assert len(in_order) == 3 + 7

        @settings(max_examples=40, deadline=None)
        @given(st.permutations(range(len(happenings))), st.lists(st.integers(0, len(happenings) - 1), max_size=6))
        def check(order: list[int], again: list[int]) -> None:
            assert inbox_after([*order, *again]) == in_order

        check()


class Flags(InboxStory):
    def test_a_flagged_thread_flags_new_calls_and_no_other_thread(self) -> None:
        self.arrived()
        actions.flag_thread(self.thread(), Flag.SPAM)
        again, other = self.arrived(LATER), self.arrived(LATER, caller="+13125550199")
        assert Call.objects.get(pk=again.pk).flag == again.flag == Flag.SPAM
        assert Call.objects.get(pk=other.pk).flag == Flag.NONE

    def test_people_who_say_otherwise_of_one_call_are_not_overruled_by_its_next_event(self) -> None:
        self.arrived()
        actions.flag_thread(self.thread(), Flag.SPAM)
        call = self.arrived(LATER)
        actions.flag_call(call, Flag.NONE)
        call_arrived(Call.objects.get(pk=call.pk))
        assert Call.objects.get(pk=call.pk).flag == Flag.NONE

    def test_a_test_call_begins_a_test_thread_but_does_not_move_a_customers(self) -> None:
        self.arrived(flag=Flag.TEST, caller="+13125550101")
        assert self.thread("+13125550101").flag == Flag.TEST
        self.arrived()
        self.arrived(LATER, flag=Flag.TEST)
        assert self.thread().flag == Flag.NONE


class Texts(InboxStory):
    def test_text_stays_text(self) -> None:
        text_arrived(self.text(HOSTILE, media=("https://api.example/1.jpg", "javascript:alert(1)")))
        message = self.message(Message.Kind.TEXT_IN)
        assert message.body == "<script>alert(1)</script>{{ 7|add:7 }}' OR 1=1 -- \n=cmd|' /C calc'!A0"
        assert message.data == {"media": ["https://api.example/1.jpg"]}

    def test_a_number_of_somebody_else_is_not_named(self) -> None:
        theirs = self.numbers(1, self.elsewhere)[0]
        text_arrived(self.text(number=theirs.pk))
        assert self.message(Message.Kind.TEXT_IN).number is None

    def test_the_same_name_at_two_carriers_is_two_texts(self) -> None:
        text_arrived(self.text(name="same"))
        text_arrived(self.text(name="same", connection=self.number.connection_id + 1))
        assert Message.objects.count() == 2


class WhatBecomesOfOurTexts(InboxStory):
    def sent(self, carrier_text_id: str = "sbt_1") -> Message:
        self.arrived()
        message = actions.reply(self.thread(), self.alice, "We do.")
        Message.objects.filter(pk=message.pk).update(carrier_text_id=carrier_text_id, state="sent")
        return message

    def state(self, message: Message) -> tuple[str, str]:
        found = Message.objects.get(pk=message.pk)
        return found.state, found.error

    def test_only_forward(self) -> None:
        message = self.sent()
        for state, error, after in [
            ("queued", "", ("sent", "")),
            ("failed", "30005 Unknown handset", ("failed", "30005 Unknown handset")),
            ("sent", "", ("failed", "30005 Unknown handset")),
            ("delivered", "", ("delivered", "")),
            ("failed", "30005", ("delivered", "")),
        ]:
            text_became(self.news("sbt_1", state, error))
            assert self.state(message) == after, state

    def test_before_our_own_note_of_its_name(self) -> None:
        message = self.sent(carrier_text_id="")
        text_became(self.news("sbt_1", "delivered"))
        assert self.state(message) == ("sent", "")
        Message.objects.filter(pk=message.pk).update(carrier_text_id="sbt_1")
        run_due()
        assert self.state(message) == ("delivered", "")

    def test_of_a_text_that_is_not_ours(self) -> None:
        message = self.sent()
        theirs = self.elsewhere.connections.get()
        stranger = self.news("sbt_1", "delivered")
        for company, connection in [(self.elsewhere.pk, theirs.pk), (self.company.pk, theirs.pk)]:
            changed = type(stranger)(stranger.received_at, company, connection, "sbt_1", "delivered")
            text_became(changed)
        run_due()
        assert self.state(message) == ("sent", "")


class Forms(InboxStory):
    def test_a_form_is_kept_without_what_nobody_should_send(self) -> None:
        visit = self.visit()
        form_sent(
            self.form(
                {
                    "Your-Name": "Dana Reyes",
                    "Mobile": "312 555 0177",
                    "message": HOSTILE,
                    "user_password": "hunter2",
                    "Card number": "1",
                    "comment": "my card is 4111 1111 1111 1111",
                    "CVV": 123,
                    "newsletter": True,
                },
                visit=str(visit.pk),
            )
        )
        message = self.message(Message.Kind.FORM)
        assert message.visit == visit.pk
        assert set(message.data["fields"]) == {"Your-Name", "Mobile", "message", "newsletter"}
        assert message.body.startswith("Your-Name: Dana Reyes\nMobile: 312 555 0177\nmessage: <script>")
        assert "hunter2" not in message.body
        assert self.thread().name == "Dana Reyes"

    def test_nobody_to_answer_to(self) -> None:
        for data in ({"email": "a@example.com"}, {"phone": "call me"}, {"phone": ""}, {"phone": "911"}):
            form_sent(self.form(data))
        assert not Thread.objects.exists()

    def test_the_number_is_read_as_one_of_the_companys_country(self) -> None:
        self.company.country = "GB"
        self.company.save()
        form_sent(self.form({"telephone": "020 7946 0958"}))
        assert Thread.objects.get().contact == "+442079460958"

    def test_other_events_and_unknown_companies(self) -> None:
        for company, name in ((2**40, "form"), (self.company.pk, "booked")):
            form_sent(msgspec.structs.replace(self.form(), company=company, name=name))
        assert not Thread.objects.exists()


class ReadMarksSurvive(InboxStory):
    def test_a_late_number_does_not_make_the_thread_unread_for_ever(self) -> None:
        """The mark of the thread that is gone goes with it; the caller's own stays."""
        self.arrived(LATER)
        actions.mark_read(self.thread(), self.alice)
        call = self.call(self.number, caller="")
        call_arrived(call)
        call.caller = CALLER
        call_arrived(call)
        assert ReadMark.objects.get().thread == self.thread()
