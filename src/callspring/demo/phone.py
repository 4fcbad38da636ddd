"""The JSON behind the sandbox phone: dial, look, press a button; write a text and read those that come."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any, TypeVar

import msgspec

from callspring.demo.business import by_hand
from callspring.demo.call import Press, SandboxCall, Stage, WrongMoment
from callspring.demo.exchange import Exchange, OutOfOrder, UnknownNumber
from callspring.demo.spellings import NotANumber, pretty, to_e164
from callspring.demo.texting import NotTaken, Written
from callspring.demo.web import Request, Response, as_json

MOST_LIVE = 20  # calls at the same time; each is somebody at a phone
MOST_KEPT = 100  # ended calls that a page may still be looking at
LONGEST_TEXT = 1_600  # characters
KEYS = "0123456789*#"
MOST_TEXTS = 50  # that the page shows


T = TypeVar("T")


class Dialled(msgspec.Struct):
    """What the page sends when Call is pressed. `caller` "" means withheld."""

    caller: str = msgspec.field(name="from", default="")
    number: str = msgspec.field(name="to", default="")


class Texted(msgspec.Struct):
    """What the page sends when Send is pressed."""

    caller: str = msgspec.field(name="from", default="")
    number: str = msgspec.field(name="to", default="")
    body: str = ""


class Pressed(msgspec.Struct):
    """What the page sends when a button of a phone is pressed."""

    button: Press
    key: str = ""
    phone: int | None = None


class Phone:
    """The two phones of the page: its calls by id, newest last."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._calls: dict[str, SandboxCall] = {}

    def dial(self, request: Request) -> Response:
        """`POST /phone/calls` with `{"from", "to"}`: 201 and the call, or 4xx with `{"error", "field"}`."""
        dialled = _read(request, Dialled)
        if isinstance(dialled, Response):
            return dialled
        if sum(call.stage is not Stage.ENDED for call in self._calls.values()) >= MOST_LIVE:
            return refuse(429, f"{MOST_LIVE} calls are going on already. End one of them first.")
        numbers = _numbers(dialled)
        return numbers if isinstance(numbers, Response) else self._place(*numbers)

    def _place(self, caller: str, number: str) -> Response:
        try:
            call = self._exchange.place(caller, number, by_hand)
        except UnknownNumber as error:
            return refuse(404, str(error), "to")
        except OutOfOrder as error:
            return refuse(503, str(error))
        self._calls[call.id] = call
        self._forget_old()
        return as_json(as_shown(call), 201)

    def show(self, call_id: str) -> Response:
        """`GET /phone/calls/ID`: how the call stands."""
        call = self._calls.get(call_id)
        return as_json(as_shown(call)) if call else refuse(404, "This phone knows no such call.")

    def press(self, call_id: str, request: Request) -> Response:
        """`POST /phone/calls/ID/press` with `{"button"}`: the call; 409 when the button does nothing now."""
        call = self._calls.get(call_id)
        if not call:
            return refuse(404, "This phone knows no such call.")
        pressed = _read(request, Pressed)
        if isinstance(pressed, Response):
            return pressed
        try:
            _do(call, pressed)
        except WrongMoment as error:
            return refuse(409, str(error), "button")
        return as_json(as_shown(call))

    async def write(self, request: Request) -> Response:
        """`POST /phone/texts` with `{"from", "to", "body"}`: 201 and the text, or 4xx with `{"error", "field"}`."""
        texted = _read(request, Texted)
        if isinstance(texted, Response):
            return texted
        if not texted.caller.strip():
            return refuse(422, "A text cannot be sent with a withheld number.", "from")
        if not 0 < len(texted.body.strip()) <= LONGEST_TEXT:
            return refuse(422, f"Write something first, at most {LONGEST_TEXT} characters.", "body")
        numbers = _numbers(Dialled(texted.caller, texted.number))
        return numbers if isinstance(numbers, Response) else await self._write(*numbers, texted.body.strip())

    async def _write(self, sender: str, number: str, body: str) -> Response:
        try:
            return as_json(as_text(await self._exchange.write(sender, number, body), sender), 201)
        except UnknownNumber as error:
            return refuse(404, str(error), "to")
        except NotTaken as error:
            return refuse(502, str(error), "body")
        except OutOfOrder as error:
            return refuse(503, str(error))

    def texts(self, request: Request) -> Response:
        """`GET /phone/texts?number=NUMBER`: what that phone has sent and received, oldest first."""
        try:
            number = to_e164(request.query.get("number", ""))
        except NotANumber:
            return as_json({"texts": []})
        return as_json({"texts": [as_text(text, number) for text in self._exchange.texts(number)[-MOST_TEXTS:]]})

    def _forget_old(self) -> None:
        ended = [key for key, call in self._calls.items() if call.stage is Stage.ENDED]
        for key in ended[: max(0, len(self._calls) - MOST_KEPT)]:
            del self._calls[key]


def _do(call: SandboxCall, pressed: Pressed) -> None:
    """Raises `WrongMoment`."""
    if pressed.button not in (Press.KEY, Press.BUSINESS_KEY):
        call.press(pressed.button, pressed.phone)
    elif len(pressed.key) != 1 or pressed.key not in KEYS:
        raise WrongMoment("That is no key of a telephone.")
    elif pressed.button is Press.KEY:
        call.press_key(pressed.key)
    else:
        call.press_business_key(pressed.key)


def as_shown(call: SandboxCall) -> dict[str, Any]:
    """A call as the page shows it. `talking_for` and `duration` are in seconds; the log's `after` too."""
    answered = call.answered_at
    return {
        "id": call.id,
        "stage": call.stage,
        "from": call.caller,
        "from_shown": pretty(call.caller),
        "to": call.dialled,
        "to_shown": pretty(call.dialled),
        "destination_shown": pretty(call.destination) if call.destination else "",
        "caller_id_shown": pretty(call.caller_id),
        "talking_for": int(time.monotonic() - answered) if answered and call.duration is None else None,
        "duration": call.duration,
        "outcome": call.outcome,
        "cause": call.cause,
        "said": call.said,
        "fell_back": call.fell_back,
        "talked": call.talked,
        "recorded": call.recorded,
        "phones": [
            {"shown": pretty(one.destination), "state": one.state, "said": one.said, "outcome": one.outcome}
            for one in call.phones
        ],
        "log": [asdict(line) for line in call.log],
    }


def as_text(text: Written, number: str) -> dict[str, Any]:
    """A text as the phone with `number` shows it. `at` is in Unix seconds."""
    mine = text.sender == number
    other = text.to if mine else text.sender
    return {"id": text.id, "mine": mine, "other_shown": pretty(other), "body": text.body, "at": text.at}


def refuse(status: int, message: str, field: str = "") -> Response:
    """An error that the page shows beside the field it is about."""
    return as_json({"error": message, "field": field}, status)


def _read(request: Request, kind: type[T]) -> T | Response:
    """The body as `kind`, or the refusal. Only JSON, which another site's form cannot send."""
    if request.content_type != "application/json":
        return refuse(415, "Send JSON with the content type application/json.")
    try:
        return msgspec.json.decode(request.body, type=kind)
    except msgspec.MsgspecError as error:
        return refuse(400, f"Not what this phone understands: {error}.")


def _numbers(dialled: Dialled) -> tuple[str, str] | Response:
    """The caller's and the dialled number in E.164, or the refusal with the field it is about."""
    field = "to"
    try:
        number = to_e164(dialled.number)
        field = "from"
        return (to_e164(dialled.caller) if dialled.caller.strip() else ""), number
    except NotANumber as error:
        return refuse(422, str(error), field)
