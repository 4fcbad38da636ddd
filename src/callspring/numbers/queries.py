"""Reads about a company's numbers."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from callspring.accounts.models import Company
from callspring.numbers.models import Connection, Number, NumberOrder


def numbers(company: Company) -> QuerySet[Number]:
    """All numbers of a company that it still has."""
    found = Number.objects.filter(company=company).exclude(state=Number.State.RELEASED)
    return found.select_related("scenario", "rule", "connection", "last_scenario")


def tracking_numbers(company: Company) -> QuerySet[Number]:
    """The numbers that a scenario uses."""
    return numbers(company).filter(scenario__isnull=False)


def free_numbers(company: Company) -> QuerySet[Number]:
    """The active numbers that no scenario uses. Resting ones are not among them (`callspring.numbers.resting`)."""
    return numbers(company).filter(scenario__isnull=True, state=Number.State.ACTIVE)


def number(company: Company, number_id: int) -> Number | None:
    """One number of the company, a released one too; None for an outsider's."""
    return Number.objects.filter(company=company, pk=number_id).select_related("scenario", "rule").first()


def connections(company: Company) -> QuerySet[Connection]:
    """The company's accounts at carriers that are connected, oldest first."""
    return Connection.objects.filter(company=company, disconnected_at=None).order_by("id")


def bought_here() -> Exists:
    """For a query of numbers: whether each was bought here, and not brought along from a carrier account."""
    orders = NumberOrder.objects.filter(
        connection=OuterRef("connection"), e164=OuterRef("e164"), state=NumberOrder.State.OBTAINED
    )
    return Exists(orders)
