"""Why a call is credited to a visit, in sentences that claim no more than the candidates and their evidence say."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.calls import words
from callspring.calls.models import Credit, Grade


def about_visit(credit: Credit) -> list[str]:
    """How sure the visit is, what its visitor did before the call, and who else had the number."""
    credited = [one for one in credit.candidates if one["visit"] == str(credit.visit)]
    others = [one for one in credit.candidates if one["visit"] != str(credit.visit)]
    said = [_verdict(credit, alone=not others)]
    for one in credited:
        said += [*_behaviour(one), _others(one, others)]
    return said


def _verdict(credit: Credit, *, alone: bool) -> str:
    """A repeat call may be certain of its source and in doubt about its visit; the words are about the visit."""
    number = {"number": credit.visit_number, "share": words.percent(credit.probability)}
    if credit.grade == Grade.CERTAIN:
        return _("Visit %(number)s made this call (%(share)s).") % number
    if credit.grade == Grade.LIKELY:
        return _("Visit %(number)s most likely made this call (%(share)s).") % number
    if alone:
        return _("Visit %(number)s may have made this call (%(share)s).") % number
    said = _("Several visitors may have made this call. Visit %(number)s is the likeliest, with %(share)s.")
    return said % number


def _behaviour(one: dict[str, Any]) -> list[str]:
    said = {
        "tel_click": _("Its visitor pressed the phone link %(time)s before the call."),
        "viewing": _("Its visitor was on a page with the number when the call came."),
        "left": _("Its visitor had been gone for %(time)s when the call came."),
    }
    return [
        said[each["kind"]] % {"time": words.seconds(each.get("seconds", 0))}
        for each in one["evidence"]
        if each["kind"] in said
    ]


def _others(one: dict[str, Any], others: list[dict[str, Any]]) -> str:
    """Only `exclusive` tells who held the number; without it, one of several may or may not have held it."""
    holder = next((other for other in others if _exclusive(other)), None)
    if not others and _exclusive(one):
        return _("It held the number, and nobody else had it in the hour before.")
    if not others:
        return _("It no longer held the number, but nobody else had it in the hour before.")
    if holder is not None:
        return _("It no longer held the number; visit %(number)s did.") % {"number": holder["visit_number"]}
    if _exclusive(one):
        said = ngettext(
            "It alone held the number; %(n)d other visitor had it in the hour before.",
            "It alone held the number; %(n)d other visitors had it in the hour before.",
            len(others),
        )
        return said % {"n": len(others)}
    said = ngettext(
        "%(n)d other visitor had the number at that time or in the hour before.",
        "%(n)d other visitors had the number at that time or in the hour before.",
        len(others),
    )
    return said % {"n": len(others)}


def _exclusive(one: dict[str, Any]) -> bool:
    return any(each["kind"] == "exclusive" for each in one["evidence"])
