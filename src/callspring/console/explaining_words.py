"""Why a visitor sees a number, and why other scenarios lost, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from callspring.calls.words import channel_name, phone
from callspring.console.scenario_table import rank_words
from callspring.scenarios.explaining import Beaten, Explained, Outcome
from callspring.scenarios.models import Term
from callspring.scenarios.rules import PRECEDENCE
from callspring.stores.snapshot.published import PublishedRule, PublishedTerm


def why(rule: PublishedRule | None, reason: str) -> str:
    """Why a rule won: a part of a sentence."""
    if reason == "kept":
        return _("they have seen this number before, and it stays theirs")
    if rule is None:
        return ""
    return condition(rule)


def condition(rule: PublishedRule) -> str:
    """What a rule's visitors have in common: a part of a sentence."""
    value = {"name": rule.name, "value": rule.value}
    match rule.strategy:
        case "url_parameter":
            text = _("the address has %(name)s=%(value)s") if rule.value else _("the address has %(name)s")
        case "landing_page":
            text = _("they landed on %(value)s")
        case "referral":
            text = _("they came from %(value)s") if rule.value else _("they came from another website")
        case "web_search":
            text = _("they came from a web search")
        case "direct":
            text = _("they came directly")
        case "channel":
            text, value = _("they came by the channel %(value)s"), {"value": channel_name(rule.value)}
        case "source":
            text = _("their source is %(value)s")
        case "medium":
            text = _("their medium is %(value)s")
        case "campaign":
            text = _("their campaign is %(value)s")
        case _:
            text = _("everybody is given one of its numbers") if rule.dynamic else _("everybody is shown it")
    return text % value


def lost(one: Explained, names: Mapping[int, str]) -> str:
    """Why a scenario shows this visitor nothing: a sentence that begins with its name. "" for one that shows."""
    name = {"name": names.get(one.scenario, "")}
    match one.outcome:
        case Outcome.SHOWS:
            return ""
        case Outcome.NOT_CHOSEN:
            return _("“%(name)s” was not chosen by the page.") % name
        case Outcome.NO_TARGET:
            return _("“%(name)s” replaces nothing by itself: pages ask for its numbers.") % name
        case Outcome.NO_NUMBER:
            return _("“%(name)s” has no number yet.") % name
        case Outcome.KEPT_OUT:
            out = ", ".join(term(each) for each in one.terms)
            return _("“%(name)s” leaves out %(out)s.") % {**name, "out": out}
        case Outcome.NO_RULE:
            return _no_rule(one, name["name"])
    return " ".join(_beaten(one, each, names) for each in one.beaten)


def _no_rule(one: Explained, name: str) -> str:
    """It is for others: for those who, …"""
    wanted = "; ".join(condition(rule) for rule, _met in one.rules)
    return _("“%(name)s” is for others: %(wanted)s.") % {"name": name, "wanted": wanted}


def _beaten(one: Explained, beaten: Beaten, names: Mapping[int, str]) -> str:
    said = {
        "name": names.get(one.scenario, ""),
        "by": names.get(beaten.by, ""),
        "target": phone(beaten.target) if beaten.target.startswith("+") else beaten.target,
        "its": rank_words(beaten.reason),
        "mine": rank_words(one.reason),
    }
    if beaten.reason == "kept":
        text = _("“%(name)s” lost %(target)s to “%(by)s”, whose number they have seen before.")
    elif PRECEDENCE.get(beaten.reason) == PRECEDENCE.get(one.reason):
        text = _("“%(name)s” lost %(target)s to “%(by)s”: both go by %(its)s, and “%(by)s” stands higher in the table.")
    else:
        text = _("“%(name)s” lost %(target)s to “%(by)s”: %(its)s goes before %(mine)s.")
    return text % said


def term(one: PublishedTerm) -> str:
    """Whom a term leaves out."""
    value = channel_name(one.value) if one.kind == Term.Kind.CHANNEL else one.value
    return f"{Term.Kind(one.kind).label}: {value}"
