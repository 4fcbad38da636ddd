"""What people do with a call as a lead: tags, a note, its value, whether it is qualified. Every change is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.calls.models import Call, CallChange, Tag
from callspring.carriers.outside import clean, clean_lines

MOST_TAGS = 20  # of one call
MOST_NAMES = 500  # of a company
LONGEST_TAG = 40
LONGEST_NOTE = 5_000
MOST_VALUE = Decimal("9999999999.99")
MOST_AT_ONCE = 500  # calls
What = CallChange.What
_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Lead:
    """What is known of a call as a lead. `value` is None where there is none, `qualified` while unsaid."""

    tags: tuple[str, ...] = ()
    note: str = ""
    value: Decimal | None = None
    currency: str = ""
    qualified: bool | None = None


def lead_of(call: Call) -> Lead:
    """A call's lead as it stands."""
    return Lead(tuple(tag.name for tag in call.tags.all()), call.note, call.value, call.currency, call.qualified)


def tag_names(text: str) -> tuple[str, ...]:
    """Tags as people type them, with commas between: clean, each once. Raises `ValueError`, a sentence for people."""
    names = [" ".join(clean(part, len(part)).split()) for part in text[:4_000].split(",")]
    found = {name.casefold(): name for name in reversed(names) if name}
    if any(len(name) > LONGEST_TAG for name in found.values()):
        raise ValueError(_("A tag has at most %(most)d characters.") % {"most": LONGEST_TAG})
    if len(found) > MOST_TAGS:
        raise ValueError(_("A call has at most %(most)d tags.") % {"most": MOST_TAGS})
    return tuple(reversed(found.values()))


@transaction.atomic
def set_lead(call: Call, by: User, wanted: Lead) -> bool:
    """Write what `by` says of the call; whether anything changed. Raises `ValueError`, a sentence for people."""
    if len(wanted.note) > LONGEST_NOTE:
        raise ValueError(_("A note has at most %(most)s characters.") % {"most": f"{LONGEST_NOTE:,}"})
    locked = Call.objects.select_for_update().get(pk=call.pk)
    before = lead_of(locked)
    tags = _tags(call.company_id, wanted.tags)
    after = Lead(
        tuple(sorted((tag.name for tag in tags), key=str.casefold)),
        clean_lines(wanted.note, LONGEST_NOTE).strip(),
        wanted.value,
        wanted.currency if wanted.value is not None else "",
        wanted.qualified,
    )
    changes = _changes(locked, by, before, after)
    if not changes:
        return False
    locked.tags.set(tags)
    about = {"note": after.note, "value": after.value, "currency": after.currency, "qualified": after.qualified}
    Call.objects.filter(pk=call.pk).update(**about)
    CallChange.objects.bulk_create(changes)
    return True


@transaction.atomic
def tag_calls(company: Company, calls: Sequence[UUID], text: str, by: User, *, remove: bool = False) -> int:
    """Put tags on several calls, or take them off; how many calls changed. Raises `ValueError`, a sentence."""
    names = tag_names(text)
    if not names:
        raise ValueError(_("Write a tag first."))
    ours = Call.objects.filter(company=company, pk__in=list(calls)[:MOST_AT_ONCE])
    found = list(ours.select_for_update().order_by("pk"))
    tags = _known(company.pk, names) if remove else _tags(company.pk, names)
    return sum(_retag(call, tags, by, remove=remove) for call in found)


def tags_of(company: Company) -> QuerySet[Tag]:
    """All tags of a company, in alphabetical order."""
    return Tag.objects.filter(company=company).order_by("key")


def changes_of(call: Call) -> QuerySet[CallChange]:
    """Who changed what about a call, the newest first."""
    return CallChange.objects.filter(company=call.company_id, call=call).select_related("by").order_by("-at", "-pk")


def note_flag(calls: Iterable[tuple[UUID, str]], company: int, after: str, by: User | None) -> None:
    """Keep that calls (with their flag before) were flagged, or their flag taken away."""
    CallChange.objects.bulk_create(
        CallChange(company_id=company, call_id=call, by=by, what=What.FLAG, before=before, after=after)
        for call, before in calls
        if before != after
    )


def _retag(call: Call, tags: list[Tag], by: User, *, remove: bool) -> bool:
    before = {tag.pk: tag for tag in call.tags.all()}
    after = dict(before)
    for tag in tags:
        if remove:
            after.pop(tag.pk, None)
        else:
            after[tag.pk] = tag
    if after.keys() == before.keys() or len(after) > MOST_TAGS:
        return False
    call.tags.set(after.values())
    written = _listed(tag.name for tag in before.values()), _listed(tag.name for tag in after.values())
    CallChange.objects.create(
        company_id=call.company_id, call=call, by=by, what=What.TAGS, before=written[0], after=written[1]
    )
    return True


def _changes(call: Call, by: User, before: Lead, after: Lead) -> list[CallChange]:
    pairs = [
        (What.TAGS, _listed(before.tags), _listed(after.tags)),
        (What.NOTE, before.note, after.note),
        (What.VALUE, _money(before), _money(after)),
        (What.QUALIFIED, _said(before.qualified), _said(after.qualified)),
    ]
    return [
        CallChange(company_id=call.company_id, call=call, by=by, what=what, before=old[:_SHOWN], after=new[:_SHOWN])
        for what, old, new in pairs
        if old != new
    ]


def _tags(company: int, names: Iterable[str]) -> list[Tag]:
    """The company's tags of these names; new ones are made. Raises `ValueError` where there are too many."""
    wanted = {_key(name): name for name in names}
    known = {tag.key: tag for tag in Tag.objects.filter(company=company, key__in=wanted)}
    new = [Tag(company_id=company, name=name, key=key) for key, name in wanted.items() if key not in known]
    if not new:
        return list(known.values())
    if Tag.objects.filter(company=company).count() + len(new) > MOST_NAMES:
        raise ValueError(_("A company has at most %(most)d different tags.") % {"most": MOST_NAMES})
    Tag.objects.bulk_create(new, ignore_conflicts=True)  # a colleague may make the same one now
    return list(Tag.objects.filter(company=company, key__in=wanted))


def _known(company: int, names: Iterable[str]) -> list[Tag]:
    return list(Tag.objects.filter(company=company, key__in=[_key(name) for name in names]))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names, key=str.casefold))


def _money(lead: Lead) -> str:
    return "" if lead.value is None else f"{lead.value:.2f} {lead.currency}"


def _said(qualified: bool | None) -> str:
    return "" if qualified is None else "yes" if qualified else "no"


def _key(name: str) -> str:
    return name.casefold()[:LONGEST_TAG]
