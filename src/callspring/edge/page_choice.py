"""Pages that choose: which scenarios may act on them, or which numbers they want, by prefix (W7, docs/scenarios.md).

Few pages do either, so none of this is on the way of the others.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from callspring.edge.arrival import Arrival
from callspring.edge.site import ReadySite
from callspring.scenarios.conditions import Facts
from callspring.scenarios.rules import Claims, Decision, Shown, decide, issue
from callspring.stores.snapshot.published import PublishedNumber, PublishedTarget

_SELECTOR = re.compile(r"[.#]-?[A-Za-z_][A-Za-z0-9_-]*", re.ASCII)


def decide_for_page(a: Arrival, claims: Claims, facts: Facts, shown: Shown) -> list[Decision]:
    """As `decide`, of the scenarios that the page lets act; and what those without swap targets give it."""
    site, request = a.site, a.request
    chosen = None
    if request.scenarios is not None:
        called = site.called
        chosen = frozenset(called[name] for name in map(str, request.scenarios) if name in called)
        # Other pages of the site choose otherwise: what the visitor sees there is not forgotten here.
        others = frozenset(called.values()) - chosen
        a.shown.update((str(id_), (id_, number)) for id_, number in shown.values() if id_ in others)
    decisions = decide(claims, facts, shown, chosen)
    issued = issue(claims, facts, shown, chosen, _begins(site, request.prefix))
    return [*decisions, *(_bound(site, decision, request.bind) for decision in issued)]


def _begins(site: ReadySite, prefix: str) -> Callable[[int], bool] | None:
    """Whether a number begins with the prefix, `+` or not; None where no prefix is asked for."""
    digits = _digits(prefix)
    if not digits:
        return None
    return lambda number: site.numbers[number].e164.startswith(digits, 1)


def _bound(site: ReadySite, decision: Decision, bind: str) -> Decision:
    """The decision with what the page wants replaced: a class, an id, or a number as it is written there."""
    bind = bind.strip()
    if _SELECTOR.fullmatch(bind):
        target = PublishedTarget(bind)
    elif 5 <= len(_digits(bind)) <= 15:
        target = PublishedTarget(bind, _spellings(_digits(bind), site.numbers[decision.rule.numbers[0]]))
    else:
        return decision  # the page's own code places the number
    return replace(decision, targets=(target,))


def _spellings(digits: str, number: PublishedNumber) -> tuple[str, ...]:
    """How a number of the same country as `number` is written, E.164 first, as far as that one's two spellings tell."""
    whole, national = number.e164[1:], _digits(number.national)
    same = 0
    while same < min(len(whole), len(national)) and whole[-1 - same] == national[-1 - same]:
        same += 1
    country, trunk = whole[: len(whole) - same], national[: len(national) - same]
    significant = digits
    for start, usual in ((country, whole), (trunk, national)):
        if len(digits) == len(usual) and digits.startswith(start):
            significant = digits.removeprefix(start)
            break
    whole = country + significant
    return tuple(dict.fromkeys((f"+{whole}", whole, trunk + significant, significant)))


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")
