"""An import: looked at as often as one likes, carried out once and whole, undone while nothing was changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, User
from callspring.carriers.outside import clean
from callspring.numbers.models import Number
from callspring.scenarios.actions import call_also
from callspring.scenarios.importing.planned import Plan, PlannedScenario
from callspring.scenarios.importing.products import detect
from callspring.scenarios.importing.reading import plan as read_plan
from callspring.scenarios.importing.standing import (
    MOST_SCENARIOS,
    USED,
    Choices,
    Standing,
    alias_of,
    obstacles,
    standings,
    taken_aliases,
)
from callspring.scenarios.importing.tables import decode, table
from callspring.scenarios.making import RuleSettings, Settings, save
from callspring.scenarios.models import ImportedNumber, ImportedScenario, Scenario, SettingsImport
from callspring.scenarios.publishing import publish_on_commit, published_together
from callspring.visits.models import Show

KEPT = timedelta(days=7)  # a draft that nobody carries out
MOST_DRAFTS = 5  # of a company
State = SettingsImport.State


class Gone(Exception):
    """The import is no draft any more: somebody carried it out, or it expired."""


@dataclass(frozen=True, slots=True)
class Look:
    """What an import comes to as things stand. `obstacles` are by place in `plan.scenarios`."""

    plan: Plan
    here: Mapping[str, Standing]
    obstacles: tuple[tuple[str, ...], ...]
    taken: Mapping[str, str]

    @property
    def possible(self) -> list[PlannedScenario]:
        """The scenarios that would be made."""
        return [one for one, wrong in zip(self.plan.scenarios, self.obstacles, strict=True) if not wrong]


def begin(company: Company, user: User, name: str, data: bytes) -> SettingsImport:
    """Keep a file for the preview; the oldest drafts go. Raises `tables.Unreadable`."""
    made = drafted(company, user, name, data)
    made.save()
    drop_drafts(company)
    return made


def drafted(company: Company, user: User | None, name: str, data: bytes) -> SettingsImport:
    """A file as a draft that is not saved, to `look` at; `user` is None for a command. Raises `tables.Unreadable`."""
    text = decode(data)
    product = detect(table(text))
    return SettingsImport(company=company, user=user, name=clean(name, 120) or "?", product=product, text=text)


def drop_drafts(company: Company, now: datetime | None = None) -> None:
    """Forget drafts that are too old or too many."""
    mine = SettingsImport.objects.filter(company=company, state=State.DRAFT)
    mine.filter(created_at__lt=(now or timezone.now()) - KEPT).delete()
    newest = list(mine.order_by("-id").values_list("pk", flat=True)[:MOST_DRAFTS])
    mine.exclude(pk__in=newest).delete()


def imports(company: Company) -> QuerySet[SettingsImport]:
    """The company's, newest first, without their files."""
    return SettingsImport.objects.filter(company=company).defer("text").prefetch_related("scenarios__scenario")


def find(company: Company, import_id: int) -> SettingsImport | None:
    """One of the company's; None for an outsider's and for a draft that has expired."""
    found = SettingsImport.objects.filter(company=company, pk=import_id).first()
    expired = found is not None and found.state == State.DRAFT and found.created_at < timezone.now() - KEPT
    return None if expired else found


def look(draft: SettingsImport, choices: Choices) -> Look:
    """What the file comes to; nothing is changed."""
    plan = read_plan(table(draft.text), choices.product, choices.defaults)
    here = standings(draft.company, (one.e164 for some in plan.scenarios for one in some.numbers))
    wrong = [tuple(obstacles(draft.company, one, choices, here)) for one in plan.scenarios]
    return Look(plan, here, tuple(wrong), taken_aliases(draft.company, plan.scenarios))


@transaction.atomic
def carry_out(draft: SettingsImport, choices: Choices) -> list[Scenario]:
    """Make the scenarios, all that can be, switched off; nothing is bought.

    Raises `Gone` where somebody was quicker and `ValidationError`, for people; then nothing is made.
    """
    ours = SettingsImport.objects.filter(pk=draft.pk, state=State.DRAFT)
    if not ours.update(state=State.MADE, made_at=timezone.now(), product=choices.product):
        raise Gone
    seen = look(draft, choices)
    if not seen.possible:
        raise ValidationError(_("There is nothing to import yet: see what is missing below."))
    if len(seen.possible) > MOST_SCENARIOS:
        said = _("These are %(n)d scenarios, more than %(most)d at a time. Split the file.")
        raise ValidationError(said % {"n": len(seen.possible), "most": MOST_SCENARIOS})
    ours = SettingsImport.objects.filter(pk=draft.pk)
    ours.update(text="")
    with published_together():
        return [_make(draft, planned, choices, seen) for planned in seen.possible]


