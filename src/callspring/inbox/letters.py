"""What a copy by e-mail says of a message: who, when, how it ended, and everything known of how they came (I1).

Whatever comes from outside is put into single lines here, so that nothing in it can pass for a line of ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from callspring.calls import words
from callspring.calls.models import Basis, Call, CallStatus, Recording
from callspring.calls.path import Step, steps_around
from callspring.inbox.facts import MOST_STEPS, CallFacts, call_facts
from callspring.inbox.models import Message
from callspring.inbox.writing import one_line, written
from callspring.visits.models import Visit

Kind = Message.Kind
Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the path. `now` is the moment of the message itself."""

    clock: str
    text: str
    detail: str = ""
    now: bool = False


@dataclass(frozen=True, slots=True)
class Letter:
    """A copy, ready to be laid out. `sections` are titles with rows of (what, value).

    `link` leads to the thread, `settings` to where its reader says whether copies are wanted.
    """

    title: str
    lead: str
    body: str
    why: list[str]
    sections: list[tuple[str, Rows]]
    path: list[Line]
    link: str
    button: str
    settings: str


def letter(message: Message) -> Letter:
    """The copy of a call, voicemail, text or form message, in the language and time zone in force."""
    facts = call_facts(message.company, [message.call]).get(message.call) if message.call else None
    visit = facts.visit if facts else _visit(message)
    voicemail = _voicemail(message)
    return Letter(
        title=_title(message, facts, voicemail),
        lead=_lead(message),
        body=written(message.body, 5_000) if message.kind in (Kind.TEXT_IN, Kind.FORM) else "",
        why=facts.why if facts else [],
        sections=[section for section in _sections(message, facts, visit, voicemail) if section[1]],
        path=_path(message, facts, visit),
        link=settings.CONFIG.console_url + reverse("console:thread", args=[message.thread_id]),
        button=_("Open the thread"),
        settings=settings.CONFIG.console_url + reverse("console:profile"),
    )


def who(message: Message) -> str:
    """The caller's name, else the number."""
    thread = message.thread
    return one_line(thread.name, 80) or (words.phone(thread.contact) if thread.contact else _("a withheld number"))


def ended(call: Call) -> str:
    """How a call ended, in a few words."""
    said = {
        CallStatus.RINGING: _("How it ended is not known yet"),
        CallStatus.ANSWERED: _("Answered, and still talking"),
        CallStatus.COMPLETED: _("Answered"),
        CallStatus.BUSY: _("Missed: the line was busy"),
        CallStatus.NO_ANSWER: _("Missed: nobody answered"),
        CallStatus.CANCELED: _("Missed: the caller hung up first"),
        CallStatus.FAILED: _("Missed: it could not be connected"),
    }
    return said[CallStatus(call.status)]


def _missed(facts: CallFacts | None) -> bool:
    talked = (CallStatus.ANSWERED, CallStatus.COMPLETED, CallStatus.RINGING)
    return facts is not None and facts.call.status not in talked


def _title(message: Message, facts: CallFacts | None, voicemail: Recording | None) -> str:
    name = {"who": who(message)}
    if message.kind == Kind.TEXT_IN:
        return _("Text from %(who)s") % name
    if message.kind == Kind.FORM:
        return _("Form message from %(who)s") % name
    if voicemail is not None:
        return _("Voicemail from %(who)s") % name
    return (_("Missed call from %(who)s") if _missed(facts) else _("Call from %(who)s")) % name


def _lead(message: Message) -> str:
    at = timezone.localtime(message.at)
    return f"{date_format(at, 'l, j F Y, H:i')} {at.tzname()}"


def _visit(message: Message) -> Visit | None:
    if message.visit is None:
        return None
    return Visit.objects.filter(company=message.company_id, pk=message.visit).first()


def _voicemail(message: Message) -> Recording | None:
    """What was recorded in the message's call; a call recording is no voicemail."""
    if message.call is None:
        return None
    left = Recording.objects.filter(company=message.company_id, call=message.call, kind=Recording.Kind.VOICEMAIL)
    return left.exclude(state=Recording.State.ABSENT).order_by("recorded_at").first()


