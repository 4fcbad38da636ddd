"""The inbox's list of threads: a folder, a search and a length, all of which stand in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from callspring.accounts.models import Company, User
from callspring.calls.models import CallStatus, Credit
from callspring.console import words
from callspring.console.digests import digest
from callspring.inbox import queries
from callspring.inbox.models import Message, Thread

PAGE = 40
MOST = 1_000  # threads in one list; older ones are found by searching
MOST_COUNTED = 100
FOLDERS: Mapping[str, Promise] = MappingProxyType(
    {
        queries.OPEN: gettext_lazy("Open"),
        queries.UNREAD: gettext_lazy("Unread"),
        queries.MINE: gettext_lazy("Mine"),
        queries.TEST: gettext_lazy("Test"),
        queries.SPAM: gettext_lazy("Spam"),
    }
)
ICONS: Mapping[str, str] = MappingProxyType(
    {
        Message.Kind.VOICEMAIL: "record-mail",
        Message.Kind.TEXT_IN: "message",
        Message.Kind.TEXT_OUT: "arrow-back-up",
        Message.Kind.FORM: "forms",
        Message.Kind.NOTE: "note",
    }
)
CALL_ICONS: Mapping[str, str] = MappingProxyType(
    {
        CallStatus.RINGING: "phone-ringing",
        CallStatus.ANSWERED: "phone-call",
        CallStatus.COMPLETED: "phone-check",
    }
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for. `folder` exists, `search` is bounded, `shown` is at most `MOST`."""

    folder: str
    search: str
    shown: int

    @property
    def query(self) -> str:
        """Folder and search as a query to append to an address: "" or `?folder=…&q=…`."""
        return self.with_query()

    def with_query(self, **more: object) -> str:
        """The same with more parameters; what is as usual is left out."""
        said: dict[str, object] = {"folder": self.folder if self.folder != queries.OPEN else "", "q": self.search}
        wanted = {name: value for name, value in (said | more).items() if value not in ("", None)}
        return f"?{urlencode(wanted)}" if wanted else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One thread in the list: who, the latest in a few words, and whether this person has yet to read it."""

    thread: Thread
    icon: str
    tone: str
    latest: str
    source: str
    unread: bool


@dataclass(frozen=True, slots=True)
class Folder:
    """One of the folders, as a tab."""

    name: str
    title: Promise
    count: int
    chosen: bool
    query: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as it is shown. `longer` is the query for a longer one, "" when this is all or too long already."""

    asked: Asked
    rows: list[Row]
    folders: list[Folder]
    longer: str
    cut: bool

    @property
    def stamp(self) -> str:
        """Changes when anything in the list would look different."""
        rows = [
            (row.thread.pk, str(row.thread), row.thread.assigned_to_id, row.thread.flag, row.thread.last_at, row.icon,
             row.tone, row.latest, row.source, row.unread)
            for row in self.rows
        ]  # fmt: skip
        return digest(rows, [folder.count for folder in self.folders], bool(self.longer), timezone.localdate())

    @property
    def first_time(self) -> bool:
        """Whether nobody has called or written yet."""
        all_of_them = (queries.OPEN, queries.TEST, queries.SPAM)
        return not any(folder.count for folder in self.folders if folder.name in all_of_them)

    @property
    def newest(self) -> Row | None:
        """The first unread thread: what the page announces."""
        return next((row for row in self.rows if row.unread), None)


def asked(query: Mapping[str, str]) -> Asked:
    """What an address asks for. What it does not understand it leaves out."""
    folder, shown = query.get("folder", ""), query.get("shown", "")
    wanted = int(shown) if shown.isdecimal() and len(shown) < 6 else PAGE
    return Asked(
        folder=folder if folder in FOLDERS else queries.OPEN,
        search=query.get("q", "").replace("\0", "").strip()[: queries.LONGEST_SEARCH],
        shown=min(max(wanted, PAGE), MOST),
    )


