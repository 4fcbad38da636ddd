"""Why a call is credited as it is, in sentences."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callspring.calls import words
from callspring.calls.models import Basis, Call, Credit
from callspring.calls.queries import CallDetail
from callspring.calls.visit_reasons import about_visit


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
    number = {"name": _scenario(detail)}
    if credit.visit is not None:
        return about_visit(credit)
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
