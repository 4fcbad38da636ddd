"""What the templates of the wizard say besides `console`: the sort of number of a line of a quote, a draft's way."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from callspring.console.countries import COUNTRIES
from callspring.console.models import Draft
from callspring.console.wizard.steps import WAYS
from callspring.numbers.e164 import TOLL_FREE
from callspring.scenarios.purchases import QuoteLine

register = template.Library()


@register.filter
def number_sort(line: QuoteLine) -> str:
    """Local or toll-free."""
    return _("Toll-free number") if line.kind == TOLL_FREE else _("Local number")


@register.filter
def accuracy(share: float) -> str:
    """A forecast, to a tenth of a percent."""
    return _("%(share)s %%") % {"share": number_format(min(share, 1.0) * 100, decimal_pos=1)}


@register.filter
def number_from(line: QuoteLine) -> str:
    """Country and carrier."""
    return " · ".join(part for part in (str(COUNTRIES.get(line.country, line.country)), line.carrier.title()) if part)


@register.filter
def way(draft: Draft) -> str:
    """Which way of making a scenario was begun."""
    return str(WAYS[draft.way].title)
