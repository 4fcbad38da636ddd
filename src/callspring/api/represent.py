"""From the record to what the API says (`schemas`)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from callspring.accounts.models import User
from callspring.api.schemas import (
    CallOut,
    CandidateOut,
    CreditOut,
    MessageOut,
    MomentOut,
    NumberName,
    NumberOut,
    PageOut,
    PersonName,
    RuleOut,
    ScenarioName,
    ScenarioOut,
    ShareOut,
    SourceChanceOut,
    TargetOut,
    TermOut,
    ThreadOut,
    VisitDetailOut,
    VisitOut,
)
from callspring.calls.attribution import WHOLE
from callspring.calls.models import Call, Credit, CreditShare
from callspring.calls.queries import CallDetail
from callspring.calls.timeline import Moment
from callspring.inbox.models import Message, Thread
from callspring.numbers.models import Number
from callspring.reports.scenarios import ScenarioRow
from callspring.scenarios.models import Scenario
from callspring.visits.models import PageView, Show, Visit, VisitEvent

WITHOUT_A_VISIT: dict[str, Any] = {
    "ip": None,
    **dict.fromkeys(("country", "region", "city", "os", "browser"), ""),
}


def call_out(detail: CallDetail) -> CallOut:
    """A call with its credit."""
    call = detail.call
    return CallOut(
        id=call.id,
        caller=call.caller,
        dialled=call.dialled,
        number=number_name(call.number),
        scenario=scenario_name(call.scenario),
        status=call.status,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        duration=call.duration,
        destination=call.destination,
        flag=call.flag,
        flag_reasons=call.flag_reasons,
        attestation=call.attestation,
        tags=[tag.name for tag in call.tags.all()],
        note=call.note,
        value=None if call.value is None else f"{call.value:.2f}",
        currency=call.currency,
        qualified=call.qualified,
        credit=credit_out(detail.credit, detail) if detail.credit else None,
    )


def credit_out(credit: Credit, detail: CallDetail) -> CreditOut:
    """A credit with what is known of the visit and of the page being viewed when the call was placed."""
    page = detail.page_view
    return CreditOut(
        **source_of(credit),
        stage=credit.stage,
        basis=credit.basis,
        grade=credit.grade,
        model=credit.model,
        probability=credit.probability,
        source_probability=credit.source_probability,
        stranger=credit.stranger,
        confirmed=credit.correction_id is not None,
        sources=[SourceChanceOut.model_validate(one) for one in credit.sources],
        shares=[ShareOut(**source_of(one), share=one.weight / WHOLE) for one in credit.shares.all()],
        visit=credit.visit,
        visit_number=credit.visit_number,
        page_being_viewed=PageOut(url=page.url, title=page.title) if page else None,
        **(whereabouts(detail.visit) if detail.visit else WITHOUT_A_VISIT),
        candidates=[CandidateOut.model_validate(candidate) for candidate in credit.candidates],
    )


def visit_out(visit: Visit) -> VisitOut:
    """A visit."""
    return VisitOut(**_visit_fields(visit))


def visit_detail_out(visit: Visit, timeline: list[Moment]) -> VisitDetailOut:
    """A visit with its timeline."""
    return VisitDetailOut(**_visit_fields(visit), timeline=[moment_out(moment) for moment in timeline])


def moment_out(moment: Moment) -> MomentOut:
    """One line of a timeline."""
    said: dict[str, Any]
    match moment.subject:
        case PageView() as page:
            said = {"url": page.url, "title": page.title}
        case VisitEvent() as event:
            said = {"name": event.name, "data": event.data}
        case Show() as show:
            said = {"number": show.number, "scenario": show.scenario_id}
        case Call() as call:
            said = {"call": call.id, "name": call.status}
    return MomentOut(at=moment.at, kind=moment.kind, **said)


def scenario_out(row: ScenarioRow) -> ScenarioOut:
    """A scenario with its tallies."""
    scenario = row.scenario
    return ScenarioOut(
        id=scenario.pk,
        name=scenario.name,
        enabled=scenario.enabled,
        type=row.kind,
        targets=[TargetOut(kind=one.kind, value=one.value, part=one.part) for one in scenario.targets.all()],
        mask=scenario.mask,
        prefix=scenario.prefix,
        destination=scenario.flow.get("destination", ""),
        rules=[
            RuleOut(strategy=rule.strategy, name=rule.name, value=rule.value, dynamic=rule.dynamic)
            for rule in scenario.rules.all()
        ],
        terms=[TermOut(kind=term.kind, value=term.value) for term in scenario.terms.all()],
        aliases=[alias.alias for alias in scenario.aliases.all()],
        numbers=[NumberName(id=number.pk, e164=number.e164) for number in row.numbers],
        policy=scenario.policy,
        hold=scenario.hold_seconds,
        overflow=scenario.overflow,
        overflow_number=number_name(scenario.overflow_number),
        visitors=row.visitors,
        calls=row.calls,
        accuracy=row.accuracy,
        created_at=scenario.created_at,
    )


def number_out(number: Number) -> NumberOut:
    """A number."""
    return NumberOut(
        id=number.pk,
        e164=number.e164,
        kind=number.kind,
        state=number.state,
        scenario=scenario_name(number.scenario),
        bought_at=number.bought_at,
        paid_until=number.paid_until,
    )


def thread_out(thread: Thread) -> ThreadOut:
    """A thread."""
    return ThreadOut(
        id=thread.pk,
        contact=thread.contact,
        name=thread.name,
        flag=thread.flag,
        assigned_to=person_name(thread.assigned_to),
        last_at=thread.last_at,
        last_inbound_at=thread.last_inbound_at,
        created_at=thread.created_at,
    )


def message_out(message: Message) -> MessageOut:
    """A message."""
    return MessageOut(
        id=message.pk,
        kind=message.kind,
        at=message.at,
        body=message.body,
        call=message.call,
        visit=message.visit,
        recording=message.recording,
        number=number_name(message.number),
        author=person_name(message.author),
        fields=message.data.get("fields", {}),
        media=message.data.get("media", []),
        state=message.state,
        error=message.error,
    )


def person_name(person: User | None) -> PersonName | None:
    """A person's id and name; whoever has no name is called by the address."""
    return PersonName(id=person.pk, name=str(person)) if person else None


