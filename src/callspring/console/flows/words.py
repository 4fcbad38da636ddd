"""What the steps of a call flow are called on pages, and what happens in a dry run, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from callspring.console import words
from callspring.flows.rehearsal import Line
from callspring.flows.steps import (
    Area,
    Dial,
    HangUp,
    Hours,
    Match,
    Menu,
    Opening,
    Prompt,
    Say,
    Split,
    Step,
    TextBack,
    Voicemail,
)

DAYS: dict[str, Promise] = {
    "mon": gettext_lazy("Mon"), "tue": gettext_lazy("Tue"), "wed": gettext_lazy("Wed"), "thu": gettext_lazy("Thu"),
    "fri": gettext_lazy("Fri"), "sat": gettext_lazy("Sat"), "sun": gettext_lazy("Sun"),
}  # fmt: skip
ORDERS: dict[str, Promise] = {
    "all": gettext_lazy("All at once"),
    "in_order": gettext_lazy("One after the other, in this order"),
    "round_robin": gettext_lazy("One after the other, whose turn it is first"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of step as the picker explains it."""

    name: str
    title: Promise
    icon: str
    about: Promise


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("dial", gettext_lazy("Ring somebody"), "phone-ringing",
             gettext_lazy("One phone or several: all at once, in order, or by turns.")),
        Kind("say", gettext_lazy("Say something"), "speakerphone",
             gettext_lazy("The caller hears a sentence or a recording.")),
        Kind("menu", gettext_lazy("Menu"), "keyboard",
             gettext_lazy("“Press 1 for sales”: each key leads to steps of its own.")),
        Kind("hours", gettext_lazy("Opening hours"), "clock",
             gettext_lazy("Other steps while you are open than while you are closed.")),
        Kind("area", gettext_lazy("Caller’s area"), "map-pin",
             gettext_lazy("Callers from some places take steps of their own.")),
        Kind("match", gettext_lazy("Listed callers"), "user-check",
             gettext_lazy("Numbers you know, or want to block, take steps of their own.")),
        Kind("split", gettext_lazy("Split by share"), "arrows-split-2",
             gettext_lazy("So many percent of the calls go this way, the others that way.")),
        Kind("voicemail", gettext_lazy("Voicemail"), "record-mail",
             gettext_lazy("The caller leaves a message. The call ends with it.")),
        Kind("text_back", gettext_lazy("Text back"), "message",
             gettext_lazy("A caller whom nobody talked with gets a text message.")),
        Kind("hang_up", gettext_lazy("Hang up"), "phone-off",
             gettext_lazy("Say a last sentence and end the call.")),
    )
}  # fmt: skip


def kind_of(step: Step) -> Kind:
    """What kind a step is."""
    return KINDS[str(step.__struct_config__.tag)]


def somebody(to: str) -> str:
    """Who is rung, as people write it."""
    return words.phone(to) if to.startswith("+") else to


def about(step: Step) -> list[str]:
    """What a card says of its step, beside what is heard there."""
    match step:
        case Dial():
            return list(_dialling(step))
        case Menu():
            return [
                ngettext("Asks once", "Asks %(n)d times", step.tries) % {"n": step.tries}
                + ", "
                + _("%(n)d seconds to press a key") % {"n": step.seconds}
            ]
        case Hours():
            return [*map(_opening, step.week), *_holidays(step)]
        case Match():
            return list(_listed(step))
        case Voicemail():
            return [_("Records for up to %(n)d seconds") % {"n": step.max_seconds}]
        case TextBack():
            return [f"“{step.text}”"]
    return []


def title(step: Step) -> str:
    """The name a person gave it, else what kind it is."""
    named = step.name if isinstance(step, Match) else ""
    return named or str(kind_of(step).title)


def heard(step: Step) -> Iterator[tuple[str, Prompt]]:
    """What is heard in a step, each with what it is called ("" where the card says so already)."""
    match step:
        case Say(prompt=prompt) | Menu(prompt=prompt) | Voicemail(greeting=prompt) | HangUp(message=prompt):
            yield "", prompt
        case Dial():
            if step.record and step.announcement is not None:
                yield _("Before it is recorded"), step.announcement
            if step.whisper is not None:
                yield _("Whisper"), step.whisper


