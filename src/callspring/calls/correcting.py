"""People say whose call it was. That is evidence: kept with who and when, learnt from, and never overwritten."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import User
from callspring.calls.crediting import credit_call, lock
from callspring.calls.models import Basis, Call, Correction, Credit

Says = Correction.Says


class CannotCorrect(Exception):
    """Why a person's word cannot be taken; the message is for them."""


@transaction.atomic
def say(call: Call, by: User, visit: UUID | None) -> Credit:
    """It was this visit, one of the candidates, or with None it was none of them.

    Takes the place of what was said before. Raises `CannotCorrect`.
    """
    credit = _credit_of(call)
    chosen = None if visit is None else next((one for one in credit.candidates if one["visit"] == str(visit)), None)
    if visit is not None and chosen is None:
        raise CannotCorrect(_("This visit did not have the number before the call."))
    if credit.basis == Basis.STATIC or not credit.candidates:
        raise CannotCorrect(_("Nobody is known who could have made this call, so there is nothing to choose from."))
    judged = credit.candidates[0]
    _take_back(call, by)
    Correction.objects.create(
        company_id=call.company_id,
        call=call.pk,
        says=_says(judged["visit"], visit),
        visit=visit,
        visit_number=chosen["visit_number"] if chosen else None,
        judged_visit=UUID(judged["visit"]),
        stated=judged["probability"],
        by=by,
    )
    return credit_call(call, final=credit.stage == Credit.Stage.FINAL)


@transaction.atomic
def undo(call: Call, by: User) -> Credit:
    """What was said counts no longer; the call is judged by the evidence again."""
    credit = _credit_of(call)
    _take_back(call, by)
    return credit_call(call, final=credit.stage == Credit.Stage.FINAL)


def _credit_of(call: Call) -> Credit:
    lock(call)
    credit = Credit.objects.filter(call=call, current=True).first()
    if credit is None:
        raise CannotCorrect(_("This call is not credited yet. Try again in a moment."))
    return credit


def _says(judged: str, visit: UUID | None) -> Correction.Says:
    if visit is None:
        return Says.NOBODY
    return Says.CONFIRMED if judged == str(visit) else Says.OTHER


def _take_back(call: Call, by: User) -> None:
    in_force = Correction.objects.filter(company=call.company_id, call=call.pk, undone_at=None)
    in_force.update(undone_at=timezone.now(), undone_by=by)
