"""Pages of a list that grows at its newest end: a cursor says after which row the next page begins.

Rows are ordered by (time, id), newest first: what comes in meanwhile moves nothing, and no row is met twice.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet
from ninja import Field, Schema
from ninja.errors import HttpError

M = TypeVar("M", bound=Model)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BAD_CURSOR = "This cursor is not one that the API gave. Leave it out to begin with the newest."


class PageQuery(Schema):
    """Which page of a list."""

    cursor: Annotated[str, Field(max_length=200, description="`next` of the page before")] = ""
    limit: Annotated[int, Field(ge=1, le=200, description="At most so many items")] = 50


def page(found: QuerySet[M], query: PageQuery, time_field: str) -> tuple[list[M], str | None]:
    """The page of `found` that `query` asks for, and the cursor of the next one, None on the last.

    Raises `HttpError` 400 for a cursor that is not ours.
    """
    ordered = found.order_by(f"-{time_field}", "-pk")
    if query.cursor:
        ordered = ordered.filter(_beyond(query.cursor, time_field, _id_type(found)))
    rows = list(ordered[: query.limit + 1])
    more = len(rows) > query.limit
    rows = rows[: query.limit]
    return rows, _cursor(rows[-1], time_field) if more else None


def _id_type(found: QuerySet[M]) -> type[UUID] | type[int]:
    return UUID if found.model._meta.pk.get_internal_type() == "UUIDField" else int


def _cursor(row: Model, time_field: str) -> str:
    at: datetime = getattr(row, time_field)
    return urlsafe_b64encode(f"{(at - EPOCH) // MICROSECOND}|{row.pk}".encode()).decode().rstrip("=")


def _beyond(cursor: str, time_field: str, id_type: type[UUID] | type[int]) -> Q:
    try:
        time, _, row_id = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition("|")
        at, last = EPOCH + int(time) * MICROSECOND, id_type(row_id)
    except (ValueError, OverflowError):
        raise HttpError(400, BAD_CURSOR) from None
    if isinstance(last, int) and not 0 <= last < 2**63:
        raise HttpError(400, BAD_CURSOR)
    # The first condition says nothing new: it is there for the index.
    older = Q(**{f"{time_field}__lt": at}) | Q(**{time_field: at, "pk__lt": last})
    return Q(**{f"{time_field}__lte": at}) & older
