"""Why a call is credited as it is, in sentences."""

from __future__ import annotations

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from callspring.calls import visit_reasons, words
from callspring.calls.models import Basis, Call, Correction, Credit, RepeatRule
from callspring.calls.queries import CallDetail

evidence_in_words = visit_reasons.evidence_in_words


def why(detail: CallDetail, first_call: Call | None, *, overflow: bool = False) -> list[str]:
    """One to five sentences: what the call is credited to, and what that rests on.

    `overflow`: the visitor saw the number because all others of the pool were held.
    """
    credit = detail.credit
    if credit is None:
        return [_("The call has just come in. Its credit appears here in a moment.")]
    return [*_repeat(credit, first_call), *_now(detail, credit, overflow)]


def surer(detail: CallDetail) -> str:
    """What would have made the credit surer; "" where nothing needs to."""
    credit = detail.credit
    if credit is None or detail.call.flag:
        return ""
    if detail.call.scenario_id is None and detail.call.number and detail.call.number.scenario_id is None:
        return _("Give the number to a scenario: calls to it are credited from then on.")
    if credit.basis == Basis.STATIC:
        return _(
            "With a pool in this scenario, each visitor would see a number of their own, and calls could be told apart."
        )
    return visit_reasons.surer(credit)


def said_by(one: Correction) -> str:
    """What a person said about whose call it was, and when."""
    who = {
        "who": (one.by.name or one.by.email) if one.by else _("Somebody who is here no longer"),
        "when": _moment(one.at),
        "number": one.visit_number,
    }
    said = {
        Correction.Says.CONFIRMED: _("%(who)s confirmed on %(when)s that it was visit %(number)s."),
        Correction.Says.OTHER: _("%(who)s said on %(when)s that it was visit %(number)s."),
        Correction.Says.NOBODY: _("%(who)s said on %(when)s that it was none of these visits."),
    }[Correction.Says(one.says)] % who
    return said if one.undone_at is None else _("%(said)s Taken back on %(when)s.") % {
        "said": said, "when": _moment(one.undone_at)
    }  # fmt: skip


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


def _now(detail: CallDetail, credit: Credit, overflow: bool) -> list[str]:
    number = {"name": _scenario(detail)}
    if credit.correction is not None:
        return [said_by(credit.correction), *_against_evidence(credit)]
    if credit.visit is not None:
        return [*_this_time(credit), *visit_reasons.about_visit(credit, overflow=overflow)]
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
    return _unseen(credit)


def _unseen(credit: Credit) -> list[str]:
    """Nobody who was seen with the number is likely to have called."""
    if credit.basis == Basis.REPEAT:
        return [_("This time nobody was seen with the number shortly before the call. Most likely they had saved it.")]
    if credit.candidates:
        return [
            _("Nobody was seen with this number shortly before the call."),
            _("Most likely somebody called who had written the number down or saved it in their phone earlier."),
        ]
    return [
        _("Nobody is known to have seen this number lately."),
        _("The caller may have kept it from an earlier visit, or have it from somewhere else."),
    ]


def _this_time(credit: Credit) -> list[str]:
    return [_("And who called this time?")] if credit.basis == Basis.REPEAT else []


def _against_evidence(credit: Credit) -> list[str]:
    """What the evidence alone would have said, where a person said something else."""
    word = credit.correction
    if word is None or word.says == Correction.Says.CONFIRMED or not credit.candidates:
        return []
    best = credit.candidates[0]
    said = _("The evidence alone spoke for visit %(number)s (%(share)s).")
    return [said % {"number": best["visit_number"], "share": words.percent(best["probability"])}]


def _scenario(detail: CallDetail) -> str:
    return detail.call.scenario.name if detail.call.scenario else ""


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "j F Y, H:i")


def repeat_rule_in_words(rule: str) -> str:
    """What a setting of the repeat rule means."""
    return {
        RepeatRule.FIRST: _("The caller’s first call to a number decides. Later calls to it take that source."),
        RepeatRule.LAST: _(
            "A call counts for what is known of it. Only where nothing is, the caller’s call before decides."
        ),
        RepeatRule.NONE: _("Earlier calls play no part."),
    }[RepeatRule(rule)]