def _sections(
    message: Message, facts: CallFacts | None, visit: Visit | None, voicemail: Recording | None
) -> list[tuple[str, Rows]]:
    title = _("The call") if facts else _("The message")
    sections = [(title, _about(message, facts, voicemail))]
    if facts is not None and facts.credit is not None:
        sections.append((_("How they arrived"), _arrival(facts.credit, visit, credit=facts)))
    elif visit is not None:
        sections.append((_("How they arrived"), _arrival(visit, visit)))
    if visit is not None:
        sections.append((_("The visitor"), _visitor(visit)))
    return sections


def _about(message: Message, facts: CallFacts | None, voicemail: Recording | None) -> Rows:
    thread, number = message.thread, message.number
    rows = [(_("From"), words.phone(thread.contact)), (_("Name"), thread.name)]
    if facts is None:
        return _told([*rows, (_("To"), words.phone(number.e164) if number else "")])
    call = facts.call
    network = call.caller_name if call.caller_name != thread.name else ""
    return _told(
        [
            *rows,
            (_("Name in the network"), network),
            (_("How it ended"), ended(call)),
            (_("Talked"), words.seconds(call.duration)),
            (_("Voicemail"), words.seconds(voicemail.duration) or _("left") if voicemail else ""),
            (_("Tracking number"), words.phone(facts.tracking_number) if facts.tracking_number else ""),
            (_("Scenario"), facts.scenario_name),
            (_("Rang at"), words.phone(call.destination) if call.destination else ""),
        ]
    )


def _arrival(source: Any, visit: Visit | None, credit: CallFacts | None = None) -> Rows:
    """`source` has the five source columns."""
    rows = [
        (_("Source"), source.source),
        (_("Medium"), source.medium),
        (_("Campaign"), source.campaign),
        (_("Keyword"), source.keyword),
        (_("Channel"), words.channel_name(source.channel)),
    ]
    if visit is not None:
        rows += [(_("Landing page"), words.host_path(visit.landing_url))]
        rows += [(_("Referrer"), words.host_path(visit.referrer))]
    if credit is not None:
        if credit.credit and credit.credit.basis == Basis.REPEAT and visit is not None:
            rows += [(_("Source of this visit"), words.source(visit))]
        page = (credit.page_title, words.host_path(credit.page_url))
        rows += [(_("Page being viewed"), " · ".join(part for part in page if part))]
        rows += [(_("How sure"), _sure(credit))]
    return _told(rows)


def _sure(facts: CallFacts) -> str:
    grade = facts.credit.get_grade_display() if facts.credit else ""
    return f"{grade}, {words.percent(facts.probability)}" if facts.probability is not None else grade


def _visitor(visit: Visit) -> Rows:
    return _told(
        [
            (_("Visit number"), str(visit.number)),
            (_("IP address"), visit.ip or ""),
            (_("Location"), words.place(visit)),
            (_("Operating system"), visit.os),
            (_("Browser"), visit.browser),
            (_("Device"), visit.device),
        ]
    )


def _told(rows: Rows) -> Rows:
    """What is known, each in one line."""
    return [(what, text) for what, value in rows if (text := one_line(value, 300))]


def _path(message: Message, facts: CallFacts | None, visit: Visit | None) -> list[Line]:
    """The visitor's steps before and after, with the message between them; nothing without a visit."""
    if visit is None:
        return []
    before, after = (facts.before, facts.after) if facts else _steps(message, visit)
    here = _("Called") if facts else _("Sent the form")
    now = Line(_clock(message.at), here, now=True)
    return [*map(_line, before), now, *map(_line, after)]


def _steps(message: Message, visit: Visit) -> tuple[list[Step], list[Step]]:
    key: UUID = visit.pk
    steps = steps_around(message.company, {key: message.at}).get(key, [])
    before = [step for step in steps if step.at <= message.at]
    return before[-MOST_STEPS:], [step for step in steps if step.at > message.at][:MOST_STEPS]


def _line(step: Step) -> Line:
    if step.kind == "tel_click":
        return Line(
            _clock(step.at), _("Pressed the phone link"), one_line(words.phone(step.number), 40) if step.number else ""
        )
    length = words.seconds(step.seconds) if step.seconds and step.seconds >= 1 else ""
    detail = [
        words.host_path(step.url) if step.title else "",
        length,
        _("on this page when calling") if step.viewed else "",
    ]
    return Line(
        _clock(step.at),
        one_line(step.title or words.host_path(step.url), 200),
        one_line(" · ".join(part for part in detail if part), 300),
    )


def _clock(at: datetime) -> str:
    return date_format(timezone.localtime(at), "H:i:s")
