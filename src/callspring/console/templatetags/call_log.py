"""What the call log's templates use: links that change one thing of the address, and the line below a caller."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.translation import gettext as _

from callspring.calls.queries import CallDetail
from callspring.console import words

register = template.Library()


@register.simple_tag(takes_context=True)
def having(context: template.Context, name: str, value: str) -> str:
    """The same page with one filter set, from the first call on."""
    return str(context["asked"].having(name, value).address)


@register.simple_tag(takes_context=True)
def sorted_by(context: template.Context, sort: str) -> str:
    """The same calls in another order."""
    return str(context["asked"].sorted_by(sort).address)


@register.simple_tag
def about_caller(row: CallDetail, columns: Sequence[str]) -> str:
    """What the network calls them, where they are (unless that has a column), and whether they are new."""
    call: Any = row.call
    place = words.place(row.visit) if row.visit and "place" not in columns else ""
    return " · ".join(part for part in (call.caller_name, place, "" if call.is_repeat else _("first call")) if part)
