"""Forms of rows that are alike, and the buttons of a row: they work without a script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from callspring.console.wizard.tracking_forms import StepForm

MOST_ROWS = 50
ROW_BUTTONS = ("more", "drop", "up")  # what is sent as `go`, with `-` and the row's place


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a form that has several alike: its place, and its fields by their part."""

    place: int
    fields: Mapping[str, BoundField]


class RowsForm(StepForm):
    """A form with rows of fields that are alike, `part-0`, `part-1`, …; as many as were sent, and at least one."""

    row_parts: tuple[str, ...] = ()
    before_rows: tuple[str, ...] = ()  # fields that stand above the rows; the others stand below

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = self.data or {}
        self.row_count = min(max(1, rows_in(sent, self.row_parts)), MOST_ROWS)
        for place in range(self.row_count):
            for part in self.row_parts:
                self.fields[f"{part}-{place}"] = self.row_field(part, place)
        rows = [f"{part}-{place}" for place in range(self.row_count) for part in self.row_parts]
        self.order_fields([*self.before_rows, *rows])

    def row_field(self, part: str, place: int) -> forms.Field:
        """A fresh field of a row."""
        raise NotImplementedError

    @property
    def rows(self) -> Iterator[Row]:
        """The rows, with their fields."""
        for place in range(self.row_count):
            yield Row(place, {part: self[f"{part}-{place}"] for part in self.row_parts})


def rows_in(sent: Mapping[str, Any], parts: Sequence[str]) -> int:
    """How many rows were sent."""
    places = [int(name.partition("-")[2]) for name in sent if name.partition("-")[0] in parts and _is_place(name)]
    return max(places, default=-1) + 1


def _is_place(name: str) -> bool:
    place = name.partition("-")[2]
    return place.isascii() and place.isdigit() and len(place) < 4


def press(sent: Any, button: str, parts: Sequence[str]) -> None:
    """Do what a row's button says to the data (a `QueryDict`): one row more, one less, one further up."""
    verb, _dash, text = button.partition("-")
    place = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1
    count = rows_in(sent, parts)
    if verb == "more" and count < MOST_ROWS:
        for part in parts:
            sent[f"{part}-{count}"] = ""
    elif verb == "up" and 0 < place < count:
        for part in parts:
            above, here = f"{part}-{place - 1}", f"{part}-{place}"
            sent[above], sent[here] = sent.get(here, ""), sent.get(above, "")
    elif verb == "drop" and 0 <= place < count:
        for part in parts:
            for later in range(place, count - 1):
                sent[f"{part}-{later}"] = sent.get(f"{part}-{later + 1}", "")
            sent.pop(f"{part}-{count - 1}", None)
