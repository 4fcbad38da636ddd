"""What maintenance decided, in a person's words: the line with the figures, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from callspring.billing.words import money
from callspring.console.words import percent, phone
from callspring.maintenance.models import Decision
from callspring.maintenance.notices import percent_of
from callspring.maintenance.rules import LEAST_SHOWS
from callspring.numbers.models import NumberOrder
from callspring.numbers.quotes import quote

Action, Reason = Decision.Action, Decision.Reason


@dataclass(frozen=True, slots=True)
class Said:
    """`figures` is the line "84 % of 412 shows, 17 numbers → +1"; `why` a sentence; `done` what came of it.

    `lately` is how the last 7 days were, where a person should add numbers; else "".
    """

    decision: Decision
    figures: str
    why: str
    done: list[str]
    lately: str

    @property
    def tone(self) -> str:
        """plus, minus, warning or quiet."""
        if self.decision.action == Action.BUY:
            return "plus"
        if self.decision.action == Action.RELEASE:
            return "minus"
        if self.lately:
            return "warning"
        lacking = (Reason.NO_MONEY, Reason.OVER_CAP, Reason.NO_CARRIER)
        return "warning" if self.decision.reason in lacking else "quiet"


def said(decision: Decision) -> Said:
    """One decision; a query where numbers were ordered."""
    return Said(decision, _figures(decision), _why(decision), _done(decision), _lately(decision))


def _figures(decision: Decision) -> str:
    change = {Action.BUY: f"+{decision.count}", Action.RELEASE: f"\N{MINUS SIGN}{decision.count}"}
    shown = ngettext("%(share)s %% of %(n)s show", "%(share)s %% of %(n)s shows", decision.shows) % {
        "share": percent_of(decision.shows, decision.exclusive),
        "n": decision.shows,
    }
    size = ngettext("%(n)s number", "%(n)s numbers", decision.numbers) % {"n": decision.numbers}
    return f"{shown}, {size} → {change.get(decision.action) or _('nothing')}"  # type: ignore[call-overload]


def _why(decision: Decision) -> str:
    left = {"share": percent(decision.certainty_left), "target": percent(decision.certainty_target)}
    sentences = {
        Reason.TOO_LOW: _("Accuracy is below 90 %."),
        Reason.MORE_THAN_NEEDED: _("Nobody shared a number, and with fewer nobody would."),
        Reason.NO_NUMBERS: _("The pool has no numbers."),
        Reason.UNDER_WAY: _("Numbers that were ordered have not come yet."),
        Reason.FEW_SHOWS: _("Too few to judge by: %(least)d shows since the size last changed are wanted.")
        % {"least": LEAST_SHOWS},
        Reason.IN_RANGE: _("On the whole it is above 90 %, and so nothing is done.")
        if decision.has_fallen
        else _("Between 90 and 100 % all is well."),
        Reason.NO_MONEY: _("More are needed, but the balance is too low."),
        Reason.OVER_CAP: _("More are needed, but the monthly spending cap does not allow them."),
        Reason.NO_CARRIER: _("More are needed, but none can be bought."),
        Reason.NEEDED_FOR_ACCURACY: _("Nobody shared a number, but with fewer some would."),
        Reason.NEEDED_FOR_CERTAINTY: _("With fewer, call certainty would be %(share)s; %(target)s is wanted.") % left,
        Reason.NONE_ENDS: _("There are more than needed, but none whose paid period ends within 24 hours."),
    }
    return sentences[Reason(decision.reason)]


def _lately(decision: Decision) -> str:
    if not decision.has_fallen:
        return ""
    said = ngettext(
        "The last 7 days: %(share)s %% of %(n)s show",
        "The last 7 days: %(share)s %% of %(n)s shows",
        decision.lately_shows,
    )
    return said % {
        "share": percent_of(decision.lately_shows, decision.lately_exclusive),
        "n": decision.lately_shows,
    }


def _done(decision: Decision) -> list[str]:
    if decision.action == Action.RELEASE:
        named = ", ".join(phone(e164) for e164 in decision.e164s)
        return [_("Released: %(numbers)s. They rest and are then given back.") % {"numbers": named}]
    back, ordered = decision.e164s[: decision.from_rest], decision.e164s[decision.from_rest :]
    done = [_("Back from rest: %(numbers)s") % {"numbers": ", ".join(map(phone, back))}] if back else []
    if ordered:
        done += _orders(decision, ordered)
    return [*done, *([decision.problem] if decision.problem else [])]


def _orders(decision: Decision, ordered: list[str]) -> list[str]:
    """Of each number what the carrier said."""
    orders = NumberOrder.objects.filter(company=decision.company_id, batch=decision.batch)
    found = list(orders.select_related("connection").order_by("id"))
    states = {order.e164: order for order in found}
    words = {
        NumberOrder.State.OBTAINED: _("Bought: %(numbers)s"),
        NumberOrder.State.REQUESTED: _("On order: %(numbers)s"),
        NumberOrder.State.FAILED: _("Not obtained and not charged: %(numbers)s"),
    }
    lines = []
    for state, text in words.items():
        those = [phone(e164) for e164 in ordered if e164 in states and states[e164].state == state]
        if those:
            lines.append(text % {"numbers": ", ".join(those)})
    return [*lines, _price(decision, found, ordered)] if decision.rent else lines


def _price(decision: Decision, found: list[NumberOrder], ordered: list[str]) -> str:
    """What they cost: charged at the time, or what the carrier bills."""
    bill = quote(decision.company, found[0].connection.carrier, ordered) if found else None
    if bill is not None and bill.by_month:
        return _("Their carrier bills about %(price)s a month.") % {"price": money(bill.month, bill.currency)}
    return _("Rent for 7 days: %(rent)s") % {"rent": money(decision.rent, decision.currency)}
