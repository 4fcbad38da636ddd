"""Why a call is credited as it is, and how it went, in sentences."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callspring.calls.models import Basis, Call, CallEvent, Credit, Grade
from callspring.calls.queries import CallDetail
from callspring.console import words


def why(detail: CallDetail, first_call: Call | None) -> list[str]:
    """One to three sentences: what the call is credited to, and what that rests on."""
    credit = detail.credit
    if credit is None:
        return [_("The call has just come in. Its credit appears here in a moment.")]
    return [*_repeat(credit, first_call), *_now(detail, credit)]


def _static(detail: CallDetail) -> bool:
    """Whether the call's number is a static one: a repeat call to it has no visit either."""
    number = detail.call.number
    return number is not None and number.rule is not None and not number.rule.dynamic


def _repeat(credit: Credit, first_call: Call | None) -> list[str]:
    if credit.basis != Basis.REPEAT:
        return []
    source = words.source(credit)
    if first_call is None:
        return [
            _("This caller has called this number before: the source of that first call, %(source)s, stays.")
            % {"source": source}
        ]
    day = date_format(localtime(first_call.started_at), "j F Y")
    said = _(
        "A repeat call: this caller first called this number on %(day)s, credited to %(source)s. That source stays."
    )
    return [said % {"day": day, "source": source}]


def _now(detail: CallDetail, credit: Credit) -> list[str]:
    number = {"number": _number(credit), "share": words.percent(credit.probability), "name": _scenario(detail)}
    if credit.visit is not None:
        return [_BY_GRADE[Grade(_visit_grade(credit))]() % number]
    if credit.basis == Basis.REPEAT and _static(detail):
        return []
    if credit.basis == Basis.STATIC:
        return [
            _("This number is shown for “%(name)s” alone, so every call to it counts for that.") % number,
            _("Everybody who arrives that way sees the same number, so there is no telling which visitor called.")
            % number,
        ]
    if detail.call.scenario_id is None:
        return [
            _("No scenario used this number when the call came, so nothing is known of where the caller comes from.")
        ]
    return [
        _("Nobody had seen this number in the hour before the call. The caller may have kept it from an earlier visit.")
    ]


def _visit_grade(credit: Credit) -> str:
    """A repeat call may be certain of its source and in doubt about its visit; the words are about the visit."""
    return credit.grade if credit.grade != Grade.UNKNOWN else Grade.AMBIGUOUS


_BY_GRADE = {
    Grade.CERTAIN: lambda: _(
        "Visit %(number)s made this call: it held the number then, and nothing speaks for anybody else."
    ),
    Grade.LIKELY: lambda: _(
        "Visit %(number)s most likely made this call (%(share)s): it held the number, but others saw it shortly before."
    ),
    Grade.AMBIGUOUS: lambda: _(
        "Several visitors may have made this call. Visit %(number)s is the likeliest, with %(share)s."
    ),
}


def _number(credit: Credit) -> str:
    return str(credit.visit_number)


def _scenario(detail: CallDetail) -> str:
    return detail.call.scenario.name if detail.call.scenario else ""


def evidence(one: dict[str, Any]) -> str:
    """One piece of evidence for a candidate."""
    length = {"time": words.seconds(one.get("seconds", 0))}
    said = {
        "tel_click": _("pressed the phone link %(time)s before the call"),
        "exclusive": _("nobody else held the number"),
        "viewing": _("was on a page with the number when the call came"),
        "left": _("had been gone for %(time)s when the call came"),
    }
    return said[one["kind"]] % length if one["kind"] in said else str(one["kind"])


def event(one: CallEvent, destination: str) -> str:
    """What a carrier's event means."""
    who = words.phone(destination) if destination else _("the business")
    said = {
        ("caller", "asked"): _("The call came in"),
        ("caller", "ringing"): _("The caller hears it ring"),
        ("caller", "answered"): _("The carrier took the call"),
        ("caller", "completed"): _("The caller's line closed"),
        ("caller", "canceled"): _("The caller hung up before anybody answered"),
        ("caller", "busy"): _("The caller heard the busy tone"),
        ("caller", "no-answer"): _("Nobody answered"),
        ("caller", "failed"): _("The carrier could not connect the call"),
        ("business", "ringing"): _("%(who)s rings"),
        ("business", "answered"): _("%(who)s answered"),
        ("business", "completed"): _("The conversation ended"),
        ("business", "busy"): _("%(who)s was busy"),
        ("business", "no-answer"): _("%(who)s did not answer"),
        ("business", "canceled"): _("%(who)s stopped ringing"),
        ("business", "failed"): _("%(who)s could not be reached"),
    }
    return said.get((one.leg, one.status), f"{one.leg}: {one.status}") % {"who": who}
