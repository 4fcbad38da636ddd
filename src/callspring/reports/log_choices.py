"""What the call log can be filtered by: the values that a company's calls really have."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from callspring.accounts.models import Company
from callspring.calls.models import Call, Credit, Tag
from callspring.reports.call_log import SOURCE_COLUMNS
from callspring.scenarios.models import Scenario

MOST = 200  # of one column, the most frequent: nobody looks through a longer list


@dataclass(frozen=True, slots=True)
class LogChoices:
    """`columns` has for each source column the values of credits in force, in alphabetical order; `numbers` are the
    dialled numbers (E.164), `scenarios` are (id, name), `tags` those in use."""

    columns: dict[str, list[str]]
    numbers: list[str]
    scenarios: list[tuple[int, str]]
    tags: list[str]


def log_choices(company: Company) -> LogChoices:
    """Four queries, whatever the company's size."""
    credited = Credit.objects.filter(company=company, current=True).order_by()
    counts: dict[str, Counter[str]] = {column: Counter() for column in SOURCE_COLUMNS}
    for *values, number in credited.values_list(*SOURCE_COLUMNS).annotate(n=Count("pk")):
        for column, value in zip(SOURCE_COLUMNS, values, strict=True):
            counts[column][value] += number
    return LogChoices({column: _most(counted) for column, counted in counts.items()}, *_of_calls(company))


def _of_calls(company: Company) -> tuple[list[str], list[tuple[int, str]], list[str]]:
    dialled = Call.objects.filter(company=company).order_by("dialled").values_list("dialled", flat=True).distinct()
    scenarios = Scenario.objects.filter(company=company).order_by("name", "pk").values_list("pk", "name")
    used = Call.tags.through.objects.filter(tag=OuterRef("pk"))
    tags = Tag.objects.filter(Exists(used), company=company).order_by("key").values_list("name", flat=True)
    return list(dialled[:MOST]), list(scenarios), list(tags[:MOST])


def _most(counted: Counter[str]) -> list[str]:
    return sorted(value for value, _count in counted.most_common(MOST) if value)