def listing(company: Company, user: User, of: Asked, opened: int | None = None) -> Listing:
    """The list. `opened` is the thread in the other pane: it does not vanish from the unread ones by being read."""
    found = list(queries.threads(company, user, of.folder, of.search)[: of.shown + 1])
    shown, more = found[: of.shown], len(found) > of.shown
    if of.folder == queries.UNREAD and opened is not None:
        shown = _with_opened(company, user, shown, opened)
    longer = of.with_query(shown=of.shown + PAGE) if more and of.shown < MOST else ""
    return Listing(of, _rows(company, shown), folders(company, user, of), longer, cut=more and not longer)


def _with_opened(company: Company, user: User, shown: list[Thread], opened: int) -> list[Thread]:
    if any(thread.pk == opened for thread in shown):
        return shown
    also = list(queries.threads(company, user).filter(pk=opened))
    return sorted([*shown, *also], key=lambda thread: (thread.last_at, thread.pk), reverse=True)


def unread_count(company: Company, user: User) -> int:
    """How many threads this person has yet to read; at most `MOST_COUNTED`, beyond which the menu says "more"."""
    return queries.threads(company, user, queries.UNREAD).values("pk")[:MOST_COUNTED].count()


def folders(company: Company, user: User, of: Asked) -> list[Folder]:
    """All folders with their counts; the search is taken along to each."""
    counts = queries.counts(company, user)
    by_name = {field.name: getattr(counts, field.name) for field in fields(counts)}
    return [
        Folder(name, title, by_name[name], name == of.folder, Asked(name, of.search, PAGE).query)
        for name, title in FOLDERS.items()
    ]


def _rows(company: Company, shown: Sequence[Thread]) -> list[Row]:
    known: list[Any] = list(shown)  # with what `queries.threads` annotates
    calls = [thread.latest_call for thread in known if thread.latest_call]
    credited = {one.call_id: one for one in Credit.objects.filter(company=company, call__in=calls, current=True)}
    return [
        Row(
            thread=thread,
            icon=_icon(thread),
            tone=_tone(thread),
            latest=_latest(thread),
            source=words.source(credited[thread.latest_call]) if thread.latest_call in credited else "",
            unread=thread.unread,
        )
        for thread in known
    ]


def _icon(thread: Any) -> str:
    if thread.latest_kind == Message.Kind.CALL:
        return CALL_ICONS.get(thread.latest_status, "phone-x")
    return ICONS.get(thread.latest_kind, "message")


def _tone(thread: Any) -> str:
    """live, good, bad or quiet: how the picture is coloured."""
    if thread.latest_kind == Message.Kind.CALL:
        tones = {CallStatus.RINGING: "live", CallStatus.ANSWERED: "live", CallStatus.COMPLETED: "good"}
        return tones.get(thread.latest_status, "bad")
    return "bad" if thread.latest_state == Message.State.FAILED else "quiet"


def _latest(thread: Any) -> str:
    """The latest message in one line."""
    body = " ".join((thread.latest_body or "").split())[:160]
    if thread.latest_kind == Message.Kind.CALL:
        return _status(thread.latest_status)
    if thread.latest_kind == Message.Kind.TEXT_OUT and thread.latest_state == Message.State.FAILED:
        return _("Not delivered: %(text)s") % {"text": body}
    said = {
        Message.Kind.VOICEMAIL: _("Left a voicemail"),
        Message.Kind.TEXT_IN: body or _("Sent a picture or a file"),
        Message.Kind.TEXT_OUT: _("Reply: %(text)s") % {"text": body},
        Message.Kind.FORM: _("Form: %(text)s") % {"text": body} if body else _("Sent a form"),
        Message.Kind.NOTE: _("Note: %(text)s") % {"text": body},
    }
    return said.get(thread.latest_kind, body)


def _status(status: str | None) -> str:
    """A call's status as the latest news of a thread."""
    said = {
        CallStatus.RINGING: _("Is calling now"),
        CallStatus.ANSWERED: _("On the phone now"),
        CallStatus.COMPLETED: _("Answered call"),
        CallStatus.BUSY: _("Called while busy"),
        CallStatus.NO_ANSWER: _("Missed call"),
        CallStatus.CANCELED: _("Called and hung up"),
        CallStatus.FAILED: _("Call failed"),
    }
    return said.get(CallStatus(status), "") if status else _("Call")