def _make(draft: SettingsImport, planned: PlannedScenario, choices: Choices, seen: Look) -> Scenario:
    e164s = [one.e164 for one in planned.numbers if seen.here[one.e164].state != USED]
    scenario = save(draft.company, _settings(planned, e164s, choices), later=True)
    rules = list(scenario.rules.order_by("position"))
    placed = set(Number.objects.filter(scenario=scenario).values_list("e164", flat=True))
    now = timezone.now()
    ImportedNumber.objects.bulk_create(
        ImportedNumber(
            company=draft.company,
            scenario=scenario,
            rule=rules[0] if planned.way.dynamic else rules[place],
            e164=e164,
            placed_at=now if e164 in placed else None,
        )
        for place, e164 in enumerate(e164s)
    )
    alias = alias_of(planned)
    if alias and alias not in seen.taken and not scenario.company.scenario_aliases.filter(alias=alias).exists():
        call_also(scenario, alias)
    ImportedScenario.objects.create(settings_import=draft, scenario=scenario, fingerprint=fingerprint(scenario))
    return scenario


def _settings(planned: PlannedScenario, e164s: list[str], choices: Choices) -> Settings:
    """As `making` takes it: a pool, or of static numbers a rule each, the first of which is shown."""
    way = planned.way
    given = [tuple(e164s)] if way.dynamic else [(e164,) for e164 in e164s]
    return Settings(
        title=planned.name,
        site=None if way.offline else choices.site,
        targets=way.targets,
        rules=tuple(RuleSettings(way.strategy, way.name, way.value, way.dynamic, some) for some in given),
        destination=way.destination,
        ring_seconds=way.ring_seconds,
        mask=way.mask,
        prefix=way.prefix,
    )


@transaction.atomic
def undo(done: SettingsImport) -> tuple[list[str], list[str]]:
    """Delete the scenarios that are as they were made; titles of those that went, and of those that stay.

    Their numbers are free again at once: nobody was shown them. One that was changed, switched on or called stays.
    """
    SettingsImport.objects.select_for_update().get(pk=done.pk)
    gone, kept = [], []
    with published_together():
        for one in ImportedScenario.objects.filter(settings_import=done).select_related("scenario"):
            if is_unchanged(one):
                gone.append(one.scenario.name)
                _delete(one.scenario)
            else:
                kept.append(one.scenario.name)
    if not kept:
        SettingsImport.objects.filter(pk=done.pk).update(state=State.UNDONE)
    return gone, kept


def is_unchanged(one: ImportedScenario) -> bool:
    """Whether the scenario is as the import made it, and nobody was shown its numbers or called them."""
    scenario = one.scenario
    if scenario.enabled or scenario.deleted_at is not None or fingerprint(scenario) != one.fingerprint:
        return False
    planned = ImportedNumber.objects.filter(scenario=scenario).values("e164")
    others = Number.objects.filter(scenario=scenario).exclude(e164__in=planned).exists()
    return not (others or scenario.past_numbers.exists() or _was_used(scenario))


def fingerprint(scenario: Scenario) -> str:
    """A digest of all that people decide about a scenario, but for its numbers."""
    said = [
        scenario.name, scenario.site_id, scenario.mask, scenario.prefix, scenario.flow, scenario.overflow,
        scenario.peak_hourly_visits, scenario.hold_seconds,
        list(scenario.targets.values_list("kind", "value", "part")),
        list(scenario.rules.values_list("strategy", "name", "value", "dynamic")),
        list(scenario.terms.values_list("kind", "value")),
        list(scenario.wanted.values_list("e164", flat=True)),
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _was_used(scenario: Scenario) -> bool:
    return Show.objects.filter(scenario=scenario.pk).exists() or scenario.calls.exists()


def _delete(scenario: Scenario) -> None:
    Number.objects.filter(scenario=scenario).update(scenario=None, rule=None)
    publish_on_commit(scenario.company_id, scenario.site_id, None)
    scenario.delete()
