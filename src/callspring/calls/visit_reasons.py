"""Why a call is credited to a visit, in sentences that claim no more than the candidates and their evidence say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.calls import words
from callspring.calls.attribution import SHARING, Model
from callspring.calls.candidates_json import sources_of
from callspring.calls.credit import CERTAIN, LIKELY, grade_of
from callspring.calls.models import Basis, Credit, Grade

Candidate = Mapping[str, Any]
WORTH_NAMING = 0.05  # a candidate less likely than this is no reason to doubt
SAME = 0.005  # a source hardly likelier than the likeliest visit is that visit's
DAY, HOUR, MINUTE = 86_400, 3600, 60


def about_visit(credit: Credit, *, overflow: bool = False) -> list[str]:
    """What its visitor was seen doing, how sure that makes the visit, and what is known of the source beyond that.

    `overflow`: they saw the number because all others of the pool were held.
    """
    credited = next((one for one in credit.candidates if one["visit"] == str(credit.visit)), None)
    others = [one for one in credit.candidates if one is not credited and one["probability"] >= WORTH_NAMING]
    said = [_sight(credited, others)] if credited else []
    if overflow:
        said.append(_("It is the overflow number: everybody is shown it who comes while all others are held."))
    said.append(_verdict(credit, others))
    return [*said, *_about_source(credit)]


def _sight(one: Candidate, others: Sequence[Candidate]) -> str:
    """What was seen of the visitor, and of others with the number, in one sentence."""
    seen = {each["kind"]: each.get("seconds", 0) for each in one["evidence"]}
    if "tel_click" in seen:
        done = _("The visitor pressed the phone link %(time)s before the call")
    elif "viewing" in seen:
        done = _("The visitor was looking at this number when the call came")
    else:
        done = _("The visitor had seen this number and left %(time)s before the call")
    ago = seen.get("tel_click", seen.get("left", 0))
    return _ending(done % {"time": ago_in_words(ago)}, seen, others)


def _ending(done: str, seen: Mapping[str, int], others: Sequence[Candidate]) -> str:
    here = [one for one in others if _saw_just_then(one)]
    if "exclusive" in seen:
        gone = "viewing" not in seen and "tel_click" not in seen
        ending = _(", and nobody else was shown it since.") if gone else _(", and nobody else had this number.")
    elif here:
        ending = ngettext(
            "; so was %(n)d other visitor.", "; so were %(n)d other visitors.", len(here)
        ) if "viewing" in seen else ngettext(
            "; %(n)d other visitor was looking at it.", "; %(n)d other visitors were looking at it.", len(here)
        )  # fmt: skip
        ending %= {"n": len(here)}
    elif others:
        ending = ngettext(
            "; %(n)d other visitor had seen it shortly before.",
            "; %(n)d other visitors had seen it shortly before.",
            len(others),
        ) % {"n": len(others)}
    else:
        ending = "."
    return done + ending


def _verdict(credit: Credit, others: Sequence[Candidate]) -> str:
    """A repeat call may be certain of its source and in doubt about its visit; the words are about the visit."""
    number = {"number": credit.visit_number, "share": words.percent(credit.probability)}
    if credit.grade == Grade.CERTAIN:
        return _("So it is as good as certain that visit %(number)s made this call (%(share)s).") % number
    if credit.grade == Grade.LIKELY:
        return _("So visit %(number)s most likely made this call (%(share)s).") % number
    if not others:
        return _("Visit %(number)s is the likeliest caller, but far from sure (%(share)s).") % number
    return _("Which of them called cannot be told for sure. Visit %(number)s is the likeliest (%(share)s).") % number


def _about_source(credit: Credit) -> list[str]:
    """Said only where the source is worth more than the visit, or may be another one than the visit's."""
    chance = credit.source_probability
    if credit.basis != Basis.HOLDER or chance is None or credit.probability is None:
        return []
    if credit.grade == Grade.CERTAIN or (chance >= LIKELY and grade_of(chance) == credit.grade):
        return []
    if chance >= CERTAIN:
        said = _("But the source is as good as certain: nearly all of them came from %(source)s (%(share)s).")
    elif chance >= LIKELY:
        said = _("The source is surer than the visit: most of them came from %(source)s (%(share)s).")
    elif chance - credit.probability < SAME:
        return []
    elif Model(credit.model) in SHARING:
        said = _("Added up by source, %(source)s is the likeliest (%(share)s).")
    else:
        said = _("Added up by source, %(source)s is the likeliest (%(share)s), so the call counts for it.")
    return [said % {"source": likeliest_source(credit) or words.source(credit), "share": words.percent(chance)}]


def surer(credit: Credit) -> str:
    """What would have made it surer; "" where nothing needs to."""
    if credit.correction_id or credit.grade == Grade.CERTAIN or not credit.candidates:
        return ""
    here = sum(_saw_just_then(one) for one in credit.candidates)
    if here > 1:
        return _("Several visitors had the number at once. With more numbers in the pool, each would have their own.")
    if sum(one["probability"] >= WORTH_NAMING for one in credit.candidates) > 1:
        return _("The number had gone from one visitor to the next. With more numbers in the pool, each rests longer.")
    return _("If you learn from the caller how they found you, say so here: Callspring learns from it.")


def _saw_just_then(one: Candidate) -> bool:
    return any(each["kind"] in ("viewing", "tel_click") for each in one["evidence"])


SAID_FIRST = ("tel_click", "viewing", "left")


def evidence_in_words(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """All that speaks for a candidate or against them: first what they did."""
    pressed = any(one["kind"] == "tel_click" for one in found)
    worth = [one for one in found if not (pressed and one["kind"] == "left")]
    return [evidence(one) for one in sorted(worth, key=lambda one: one["kind"] not in SAID_FIRST)]


def evidence(one: Mapping[str, Any]) -> str:
    """One piece of evidence for a candidate, as what its visitor did."""
    said = {
        "tel_click": _("pressed the phone link %(time)s before the call"),
        "caller_known": _("this caller has called from a visit of theirs before"),
        "exclusive": _("nobody else had the number since they saw it"),
        "viewing": _("was looking at the number when the call came"),
        "left": _("had left %(time)s before the call"),
        "same_city": _("is in the city that the caller’s number is from"),
        "same_region": _("is in the region that the caller’s number is from"),
        "other_region": _("is in another region than the caller’s number"),
        "other_country": _("is in another country than the caller’s number"),
    }
    if one["kind"] not in said:
        return str(one["kind"])
    return said[one["kind"]] % {"time": ago_in_words(one.get("seconds", 0))}


def ago_in_words(seconds: float) -> str:
    """As exact as people would say it: 42 s, 3 minutes, 5 hours, 12 days."""
    if seconds < 2 * MINUTE:
        return words.seconds(seconds)
    for size, one in ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if seconds >= 2 * size:
            return _plural(one, round(seconds / size))
    return words.seconds(seconds)


def _plural(one: str, n: int) -> str:
    said = {
        "day": ngettext("%(n)d day", "%(n)d days", n),
        "hour": ngettext("%(n)d hour", "%(n)d hours", n),
        "minute": ngettext("%(n)d minute", "%(n)d minutes", n),
    }
    return said[one] % {"n": n}


def likeliest_source(credit: Credit) -> str:
    """The source that the evidence speaks for, whatever the call counts for in the end; "" where there is none."""
    found = sources_of(credit.sources)
    return words.source(found[0][0]) if found else ""
