"""A project at SignalWire as its compatibility API shows it, on loopback; it remembers.

Ids, paths, answers and what a request may carry are those of SignalWire's published OpenAPI (compatibility API 1.0.0,
in its docs repository). A request that it does not allow is answered with 422 and stands in `unlawful`, which is
checked when the account is closed.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.carriers.loopback import Answer
from tests.carriers.twilio_account import TwilioAccount

_NUMBER = frozenset(
    [
        "SmsApplicationSid",
        "SmsFallbackMethod",
        "SmsFallbackUrl",
        "SmsMethod",
        "SmsUrl",
        "StatusCallback",
        "StatusCallbackMethod",
        "TrunkSid",
        "VoiceApplicationSid",
        "VoiceFallbackMethod",
        "VoiceFallbackUrl",
        "VoiceMethod",
        "VoiceUrl",
    ]
)
_SEARCH = frozenset(["AreaCode", "Contains", "VoiceEnabled"])
_ACCOUNT = r"/api/laml/2010-04-01/Accounts/[0-9a-f-]{36}"
# What each request that we make may carry; SDKs put `.json` behind a path, which SignalWire takes.
ALLOWED = {
    ("GET", r"\.json"): frozenset[str](),
    ("GET", r"/AvailablePhoneNumbers/[A-Z]{2}/(Local|TollFree)\.json"): _SEARCH,
    ("GET", r"/IncomingPhoneNumbers\.json"): frozenset({"Page", "PageSize", "PageToken"}),
    ("POST", r"/IncomingPhoneNumbers\.json"): _NUMBER | {"PhoneNumber"},
    ("GET", r"/IncomingPhoneNumbers/[0-9a-f-]{36}\.json"): frozenset[str](),
    ("POST", r"/IncomingPhoneNumbers/[0-9a-f-]{36}\.json"): _NUMBER,
    ("DELETE", r"/IncomingPhoneNumbers/[0-9a-f-]{36}\.json"): frozenset[str](),
    ("GET", r"/Calls\.json"): frozenset({"StartTime<", "StartTime>", "Page", "PageSize", "PageToken"}),
    ("POST", r"/Messages\.json"): frozenset({"To", "From", "Body", "StatusCallback"}),
    ("GET", r"/Recordings/[0-9a-f-]{36}\.mp3"): frozenset[str](),
    ("DELETE", r"/Recordings/[0-9a-f-]{36}\.json"): frozenset[str](),
}


class SignalWireAccount(TwilioAccount):
    """See the module; all else is as in `TwilioAccount`. `account` and `secret` are a connection's credentials."""

    version = "/api/laml/2010-04-01"

    def __init__(self, name: str = "Harbor & Pine") -> None:
        super().__init__(name)
        self.token = "PT" + uuid.uuid4().hex
        self.account, self.secret = f"example.signalwire.com/{self.sid}", f"{self.token}:PSK_{uuid.uuid4().hex}"

    def new_id(self, kind: str) -> str:  # noqa: ARG002 - they do not say of what they are
        return str(uuid.uuid4())

    def _prepare(self) -> None:
        """There is no other server."""

    def _lawful(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:  # noqa: ARG002
        address = urlsplit(target)
        fields = parse_qsl(address.query, keep_blank_values=True) + parse_qsl(body.decode(), keep_blank_values=True)
        problem = self._problem(method, address.path, dict(fields))
        if not problem:
            return None
        self.unlawful.append(f"{method} {target} {body!r}: {problem}")
        return Answer(422, b'{"errors": [{"code": "90000", "message": "The supplied parameter is unsupported"}]}')

    def _problem(self, method: str, path: str, fields: dict[str, str]) -> str:
        allowed = next((names for (verb, form), names in ALLOWED.items() if verb == method and _is(path, form)), None)
        if allowed is None:
            return "no such request"
        unknown = sorted(fields.keys() - allowed)
        wrong = [
            name
            for name, value in fields.items()
            if not _fits(name, value) and not (value == "" and self._has(path, name))
        ]
        return f"unknown {unknown}, wrong {wrong}" if unknown or wrong else ""

    def _has(self, path: str, name: str) -> bool:
        """An empty value takes away what is there; of what is not there it is a wrong one."""
        number = self.numbers.get(path.rpartition("/")[2].removesuffix(".json"), {})
        return bool(number.get(re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()))

    def _do(self, method: str, path: str, query: dict[str, str], form: dict[str, str]) -> Answer:
        if method == "GET" and (named := re.fullmatch(r"/IncomingPhoneNumbers/([0-9a-f-]{36})\.json", path)):
            return self._change(method, named[1], {})
        answer = super()._do(method, path, query, form)
        # It names a rate center, in capitals, and no locality; a call's length is a number.
        body = answer.body.replace(b'"locality": "Chicago"', b'"rate_center": "CHICAGO"')
        return replace(answer, body=re.sub(rb'"duration": "([0-9]+)"', rb'"duration": \1', body))


def _is(path: str, form: str) -> bool:
    return re.fullmatch(_ACCOUNT + form, path) is not None


def _fits(name: str, value: str) -> bool:
    if name.endswith("Method"):
        return value in ("GET", "POST")
    if name == "Contains":
        return re.fullmatch("[0-9a-zA-Z]+", value) is not None
    if name.endswith("Url") or name == "StatusCallback":
        return value.startswith(("http://", "https://"))
    return bool(value)


def configuration(number: dict[str, Any]) -> dict[str, Any]:
    """What a number does, with nothing always written the same."""
    return {name: value or "" for name, value in number.items()}
