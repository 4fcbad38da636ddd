"""What calls count for by the settings in force beside what they would count for by others, by source."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from callspring.calls import repeat
from callspring.calls.attribution import WHOLE, Model
from callspring.calls.crediting import Finding
from callspring.calls.models import Basis, Call, Credit, CreditShare, FirstCall, RepeatRule, SettingsChange
from callspring.calls.reattributing import columns_of, own_finding
from callspring.visits.touch import Source

Key = tuple[str, str, str]  # source, medium, channel
Pair = tuple[str, str]
Shares = list[tuple[Source, int]]


class Comparison:
    """Tallies in millionths of a call, so that both columns add up to the calls exactly.

    Calls come in order of time, the first of them placed at `since` (None: there are none).
    """

    def __init__(self, change: SettingsChange, since: datetime | None) -> None:
        self.calls = 0
        self._model, self._rule = Model(change.model), change.repeat_rule
        self._old: dict[Key, int] = {}
        self._new: dict[Key, int] = {}
        # By pair what its next calls take: the first one's source or sources, or the newest one's.
        self._before: dict[Pair, Shares] = {}
        self._outlived = self._kept(change.company_id, since)

    def _kept(self, company: int, since: datetime | None) -> dict[Pair, Shares]:
        """First calls before those that are compared, and those that are in the record no longer."""
        calls = Call.objects.filter(company=company)
        known = FirstCall.objects.filter(company=company)
        gone = known.filter(~Q(call__in=calls.values("pk")) | Q(started_at__lt=since)) if since else known.none()
        return {(one.caller, one.dialled): _kept_shares(one) for one in gone}

    def add(self, call: Call, credit: Credit | None) -> None:
        """Count a call in both columns; one without a credit is unknown in both."""
        self.calls += 1
        old = _shares(credit)
        _count(self._old, old)
        own = own_finding(call, credit, self._model) if credit else None
        _count(self._new, old if own is None else self._by_repeat_rule(call, own))

    def _by_repeat_rule(self, call: Call, own: Finding) -> Shares:
        found = own.basis != Basis.NOBODY
        pair = (call.caller, call.dialled)
        before = self._before.get(pair) or self._outlived.get(pair)
        applies = self._rule == RepeatRule.FIRST or (self._rule == RepeatRule.LAST and not found)
        knows = repeat.counts(call)
        shares = [(share.source, share.weight) for share in own.shares] or [(own.source, WHOLE)]
        if knows and found and (self._rule == RepeatRule.LAST or before is None):
            self._before[pair] = shares
        return before if knows and before is not None and applies else shares

    def table(self) -> list[dict[str, Any]]:
        """Rows of source, medium, channel, old and new in millionths; most by the new settings first."""
        rows = [
            {"source": key[0], "medium": key[1], "channel": key[2], "old": self._old.get(key, 0),
             "new": self._new.get(key, 0)}
            for key in {*self._old, *self._new}
        ]  # fmt: skip
        return sorted(rows, key=lambda row: (-row["new"], -row["old"], row["source"], row["medium"], row["channel"]))


def _kept_shares(first: FirstCall) -> Shares:
    return [(share.source, share.weight) for share in repeat.shares_kept(first)] or [(_source(first), WHOLE)]


def _shares(credit: Credit | None) -> Shares:
    if credit is None:
        return [(Source(), WHOLE)]
    shares = [(_source(share), share.weight) for share in CreditShare.objects.filter(credit=credit)]
    return shares or [(columns_of(credit), WHOLE)]


def _source(row: FirstCall | CreditShare) -> Source:
    return Source(row.source, row.medium, row.campaign, row.keyword, row.channel)


def _count(tally: dict[Key, int], shares: Shares) -> None:
    for source, weight in shares:
        key = (source.source, source.medium, source.channel)
        tally[key] = tally.get(key, 0) + weight
