"""What is said where a scenario and another get in each other's way, and where its terms cannot work yet (C4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.calls.words import phone
from callspring.console.explaining_words import condition
from callspring.scenarios.models import Term
from callspring.scenarios.overlaps import Idle, Overlap
from callspring.scenarios.previewing import Candidate

MOST_NAMED = 3


def warnings(found: Candidate | None) -> list[str]:
    """A sentence for each thing that is hardly wanted; nothing where all is well."""
    if found is None:
        return []
    idle = found.idle()
    said = [_idle(found, idle, one) for one in idle]
    about = {frozenset((one.scenario, one.by)) for one in idle}
    for one in found.overlaps():
        if one.by_order and frozenset((one.first, one.second)) not in about:
            said.append(_by_order(found, one))
    return list(dict.fromkeys(said))


def beside(found: Candidate | None) -> str:
    """Which others replace the same for some of the same visitors, where the stronger rule wins; "" for none."""
    others = [_other(found, one) for one in found.overlaps() if not one.by_order] if found else []
    if found is None or not others:
        return ""
    named = [_("“%(name)s”") % {"name": name} for name in others[:MOST_NAMED]]
    if more := len(others) - len(named):
        named.append(ngettext("%(n)d other", "%(n)d others", more) % {"n": more})
    names = get_text_list(named, _("and"))
    text = _("“%(mine)s” replaces the same as %(names)s for some of the same visitors: the stronger rule wins each.")
    return text % {"names": names, "mine": found.names[found.id]}


def _by_order(found: Candidate, one: Overlap) -> str:
    text = _(
        "“%(mine)s” and “%(other)s” both replace %(targets)s for some of the same visitors, and neither rule is the "
        "stronger: whichever stands higher in the table wins. Leave some visitors out under Terms of activation, or "
        "put them into the order you want."
    )
    targets = get_text_list([_target(target) for target in one.targets], _("and"))
    return text % {"mine": found.names[found.id], "other": _other(found, one), "targets": targets}


def _other(found: Candidate, one: Overlap) -> str:
    return found.names[one.first if one.second == found.id else one.second]


def _idle(found: Candidate, all_idle: Sequence[Idle], one: Idle) -> str:
    said = {"name": found.names[one.scenario], "other": found.names[one.by], "rule": condition(one.rule)}
    if one.scenario == one.by:
        text = _("In “%(name)s” the line “%(rule)s” wins nobody: an earlier one lets everybody through.")
    elif _is_whole(found, all_idle, one.scenario):
        text = _(
            "“%(other)s” already swaps this number for every visitor; "
            "“%(name)s” will show nothing until you switch that off."
        )
    else:
        text = _(
            "In “%(name)s” the line “%(rule)s” wins nobody: “%(other)s” already swaps this number for all of them."
        )
    return text % said


def _is_whole(found: Candidate, all_idle: Sequence[Idle], scenario: int) -> bool:
    rules = next(one.rules for one in found.scenarios if one.id == scenario)
    return sum(one.scenario == scenario for one in all_idle) >= sum(bool(rule.numbers) for rule in rules)


def _target(value: str) -> str:
    return phone(value) if value.startswith("+") else value


def cannot_work(terms: Iterable[tuple[str, str]]) -> list[str]:
    """What the terms need that this installation does not have yet, and how to get it."""
    below = [value for kind, value in terms if kind == Term.Kind.PLACE and "/" in value]
    if not below or settings.CONFIG.city_file is not None:
        return []
    text = _(
        "“%(place)s” cannot work yet: without a city-level location file only countries are known. Whoever runs this "
        "installation can name one, from MaxMind or DB-IP, in the setting CALLSPRING_CITY_FILE."
    )
    return [text % {"place": below[0]}]
