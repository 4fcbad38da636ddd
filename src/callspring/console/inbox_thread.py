"""One thread as the inbox shows it: its latest messages by day, each with everything known about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from callspring.accounts.models import User
from callspring.calls.models import Recording
from callspring.console import words
from callspring.console.digests import digest
from callspring.inbox import queries
from callspring.inbox.facts import CallFacts, Step, call_facts
from callspring.inbox.models import Message, ReadMark, Thread
from callspring.visits.touch import Channel

PAGE = 50
MOST = 2_000  # messages of one thread on a page
INBOUND = frozenset({Message.Kind.CALL, Message.Kind.VOICEMAIL, Message.Kind.TEXT_IN, Message.Kind.FORM})
CHANNEL_ICONS: Mapping[str, str] = MappingProxyType(
    {
        Channel.DIRECT: "compass",
        Channel.ORGANIC_SEARCH: "search",
        Channel.PAID_SEARCH: "ad-2",
        Channel.ORGANIC_SOCIAL: "social",
        Channel.PAID_SOCIAL: "social",
        Channel.EMAIL: "mail",
        Channel.REFERRAL: "link",
        Channel.DISPLAY: "ad-2",
        Channel.VIDEO: "video",
        Channel.SHOPPING: "shopping-cart",
        Channel.AFFILIATE: "affiliate",
        Channel.SMS: "message",
        Channel.AI_ASSISTANT: "sparkles",
        Channel.OFFLINE: "news",
        Channel.PAID_OTHER: "ad-2",
        Channel.OTHER_CAMPAIGN: "speakerphone",
    }
)


@dataclass(frozen=True, slots=True)
class Item:
    """A message. While its `look` stays, its element in the browser is left alone, sound and all."""

    message: Message
    facts: CallFacts | None
    recordings: list[Recording]
    look: str
    fresh: bool  # the first that this person has not read

    @property
    def channel_icon(self) -> str:
        """The picture of how the caller came."""
        return CHANNEL_ICONS.get(self.facts.channel if self.facts else "", "speakerphone")

    @property
    def fields(self) -> list[tuple[str, str]]:
        """A form's fields, as text."""
        sent = self.message.data.get("fields", {})
        return [(str(name), str(value)) for name, value in sent.items()] if isinstance(sent, dict) else []

    @property
    def media(self) -> list[str]:
        """Addresses of what came with a text: the carrier's, so only ever links, and only to the web."""
        sent = self.message.data.get("media", [])
        found = [str(address) for address in sent] if isinstance(sent, list) else []
        return [address for address in found if address.startswith(("https://", "http://"))]


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day in the company's time zone."""

    at: datetime
    items: list[Item]

    @property
    def name(self) -> str:
        """The day as ISO 8601 writes it."""
        return timezone.localtime(self.at).date().isoformat()

    @property
    def look(self) -> str:
        """Changes when the day would be called otherwise: today is yesterday tomorrow."""
        return timezone.localdate().isoformat()


@dataclass(frozen=True, slots=True)
class Conversation:
    """The thread. `earlier` is how many messages a longer page shows, 0 when all are shown."""

    thread: Thread
    days: list[Day]
    shown: int
    earlier: int
    stamp: str
    head_stamp: str

    @property
    def last(self) -> Message | None:
        """The newest message."""
        return self.days[-1].items[-1].message if self.days else None


def title(thread: Thread) -> str:
    """The caller's name, else their number."""
    return thread.name or words.phone(thread.contact)


def conversation(thread: Thread, user: User, shown: int = PAGE) -> Conversation:
    """The thread's last messages, at most `shown` of them, oldest first."""
    of = thread.company
    newest = list(queries.messages(thread).reverse()[: shown + 1])
    messages = list(reversed(newest[:shown]))
    facts = call_facts(of, [one.call for one in messages if one.kind == Message.Kind.CALL and one.call])
    recordings = _recordings(thread, messages)
    first_new = _first_new(thread, user, messages)
    items = [_item(one, facts, recordings, fresh=one.pk == first_new) for one in messages]
    return Conversation(
        thread=thread,
        days=[Day(group[0].message.at, group) for group in _by_day(items)],
        shown=shown,
        earlier=min(shown + PAGE, MOST) if len(newest) > shown and shown < MOST else 0,
        stamp=digest([(item.message.pk, item.look) for item in items], timezone.localdate(), len(newest) > shown),
        head_stamp=head_stamp(thread),
    )


def head_stamp(thread: Thread) -> str:
    """Changes when the thread's head would look different."""
    return digest(thread.name, thread.contact, thread.assigned_to_id, thread.flag)


def _first_new(thread: Thread, user: User, messages: list[Message]) -> UUID | None:
    """The first thing that the caller did since this person last read the thread; None where all is new or read."""
    mark = ReadMark.objects.filter(thread=thread, user=user).first()
    if mark is None:
        return None
    return next((one.pk for one in messages if one.kind in INBOUND and one.at > mark.read_at), None)


def _recordings(thread: Thread, messages: Iterable[Message]) -> list[Recording]:
    """The voicemails themselves, and recordings of the calls."""
    messages = list(messages)
    named = Q(pk__in=[one.recording for one in messages if one.recording])
    of_calls = Q(call__in=[one.call for one in messages if one.call], kind=Recording.Kind.CALL)
    return list(Recording.objects.filter(named | of_calls, company=thread.company).order_by("recorded_at"))


def _item(message: Message, facts: Mapping[UUID, CallFacts], recordings: list[Recording], *, fresh: bool) -> Item:
    known = facts.get(message.call) if message.kind == Message.Kind.CALL and message.call else None
    if message.kind == Message.Kind.CALL:
        sound = [one for one in recordings if one.call == message.call and one.kind == Recording.Kind.CALL]
    else:
        sound = [one for one in recordings if one.pk == message.recording]
    return Item(message, known, sound, _look(message, known, sound), fresh)


def _look(message: Message, facts: CallFacts | None, sound: list[Recording]) -> str:
    """A digest of everything about a message that may change: what never does is left out."""
    seen: list[object] = [message.state, message.error, message.body, message.data]
    seen += [(one.pk, one.state, one.duration) for one in sound]
    if facts:
        call = facts.call
        seen += [call.status, call.duration, call.answered_at, call.flag, call.caller_name]
        seen += [facts.credit and facts.credit.pk, facts.visit and facts.visit.pk, facts.page_view, facts.earlier]
        seen += [[_seen(step) for step in path] for path in (facts.before, facts.after)]
    return digest(*seen)


def _seen(step: Step) -> tuple[object, ...]:
    return (step.at, step.kind, round(step.seconds or 0), step.viewed)


def _by_day(items: Iterable[Item]) -> list[list[Item]]:
    def day(item: Item) -> date:
        return timezone.localtime(item.message.at).date()

    return [list(group) for _date, group in groupby(items, day)]


def shown(query: Mapping[str, Any]) -> int:
    """How many messages an address asks for."""
    text = str(query.get("messages", ""))
    wanted = int(text) if text.isdecimal() and len(text) < 6 else PAGE
    return min(max(wanted, PAGE), MOST)
