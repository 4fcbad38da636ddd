"""What a file says, as it was understood: numbers with the way each is configured, and rows that say too little."""

from __future__ import annotations

from dataclasses import dataclass, field

from callspring.scenarios.tagging import Target


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """How a number is configured. Numbers of the same way make one scenario.

    `targets` are sorted. `strategy`, `name` and `value` are a rule's (`scenarios.models.Rule`). `destination` is as the
    file wrote it where it is a SIP address, else E.164; "" where nobody said. `alias` is the id that pages call the
    scenario by, `page_prefix` the digits with which pages of the older logic ask for its numbers. `offline`: it stands
    on no page. `title`: the file names the scenario itself.
    """

    targets: tuple[Target, ...] = ()
    dynamic: bool = False
    strategy: str = "always"
    name: str = ""
    value: str = ""
    destination: str = ""
    ring_seconds: int = 25
    mask: str = ""
    prefix: str = ""
    alias: str = ""
    page_prefix: str = ""
    offline: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class PlannedNumber:
    """One number (E.164) of the file. `line` is the row's, the header being 1; `notes` say what was only nearly met."""

    line: int
    e164: str
    name: str
    way: Way
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that makes no number. `text` is the number as the row wrote it; `said` says what to do."""

    line: int
    text: str
    said: str


@dataclass(frozen=True, slots=True)
class PlannedScenario:
    """Numbers that are configured the same way, sorted, under a name of its own."""

    name: str
    way: Way
    numbers: tuple[PlannedNumber, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What was only nearly met, each said once."""
        return tuple(dict.fromkeys(note for number in self.numbers for note in number.notes))


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a file comes to. `ignored` are the headers of columns that nothing was taken from."""

    product: str
    scenarios: tuple[PlannedScenario, ...] = ()
    problems: tuple[RowProblem, ...] = ()
    ignored: tuple[str, ...] = field(default=())

    @property
    def count(self) -> int:
        """How many numbers."""
        return sum(len(one.numbers) for one in self.scenarios)
