"""What the call log can be filtered by: the values that a company's calls really have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from callspring.accounts.models import Company
from callspring.calls.models import Call, Credit
from callspring.reports.call_log import SOURCE_COLUMNS
from callspring.scenarios.models import Scenario

MOST = 200  # of one column, the most frequent: nobody looks through a longer list


@dataclass(frozen=True, slots=True)
class LogChoices:
    """`columns` has for each source column the values of credits in force, in alphabetical order; `numbers` are the
    dialled numbers (E.164), `scenarios` are (id, name)."""

    columns: dict[str, list[str]]
    numbers: list[str]
    scenarios: list[tuple[int, str]]


def log_choices(company: Company) -> LogChoices:
    """Three queries, whatever the company's size."""
    credited = Credit.objects.filter(company=company, current=True).order_by()
    counts: dict[str, Counter[str]] = {column: Counter() for column in SOURCE_COLUMNS}
    for *values, number in credited.values_list(*SOURCE_COLUMNS).annotate(n=Count("pk")):
        for column, value in zip(SOURCE_COLUMNS, values, strict=True):
            counts[column][value] += number
    return LogChoices({column: _most(counted) for column, counted in counts.items()}, *_of_calls(company))


def _of_calls(company: Company) -> tuple[list[str], list[tuple[int, str]]]:
    dialled = Call.objects.filter(company=company).order_by("dialled").values_list("dialled", flat=True).distinct()
    scenarios = Scenario.objects.filter(company=company).order_by("name", "pk").values_list("pk", "name")
    return list(dialled[:MOST]), list(scenarios)


def _most(counted: Counter[str]) -> list[str]:
    return sorted(value for value, _count in counted.most_common(MOST) if value)