def number_name(number: Number | None) -> NumberName | None:
    """A number's id and digits."""
    return NumberName(id=number.pk, e164=number.e164) if number else None


def scenario_name(scenario: Scenario | None) -> ScenarioName | None:
    """A scenario's id and title."""
    return ScenarioName(id=scenario.pk, name=scenario.name) if scenario else None


def source_of(of: Credit | CreditShare | Visit) -> dict[str, str]:
    """The five source columns."""
    return {
        "source": of.source,
        "medium": of.medium,
        "campaign": of.campaign,
        "keyword": of.keyword,
        "channel": of.channel,
    }


def whereabouts(visit: Visit) -> dict[str, str | None]:
    """Where the visitor was, with what."""
    return {
        "ip": visit.ip,
        "country": visit.country,
        "region": visit.region,
        "city": visit.city,
        "os": visit.os,
        "browser": visit.browser,
    }


def _visit_fields(visit: Visit) -> dict[str, Any]:
    visitor: UUID = visit.visitor
    return {
        **source_of(visit),
        **whereabouts(visit),
        "id": visit.id,
        "number": visit.number,
        "visitor": visitor,
        "is_first": visit.is_first,
        "started_at": visit.started_at,
        "last_active_at": visit.last_active_at,
        "landing_url": visit.landing_url,
        "referrer": visit.referrer,
        "stored_source": visit.stored_source,
        "click_ids": visit.click_ids,
        "device": visit.device,
        "zone": visit.zone,
    }