def branch_names(step: Step) -> list[str]:
    """What the branches of a step are called, in their order."""
    match step:
        case Menu(keys=keys):
            return [_("Key %(key)s") % {"key": key.key} for key in keys]
        case Hours():
            return [_("Open"), _("Closed")]
        case Split(shares=shares):
            return [_("%(percent)d %% of the calls") % {"percent": share.percent} for share in shares]
        case Area(areas=areas):
            return [" · ".join(filter(None, (area.name, ", ".join(area.prefixes)))) for area in areas]
        case Match():
            return [_("These callers")]
    return []


def otherwise(step: Step) -> str:
    """Who goes on below, past all branches."""
    match step:
        case Menu():
            return _("Whoever presses no key goes on below.")
        case Area():
            return _("Callers from elsewhere go on below.")
        case Match():
            return _("Everybody else goes on below.")
    return ""


def happened(line: Line) -> tuple[str, str]:
    """The picture and the sentence for what happens in a dry run."""
    people = line.text.split(", ")
    who = get_text_list([somebody(one) for one in people], _("and"))
    rings = ngettext("%(who)s rings for %(n)d seconds", "%(who)s ring for %(n)d seconds", len(people))
    said = {
        "hears": ("speakerphone", f"“{line.text}”" if line.text else _("A recording is played")),
        "rings": ("phone-ringing", rings % {"who": who, "n": line.seconds}),
        "answers": ("phone-check", _("%(who)s answers, and they talk") % {"who": who}),
        "no_answer": ("phone-x", _("Nobody answers")),
        "asks": ("hourglass", _("The caller has %(n)d seconds to press a key") % {"n": line.seconds}),
        "presses": ("keyboard", _("The caller presses %(key)s") % {"key": line.text}),
        "no_key": ("keyboard", _("The caller presses nothing")),
        "records": ("record-mail", _("Beep: a message of up to %(n)d seconds is recorded") % {"n": line.seconds}),
        "texts": ("message", _("A text message goes to the caller: “%(text)s”") % {"text": line.text}),
        "ends": ("phone-off", _("The call ends")),
    }
    return said[line.kind]


def _dialling(step: Dial) -> Iterator[str]:
    weighed = step.order == "round_robin" and len({one.weight for one in step.to}) > 1
    for one in step.to:
        yield somebody(one.to) + (f" × {one.weight}" if weighed else "")
    ring = _("%(n)d seconds") % {"n": step.ring_seconds}
    yield f"{ORDERS[step.order]}, {ring}" if len(step.to) > 1 else ring
    if step.sticky:
        yield _("Whoever talked with this caller before rings first")
    if step.accept_key:
        yield _("They take the call by pressing %(key)s") % {"key": step.accept_key}
    if step.record:
        yield _("The talk is recorded")


def _opening(opening: Opening) -> str:
    days = list(DAYS)
    places = [days.index(day) for day in opening.days if day in days]
    run = len(places) > 2 and places == list(range(places[0], places[-1] + 1))
    named = (
        f"{DAYS[days[places[0]]]}–{DAYS[days[places[-1]]]}" if run else ", ".join(str(DAYS[days[p]]) for p in places)
    )
    return f"{named} {opening.start}–{opening.end}"


def _holidays(step: Hours) -> Iterator[str]:
    if step.holidays:
        count = len(step.holidays)
        yield ngettext("Closed on %(n)d holiday", "Closed on %(n)d holidays", count) % {"n": count}
    yield step.zone.replace("_", " ")


def _listed(step: Match) -> Iterator[str]:
    shown = ", ".join(words.phone(one) if not one.endswith("*") else one for one in step.callers[:3])
    more = len(step.callers) - 3
    if shown:
        yield shown + (" " + ngettext("and %(n)d more", "and %(n)d more", more) % {"n": more} if more > 0 else "")
    if step.withheld:
        yield _("Callers who withhold their number")
