"""Changing how calls are credited (K6): worked out beside the old first, then applied to every call in the background.

Who called stays as it was judged; only what that counts for is worked out anew, in the order in which the calls were
placed, so that each repeat call finds its first one done. Nothing is overwritten: what differs is a new version.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from callspring.accounts.models import Company, User
from callspring.calls.attribution import Model
from callspring.calls.comparison import Comparison
from callspring.calls.crediting import lock, settings_of, store
from callspring.calls.models import AttributionModel, Call, Credit, CreditSettings, Flag, RepeatRule, SettingsChange
from callspring.calls.reattributing import own_finding
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import Later

State = SettingsChange.State
PREVIEWED = 20_000  # calls, the newest
AT_ONCE = 100
# A job is taken to hang after 15 minutes; this one lets go long before, and goes on from where it was.
WORK_SECONDS = 120.0


class CannotChange(Exception):
    """Why the settings cannot be changed now; `reason` is `same`, `busy`, `unknown` or `not_ready`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def propose(company: Company, by: User, model: str, repeat_rule: str) -> SettingsChange:
    """Have a change worked out. Takes the place of another that is not applied yet. Raises `CannotChange`."""
    now = settings_of(company.pk)
    if model not in AttributionModel or repeat_rule not in RepeatRule:
        raise CannotChange("unknown")
    if (model, repeat_rule) == (now.model, now.repeat_rule):
        raise CannotChange("same")
    _open(company).exclude(state=State.APPLYING).update(state=State.DROPPED)
    return _begin(company, by, now, model, repeat_rule, state=State.PREVIEWING)


def _begin(
    company: Company, by: User, now: CreditSettings, model: str, repeat_rule: str, **more: Any
) -> SettingsChange:
    """By the constraint that a company has one open change."""
    try:
        with transaction.atomic():
            change = SettingsChange.objects.create(
                company=company,
                by=by,
                model=model,
                repeat_rule=repeat_rule,
                model_before=now.model,
                repeat_rule_before=now.repeat_rule,
                total=min(PREVIEWED, _counting(company.pk).count()),
                **more,
            )
            if change.state == State.PREVIEWING:
                enqueue("calls.preview_settings", {"change": change.pk})
    except IntegrityError:
        raise CannotChange("busy") from None
    return change


def drop(change: SettingsChange) -> None:
    """Everything stays as it is."""
    SettingsChange.objects.filter(pk=change.pk, state__in=(State.PREVIEWING, State.READY)).update(state=State.DROPPED)


@transaction.atomic
def apply(change: SettingsChange) -> None:
    """From now on calls are credited so, and all earlier ones are credited anew. Raises `CannotChange`."""
    ready = SettingsChange.objects.filter(pk=change.pk, state=State.READY)
    if not ready.update(state=State.APPLYING):
        raise CannotChange("not_ready")
    _put_in_force(change)


def can_undo(change: SettingsChange) -> bool:
    """Whether it is the one in force."""
    now = settings_of(change.company_id)
    newest = SettingsChange.objects.filter(company=change.company_id, state=State.APPLIED).order_by("-pk").first()
    in_force = (now.model, now.repeat_rule) == (change.model, change.repeat_rule)
    return in_force and newest == change


def undo(change: SettingsChange, by: User) -> SettingsChange:
    """Back to what was before the change that is in force. Raises `CannotChange`."""
    now = settings_of(change.company_id)
    if not can_undo(change):
        raise CannotChange("not_ready")
    with transaction.atomic():
        table = [{**row, "old": row["new"], "new": row["old"]} for row in change.table]
        back = _begin(
            change.company, by, now, change.model_before, change.repeat_rule_before,
            state=State.APPLYING, undoes=change, table=table,
        )  # fmt: skip
        _put_in_force(back)
    return back


