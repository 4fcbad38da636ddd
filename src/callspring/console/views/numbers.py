"""Numbers: those that no scenario uses. The others are tracking numbers."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from callspring.console.guard import member
from callspring.console.request import CompanyRequest
from callspring.numbers.queries import numbers as all_numbers


@require_safe
@member
def numbers(request: CompanyRequest) -> HttpResponse:
    """The company's other numbers, with what becomes of them."""
    found = all_numbers(request.company)
    context = {
        "numbers": found.filter(scenario__isnull=True),
        "tracking": found.filter(scenario__isnull=False).count(),
    }
    return render(request, "console/numbers.html", context)
