"""The dry run: what would a caller from X meet at time T? Pure, and the same evaluation as on the phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from callspring.carriers.contract import Status
from callspring.flows.evaluation import Ask, End, Facts, Record, Ring, Turn, next_turn
from callspring.flows.steps import Flow

MOST_TURNS = 1_000


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happens. `kind`: `hears`, `rings`, `answers`, `no_answer`, `asks`, `presses`, `no_key`, `records`,
    `texts` or `ends`; `text` is what is said, who is rung, or which key; `step` the step it comes from, 0 if unknown.
    """

    kind: str
    text: str = ""
    seconds: int = 0
    step: int = 0


def rehearse(flow: Flow, facts: Facts, keys: Sequence[str] = (), answers: str = "") -> list[Line]:
    """Play one call through. `keys` are pressed one after the other; `answers` is who picks up, "" when nobody does."""
    lines: list[Line] = []
    pressed = list(keys)
    turn = next_turn(flow, None, None, facts)
    for _ in range(MOST_TURNS):
        lines += _said(turn)
        match turn.act:
            case Ring():
                if answers in turn.act.destinations:
                    return [*lines, Line("answers", answers, step=turn.act.position.step)]
                lines.append(Line("no_answer", step=turn.act.position.step))
                turn = next_turn(flow, turn.act.position, Status.NO_ANSWER, facts)
            case Ask():
                key = pressed.pop(0) if pressed else ""
                lines.append(Line("presses" if key else "no_key", key, step=turn.act.position.step))
                turn = next_turn(flow, turn.act.position, None, facts, key)
            case _:
                return lines
    raise RuntimeError("a flow is finite, and so is each of its steps")


def _said(turn: Turn) -> list[Line]:
    act = turn.act
    lines = [Line("hears", prompt.text) for prompt in turn.prompts]
    lines += [Line("texts", text, step=step) for step, text in turn.texts]
    match act:
        case Ring():
            lines.append(Line("rings", ", ".join(act.destinations), act.seconds, act.position.step))
        case Ask():
            lines.append(Line("asks", seconds=act.seconds, step=act.position.step))
        case Record():
            lines.append(Line("records", seconds=act.seconds, step=act.position.step))
        case End():
            lines.append(Line("ends"))
    return lines