def _put_in_force(change: SettingsChange) -> None:
    rules = {"model": change.model, "repeat_rule": change.repeat_rule}
    CreditSettings.objects.update_or_create(company_id=change.company_id, defaults=rules)
    total = Call.objects.filter(company=change.company_id).count()
    SettingsChange.objects.filter(pk=change.pk).update(
        done=0, total=total, cursor_at=None, cursor_call=None, applied_at=timezone.now()
    )
    enqueue("calls.apply_settings", {"change": change.pk})


def preview(change_id: int) -> None:
    """Work out old beside new, over the newest calls. Ends where the change was dropped meanwhile."""
    change = SettingsChange.objects.filter(pk=change_id, state=State.PREVIEWING).first()
    if change is None:
        return
    ids = _newest(change.company_id)
    first = Call.objects.filter(pk__in=ids[:1]).values_list("started_at", flat=True).first()
    compared = Comparison(change, first)
    ours = SettingsChange.objects.filter(pk=change_id, state=State.PREVIEWING)
    for done, (call, credit) in enumerate(_each(ids), start=1):
        compared.add(call, credit)
        if done % AT_ONCE == 0 and not ours.update(done=done):
            return
    ours.update(state=State.READY, table=compared.table(), done=compared.calls, total=compared.calls)


def _counting(company: int) -> Any:
    return Call.objects.filter(company=company, flag=Flag.NONE)


def _newest(company: int) -> list[UUID]:
    """The newest calls that count, in the order in which they were placed."""
    newest = _counting(company).order_by("-started_at", "-pk").values_list("pk", flat=True)[:PREVIEWED]
    return list(newest)[::-1]


def _each(ids: list[UUID]) -> Iterator[tuple[Call, Credit | None]]:
    for at in range(0, len(ids), AT_ONCE):
        yield from _with_credits(ids[at : at + AT_ONCE])


def _with_credits(ids: list[UUID]) -> Iterator[tuple[Call, Credit | None]]:
    calls = Call.objects.select_related("number__rule__scenario", "scenario").in_bulk(ids)
    credits_of = {
        credit.call_id: credit
        for credit in Credit.objects.filter(call__in=ids, current=True).select_related("correction")
    }
    for pk in ids:
        if pk in calls:
            yield calls[pk], credits_of.get(pk)


def recompute(change_id: int) -> None:
    """Credit all calls anew, from where it was left. Raises `Later` where there is more than fits into one go."""
    change = SettingsChange.objects.filter(pk=change_id, state=State.APPLYING).first()
    if change is None:
        return
    until = time.monotonic() + WORK_SECONDS
    while some := _after(change):
        for call in some:
            reattribute(call)
        change.cursor_at, change.cursor_call = some[-1].started_at, some[-1].pk
        change.done += len(some)
        change.total = max(change.total, change.done)
        change.save(update_fields=["cursor_at", "cursor_call", "done", "total"])
        if time.monotonic() > until:
            raise Later(1, "there are more calls")
    SettingsChange.objects.filter(pk=change_id, state=State.APPLYING).update(state=State.APPLIED)


def _after(change: SettingsChange) -> list[Call]:
    """The next calls, also those that came in since."""
    calls = Call.objects.filter(company=change.company_id).select_related("number__rule__scenario", "scenario")
    if change.cursor_at is not None:
        later = Q(started_at__gt=change.cursor_at) | Q(started_at=change.cursor_at, pk__gt=change.cursor_call)
        calls = calls.filter(later)
    return list(calls.order_by("started_at", "pk")[:AT_ONCE])


@transaction.atomic
def reattribute(call: Call) -> None:
    """Credit a call by the settings in force, its visit staying as it is. One that is not credited yet will be so."""
    lock(call)
    credit = Credit.objects.filter(call=call, current=True).select_related("correction").first()
    if credit is None:
        return
    rules = settings_of(call.company_id)
    own = own_finding(call, credit, Model(rules.model))
    if own is not None:
        store(call, own, rules, final=credit.stage == Credit.Stage.FINAL, follow=False)


def _open(company: Company) -> Any:
    return SettingsChange.objects.filter(company=company, state__in=SettingsChange.OPEN)
