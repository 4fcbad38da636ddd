"""A call flow as people see it: cards from top to bottom, lists of cards beside and within one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from callspring.console.flows import words
from callspring.flows.checks import Problem
from callspring.flows.editing import Place
from callspring.flows.steps import Flow, HangUp, Prompt, Step, Steps, Voicemail, branches
from callspring.scenarios.models import Sound


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that is heard: what it is called, the words, and the recording, if that is played."""

    label: str
    prompt: Prompt
    sound: Sound | None


@dataclass(frozen=True, slots=True)
class Slot:
    """A place where a step can be put; `key` names it in addresses and forms. `open`: it is being filled."""

    key: str
    open: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A step. `slot` is the place above it. `first` and `last`: it cannot go further up, or down."""

    id: int
    kind: words.Kind
    title: str
    about: list[str]
    heard: list[Heard]
    problems: list[str]
    branches: list[Branch]
    otherwise: str
    slot: Slot
    first: bool
    last: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """A list of cards. `end` is the place below them; `ends`: no call goes on below it."""

    name: str
    cards: list[Card]
    end: Slot
    ends: bool


@dataclass(slots=True)
class Picture:
    """The whole. `opened` is the id of the step whose form is shown, `adding` the place that is being filled."""

    flow: Flow
    problems: Iterable[Problem] = ()
    sounds: Iterable[Sound] = ()
    opened: int = 0
    adding: str = ""
    _known: Mapping[str, Sound] = field(default_factory=dict)

    def draw(self) -> Branch:
        """The flow's own list, with everything in it."""
        self._known = {sound.name: sound for sound in self.sounds}
        return self._branch("", self.flow.steps, 0, 0)

    def whole(self) -> list[str]:
        """What is wrong with the flow as a whole."""
        return [problem.text for problem in self.problems if not problem.step]

    def _branch(self, name: str, steps: Steps, parent: int, number: int) -> Branch:
        cards = [self._card(step, Place(parent, number, step.id)) for step in steps]
        ends = bool(steps) and isinstance(steps[-1], Voicemail | HangUp)
        return Branch(name, cards, self._slot(Place(parent, number)), ends)

    def _card(self, step: Step, place: Place) -> Card:
        names = words.branch_names(step)
        return Card(
            id=step.id,
            kind=words.kind_of(step),
            title=words.title(step),
            about=words.about(step),
            heard=[Heard(label, one, self._known.get(one.sound)) for label, one in words.heard(step)],
            problems=[problem.text for problem in self.problems if problem.step == step.id],
            branches=[self._branch(names[at], below, step.id, at) for at, below in enumerate(branches(step))],
            otherwise=words.otherwise(step),
            slot=self._slot(place),
            first=step is self.flow.steps[0],
            last=step is self.flow.steps[-1],
            open=step.id == self.opened,
        )

    def _slot(self, place: Place) -> Slot:
        key = written(place)
        return Slot(key, key == self.adding)


def written(place: Place) -> str:
    """A place as it stands in addresses and forms."""
    return f"{place.parent}-{place.branch}-{place.before}"


def place(key: str) -> Place | None:
    """The place that was written so; None for nonsense."""
    parts = key.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 6 for part in parts):
        return None
    return Place(*map(int, parts))
