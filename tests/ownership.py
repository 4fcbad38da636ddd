"""Whose each row of the record is: the whole record, and the part of one company, of every table that there is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import ForeignKey, Model, Q

from callspring.accounts.models import Account, Company, Membership, User

Rows = dict[str, list[dict[str, Any]]]
# The installation's own: work, and what came from outside and belongs to no company yet.
NOBODYS = {
    "jobs.Job", "ingest.Watermark", "ingest.Rejected", "ingest.EarlySign", "billing.StripeEvent", "billing.Reversal",
}  # fmt: skip


def record() -> Rows:
    """Every row of every table of ours."""
    return {model._meta.label: _rows(model, Q()) for model in _models()}


def record_of(company: Company) -> Rows:
    """Every row that is a company's, its account's or its people's. A table of which nobody knows whose it is fails."""
    found = {}
    for model in _models():
        if model._meta.label not in NOBODYS:
            whose = owned(model, company)
            assert whose is not None, f"whose are the rows of {model._meta.label}? See tests/ownership.py"
            found[model._meta.label] = _rows(model, whose)
    return found


def owned(model: type[Model], company: Company, depth: int = 3) -> Q | None:
    """Which rows of a table are the company's, None where its columns do not tell.

    What belongs to something of the company's is the company's, whoever did it.
    """
    if model in (Company, Account, User):
        return _itself(model, company)
    fields = {field.name: field for field in model._meta.get_fields() if getattr(field, "concrete", False)}
    if "company" in fields:
        return Q(company=company.pk)
    links = {name: field.related_model for name, field in fields.items() if isinstance(field, ForeignKey)}
    for name, other in sorted(links.items(), key=lambda link: link[1] is User) if depth else ():
        inner = owned(other, company, depth - 1)
        if inner is not None:
            return Q((f"{name}__in", other._default_manager.filter(inner).values("pk")))
    return None


def _itself(model: type[Model], company: Company) -> Q:
    people = Membership.objects.filter(company=company).values("user")
    return {Company: Q(pk=company.pk), Account: Q(pk=company.account_id), User: Q(pk__in=people)}[model]


def _models() -> Iterator[type[Model]]:
    return (model for model in apps.get_models() if model.__module__.startswith("callspring."))


def _rows(model: type[Model], whose: Q) -> list[dict[str, Any]]:
    """As stored, but for when somebody was last here: to look is allowed."""
    rows = model._default_manager.filter(whose).order_by("pk").values()
    return [{name: value for name, value in row.items() if name != "seen_at"} for row in rows]
