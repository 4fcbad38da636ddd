"""The call log's columns: which there are, and which a person wants to see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from callspring.console.models import PageChoice
from callspring.console.request import CompanyRequest

PAGE = "calls"


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `usual`: shown until somebody chooses otherwise. The caller is always shown and not among them."""

    name: str
    label: Promise
    usual: bool = False


COLUMNS = (
    Column("when", _("When"), usual=True),
    Column("source", _("Source"), usual=True),
    Column("number", _("Number"), usual=True),
    Column("status", _("Status"), usual=True),
    Column("duration", _("Duration"), usual=True),
    Column("credit", _("Credit"), usual=True),
    Column("tags", _("Tags")),
    Column("lead", _("Qualified lead")),
    Column("value", _("Value")),
    Column("note", _("Note")),
    Column("channel", _("Channel")),
    Column("keyword", _("Keyword")),
    Column("landing", _("Landing page")),
    Column("page", _("Page when calling")),
    Column("place", _("Location")),
    Column("device", _("Device")),
)
USUAL = tuple(column.name for column in COLUMNS if column.usual)


def chosen(choice: PageChoice | None) -> tuple[str, ...]:
    """The names of the columns to show, in the table's order."""
    return known(choice.columns if choice else ()) or USUAL


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Those that there are, in the table's order."""
    wanted = set(names)
    return tuple(column.name for column in COLUMNS if column.name in wanted)


def choose(request: CompanyRequest, names: Iterable[str]) -> None:
    """Remember them for this person in this company; none is the page's own."""
    PageChoice.objects.update_or_create(
        user=request.user, company=request.company, page=PAGE, defaults={"columns": list(known(names))}
    )
