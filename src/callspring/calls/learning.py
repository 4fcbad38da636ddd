"""What each call teaches its site's timing model (P1): all final credits by their probabilities, each call once.

What a call has taught is kept beside the model (`Lesson`), so that a changed credit, a correction or a flag takes it
back before the call is learnt anew. People's corrections count as certain. Visits and their length count as the time in
which calls could have come.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from callspring.calls import timing
from callspring.calls.candidates_json import holder_of
from callspring.calls.models import Correction, Credit, Flag, Lesson, TimingModel
from callspring.calls.sums import Sums, added, difference, parted, sums_of
from callspring.numbers.models import Number
from callspring.pools.holder import Holder, device_class
from callspring.pools.timing import Timing
from callspring.sites.models import Site
from callspring.visits.models import Show, Visit, VisitEvent
from callspring.visits.touch import Source, name_of

AT_ONCE = 200  # calls in one transaction
SETTLED = timedelta(hours=2)  # after so long a visit is taken to have ended
WINDOW = timedelta(days=1)
MOST_WINDOWS = 40  # of one site in one go
Seen = tuple[UUID, str, datetime, datetime, dict[str, str]]  # a visit: id, device, when it began and ended, source


class Raced(Exception):
    """Somebody else has changed the model meanwhile; nothing was written."""


def learn_all() -> int:
    """Learn from every credit that no model has taken in yet; how many that were."""
    learnt = 0
    while waiting := _waiting():
        by_site: dict[int | None, list[Credit]] = {}
        for credit in waiting:
            by_site.setdefault(timing.site_of(credit.call), []).append(credit)
        for site, credits_of_site in by_site.items():
            _learn(site, credits_of_site)
        learnt += len(waiting)
    return learnt


def _waiting() -> list[Credit]:
    waiting = Credit.objects.filter(current=True, stage=Credit.Stage.FINAL, learnt=False)
    return list(waiting.select_related("call__scenario", "correction").order_by("pk")[:AT_ONCE])


@transaction.atomic
def _learn(site: int | None, found: Sequence[Credit]) -> None:
    """All of it or nothing: the model, what each call taught, and that it was learnt."""
    if site is not None:
        model = _locked(site)
        found = _still_waiting(found)  # somebody else may have learnt them before we had the model
        if not found:
            return
        known = _without(model, found)
        for credit in found:
            _take_in(model, known, credit)
        _save(model, known)
    Credit.objects.filter(pk__in=[credit.pk for credit in found]).update(learnt=True)


def _still_waiting(found: Sequence[Credit]) -> list[Credit]:
    waiting = Credit.objects.filter(pk__in=[one.pk for one in found], current=True, learnt=False)
    ids = set(waiting.values_list("pk", flat=True))
    return [one for one in found if one.pk in ids]


def _locked(site: int) -> TimingModel:
    company = Site.every.values_list("company", flat=True).get(pk=site)
    TimingModel.objects.bulk_create([TimingModel(site_id=site, company_id=company)], ignore_conflicts=True)
    model = TimingModel.objects.select_for_update().get(site=site)
    if model.state and timing.read(model.state) is None:
        _forget(model)
    return model


def _forget(model: TimingModel) -> None:
    """Another version of the program stored it: everything is learnt anew, from the credits, which are all kept."""
    model.state, model.exposed_until = {}, None
    lessons = Lesson.objects.filter(site=model.site_id)
    Credit.objects.filter(call__in=lessons.values("call"), current=True).update(learnt=False)
    lessons.delete()


def _without(model: TimingModel, found: Iterable[Credit]) -> Timing:
    """The model without what these calls had taught it before."""
    lessons = Lesson.objects.filter(site=model.site_id, call__in=[credit.call_id for credit in found])
    state: Sums = model.state
    for lesson in lessons:
        state = added(state, lesson.delta, -1)
    known = Timing.from_dict(state) if state else Timing()
    for lesson in lessons:
        known.doubts.forget(lesson.placed)
    lessons.delete()
    return known


def _take_in(model: TimingModel, known: Timing, credit: Credit) -> None:
    """A doubtful call is a case of its own in the model. The oldest case becomes counts when there are too many: these
    belong to what that call has taught."""
    placed = credit.call.started_at.timestamp()
    before, oldest = sums_of(known), known.doubts.cases[0].time if known.doubts.cases else None
    _teach(known, credit)
    known.refresh()
    mine, late = parted(difference(before, sums_of(known)))
    if late and oldest is not None:
        _add_to_lesson(model, oldest, late)
    Lesson.objects.create(
        call=credit.call_id, company_id=credit.company_id, site_id=model.site_id, credit=credit.pk, placed=placed,
        delta=mine,
    )  # fmt: skip


def _add_to_lesson(model: TimingModel, placed: float, delta: Mapping[str, float]) -> None:
    lesson = Lesson.objects.filter(site=model.site_id, placed=placed).first()
    if lesson is not None:
        lesson.delta = {path: lesson.delta.get(path, 0.0) + delta.get(path, 0.0) for path in {*lesson.delta, *delta}}
        lesson.save(update_fields=["delta"])


def _teach(known: Timing, credit: Credit) -> None:
    """A flagged call teaches nothing. Who was named by a person made the call for certain."""
    if credit.call.flag != Flag.NONE:
        return
    now = credit.call.started_at.timestamp()
    stored = [(one, holder_of(one, now)) for one in credit.candidates]
    holders = [(one, holder) for one, holder in stored if holder is not None]
    word = credit.correction
    if word is None:
        weighed = [one.get("weighed", one["probability"]) for one, _ in holders]
        known.learn_call([holder for _, holder in holders], weighed, now)
        return
    known.vouched(stranger=word.says == Correction.Says.NOBODY)
    for one, holder in holders:
        if one["visit"] == str(word.visit):
            known.learn(holder, now, 1.0)


def _save(model: TimingModel, known: Timing) -> None:
    """Raises `Raced` where somebody else was quicker."""
    ours = TimingModel.objects.filter(pk=model.pk, version=model.version)
    written = ours.update(
        state=known.to_dict(),
        version=model.version + 1,
        exposed_until=model.exposed_until,
        updated_at=timezone.now(),
    )
    if not written:
        raise Raced
    timing.publish_on_commit(model.site_id, model.version + 1, known)


def expose_all(now: datetime) -> None:
    """Count the visits that have ended since the last time, on every site that has a pool, or had until it was removed:
    its numbers are still called.
    """
    for site in Site.every.filter(scenarios__rules__dynamic=True).distinct().order_by("pk"):
        for _ in range(MOST_WINDOWS):
            if not _expose(site, now - SETTLED):
                break


@transaction.atomic
def _expose(site: Site, until: datetime) -> bool:
    """Count one window of visits; False when there is nothing left. Visits belong to the window that they began in, so
    that each is counted once; one that comes to light later than `SETTLED` is not."""
    model = _locked(site.pk)
    since = model.exposed_until or _first_visit(site)
    if since is None or since >= until:
        return False
    model.exposed_until = min(until, since + WINDOW)
    known = timing.read(model.state) or Timing()
    visits = _seen(site, since, model.exposed_until)
    tapped = _tapped(visits)
    for pk, device, started_at, last_active_at, source in visits:
        start, end = started_at.timestamp(), last_active_at.timestamp()
        holder = Holder("", name_of(Source(**source)), device_class(device), start, end, end if pk in tapped else None)
        known.visit_ended(holder, max(0.0, end - start))
    known.time_passed(_pool_size(site) * (model.exposed_until - since).total_seconds())
    known.refresh()
    _save(model, known)
    return True


def _first_visit(site: Site) -> datetime | None:
    visits = Visit.objects.filter(company=site.company_id, site=site)
    return visits.order_by("started_at").values_list("started_at", flat=True).first()


def _seen(site: Site, since: datetime, until: datetime) -> list[Seen]:
    """The visits of a window that were shown a pool's number."""
    shown = Show.objects.filter(visit=OuterRef("pk"), dynamic=True, shown_at__isnull=False)
    began = Visit.objects.filter(company=site.company_id, site=site, started_at__gte=since, started_at__lt=until)
    seen = began.filter(Exists(shown))
    return list(seen.values_list("pk", "device", "started_at", "last_active_at", "stored_source"))


def _tapped(visits: Sequence[Seen]) -> set[UUID]:
    found: set[UUID] = set()
    for at in range(0, len(visits), 1000):
        some = [visit[0] for visit in visits[at : at + 1000]]
        taps = VisitEvent.objects.filter(visit__in=some, kind=VisitEvent.Kind.TEL_CLICK)
        found.update(taps.values_list("visit", flat=True))
    return found


def _pool_size(site: Site) -> int:
    pools = Number.objects.filter(scenario__site=site, rule__dynamic=True, state=Number.State.ACTIVE)
    return max(1, pools.count())
