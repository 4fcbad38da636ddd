"""What templates use to say things: icons, fields, phone numbers, money, lengths of time, badges."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from callspring.calls.models import Grade
from callspring.console import credit_words, pool_charts, reasons, scenario_table, words
from callspring.sites.international import address_to_unicode, to_unicode

register = template.Library()

register.filter("phone", words.phone)
register.filter("seconds", words.seconds)
register.filter("percent", words.percent)
register.filter("millionths", credit_words.millionths)
register.filter("calls", credit_words.calls)
register.filter("chance", credit_words.chance)
register.filter("source", words.source)
register.filter("place", words.place)
register.filter("host_path", words.host_path)
register.filter("host_name", to_unicode)
register.filter("web_address", address_to_unicode)
register.filter("strategy", words.strategy)
register.filter("channel", words.channel_name)
register.filter("cause", reasons.cause)
register.filter("tenths", pool_charts.tenths)
register.filter("kind_words", scenario_table.kind_words)
register.filter("rank_words", scenario_table.rank_words)


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A picture from the sprite; it says nothing that the text beside it does not."""
    return format_html(
        '<svg class="cs-icon" width="{}" height="{}" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        size,
        size,
        static("console/icons.svg"),
        name,
    )


@register.simple_tag
def money(amount: int, currency: str) -> str:
    """Minor units of a currency, as people write it."""
    return words.money(amount, currency)


@register.simple_tag
def event_words(event: Any) -> str:
    """What a carrier's event means."""
    return reasons.event(event)


@register.inclusion_tag("console/parts/field.html")
def field(
    bound: BoundField, optional: bool = False, shown_for: str = "", css: str = "", row_for: str = ""
) -> dict[str, Any]:
    """A form field with label, help and error, tied together for screen readers.

    `shown_for`, `row_for`: with which choices of the form's, or of its row's, select it is shown.
    """
    kind = getattr(bound.field.widget, "input_type", "")
    css_class = "form-select" if kind == "select" else "form-control"
    attrs: dict[str, Any] = {"class": f"{css_class} is-invalid" if bound.errors else css_class}
    described = [f"{bound.auto_id}_helptext"] if bound.help_text else []
    if bound.errors:
        attrs["aria-invalid"] = "true"
        described.append(f"{bound.auto_id}_error")
    if described:
        attrs["aria-describedby"] = " ".join(described)
    return {
        "field": bound,
        "control": bound.as_widget(attrs=attrs),
        "optional": optional,
        "shown_for": shown_for,
        "row_for": row_for,
        "class": css,
    }


@register.simple_tag
def host(name: str) -> SafeString | str:
    """A host as people write it. Where browsers write it otherwise, their way is its title."""
    shown = to_unicode(name)
    return name if shown == name else format_html('<bdi title="{}">{}</bdi>', name, shown)


@register.simple_tag
def when(moment: datetime | None, form: str = "long") -> SafeString | str:
    """A time in the company's zone. `form`: long (day and time), clock (time with seconds), time, day, within (the
    same within a sentence), short (the time today, else the day)."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    text = _FORMS[form](local)
    title = date_format(local, "j F Y, H:i:s") + f" {timezone.get_current_timezone_name()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), title, text)


def _clock(local: datetime) -> str:
    return date_format(local, "H:i:s")


def _time(local: datetime) -> str:
    return date_format(local, "H:i")


def _short(local: datetime) -> str:
    return _time(local) if local.date() == timezone.localdate() else _day(local)


def _day(local: datetime) -> str:
    today = timezone.localdate()
    if local.date() == today:
        return _("Today")
    if local.date() == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(local, "j M" if local.year == today.year else "j M Y")


def _within(local: datetime) -> str:
    today = timezone.localdate()
    if local.date() == today:
        return _("today")
    return _("yesterday") if local.date() == today - timedelta(days=1) else _day(local)


def _long(local: datetime) -> str:
    return f"{_day(local)}, {date_format(local, 'H:i')}"


_FORMS = {"clock": _clock, "day": _day, "within": _within, "long": _long, "time": _time, "short": _short}


@register.inclusion_tag("console/parts/grade.html")
def grade(credit: Any) -> dict[str, Any]:
    """How sure a credit is: a word and a picture, never colour alone. `credit` may be None."""
    return {"credit": credit}


@register.inclusion_tag("console/parts/grade_of.html")
def grade_of(grade: str, what: str) -> dict[str, str]:
    """How sure one part of a credit is, its source or its visit, where the two differ."""
    return {"grade": grade, "what": what, "label": str(Grade(grade).label)}


@register.inclusion_tag("console/parts/status.html")
def status(call: Any) -> dict[str, Any]:
    """Where a call stands."""
    return {"call": call}


@register.inclusion_tag("console/parts/change.html")
def change(now: float | None, before: float | None, points: bool = False) -> dict[str, Any]:
    """How a figure moved against the period before: in percent, or in percentage points for shares."""
    return {"change": words.change(now, before, points=points)}


@register.simple_tag(takes_context=True)
def address(context: template.Context, **changes: Any) -> str:
    """This page's query with some parameters changed; an empty value takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def address_without(context: template.Context, name: str) -> str:
    """This page's query without one parameter, and from the first page on."""
    return str(address(context, **{name: "", "before": "", "after": "", "seen": ""}))


@register.simple_tag(takes_context=True)
def live_address(context: template.Context, stamp: str) -> str:
    """This page, asked for again: only what differs from `stamp` is worth an answer."""
    return f"{context['request'].path}{address(context, seen=stamp)}"
