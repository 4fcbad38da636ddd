"""An account at Twilio as its REST API shows it: it remembers, and every request is held against the specification.

    with TwilioAccount() as account:
        account.own("+13125550142")
        … CALLSPRING_CARRIER_APIS = f"twilio={account.url}" …
        account.texts[0]["Body"]

`url` is where it answers, on loopback; `sid` and `token` are its credentials. What it knows can be looked at and
changed while it runs: `numbers`, `for_sale`, `taken`, `texts`, `recordings`, `calls`. `requests` are all requests with
the answers' statuses; a request that the specification forbids is answered with 400 and stands in `unlawful`, which is
checked when the account is closed. `misbehave` makes the next answers hostile ones.
"""

from __future__ import annotations

import base64
import re
import secrets
import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from twilio.request_validator import RequestValidator

from tests.carriers.loopback import Answer, in_json, serving
from tests.carriers.spec_server import spec_server

VERSION = "/2010-04-01"
# What a number's configuration is, in Twilio's names and with Twilio's defaults.
BLANK: dict[str, str | None] = {
    "voice_url": None,
    "voice_method": "POST",
    "voice_fallback_url": None,
    "voice_fallback_method": "POST",
    "voice_application_sid": "",
    "trunk_sid": None,
    "status_callback": "",
    "status_callback_method": "POST",
    "sms_url": "",
    "sms_method": "POST",
    "sms_fallback_url": "",
    "sms_fallback_method": "POST",
    "sms_application_sid": "",
}


@dataclass(frozen=True)
class Asked:
    """A request as it came, with the status of its answer. `query` and `form` have the last value of each name."""

    method: str
    path: str
    query: dict[str, str]
    form: dict[str, str]
    status: int


class Refusal(Exception):
    """Twilio's no."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class TwilioAccount:
    """See the module. `page_limit` is the most numbers in one answer, `status` active or suspended."""

    version = VERSION  # what every path begins with

    def __init__(self, name: str = "Harbor & Pine") -> None:
        self.sid, self.token, self.name = self.new_id("AC"), secrets.token_hex(16), name
        self.numbers: dict[str, dict[str, Any]] = {}  # by PN…
        self.addresses: dict[str, str] = {}  # E.164 → none, any, local, foreign
        self.for_sale: dict[str, tuple[str, str]] = {}  # E.164 → locality, region
        self.taken: set[str] = set()  # offered still, and sold to somebody else meanwhile
        self.texts: list[dict[str, str]] = []
        self.opted_out: set[str] = set()
        self.recordings: dict[str, tuple[bytes, str]] = {}  # RE… → sound, content type
        self.calls: list[dict[str, str | None]] = []
        self.requests: list[Asked] = []
        self.unlawful: list[str] = []
        self.status, self.page_limit = "active", 1000
        self._misbehaviour: deque[tuple[str, Answer | None]] = deque()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), serving(self._answer))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    def new_id(self, kind: str) -> str:
        """The id of a new thing of a `kind`, such as PN."""
        return kind + secrets.token_hex(16)

    def __enter__(self) -> Self:
        self._prepare()
        self._thread.start()
        return self

    def _prepare(self) -> None:
        spec_server()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        assert kind is not None or self.unlawful == []

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def own(self, e164: str, *, voice: bool = True, sms: bool = True, **configuration: str) -> dict[str, Any]:
        """Give the account a number, with any of Twilio's fields set; what it then is."""
        number: dict[str, Any] = {
            "sid": self.new_id("PN"),
            "account_sid": self.sid,
            "phone_number": e164,
            "friendly_name": e164,
            "capabilities": {"voice": voice, "sms": sms, "mms": False, "fax": False},
            "date_created": "Thu, 30 Jul 2015 23:19:04 +0000",
            **BLANK,
            **configuration,
        }
        self.numbers[number["sid"]] = number
        return number

    def number(self, e164: str) -> dict[str, Any]:
        """The account's number with its configuration. Raises `LookupError`."""
        return next(one for one in self.numbers.values() if one["phone_number"] == e164)

    def record(self, sound: bytes, content_type: str = "audio/mpeg") -> str:
        """Keep a recording; its id."""
        sid = self.new_id("RE")
        self.recordings[sid] = (sound, content_type)
        return sid

    def call(self, caller: str, dialled: str, began: float, status: str = "completed", **changes: str) -> str:
        """Keep a call, or with `parent_call_sid` a leg of one; its id. `began` in Unix seconds, as all Twilio's dates
        cut to whole ones; it took 30 seconds, or what `duration` says."""
        sid, over = self.new_id("CA"), status not in {"queued", "ringing", "in-progress"}
        seconds = int(changes.get("duration", "30"))
        self.calls.append(
            {
                "sid": sid,
                "account_sid": self.sid,
                "parent_call_sid": None,
                "from": caller,
                "to": dialled,
                "status": status,
                "start_time": formatdate(began),
                "end_time": formatdate(began + seconds) if over else None,
                "duration": str(seconds) if over else None,
                "direction": "outbound-dial" if "parent_call_sid" in changes else "inbound",
                "caller_name": None,
                **changes,
            }
        )
        return sid

    def misbehave(self, *answers: Answer | None, method: str = "") -> None:
        """Give these answers to the next requests (of `method`), one each, and do not do what was asked for.

        None is an answer as it should be.
        """
        self._misbehaviour.extend((method, answer) for answer in answers)

    def tell(self, text: dict[str, str], status: str, **fields: str) -> httpx.Response:
        """Call back about a text that was sent, signed, as Twilio does when it was `sent`, `delivered`, `failed` …"""
        form = {"MessageSid": text["sid"], "MessageStatus": status, "From": text["From"], "To": text["To"], **fields}
        return self.post(text["StatusCallback"], form)

    def post(self, url: str, form: dict[str, str]) -> httpx.Response:
        """POST any webhook of this account's to `url`, signed."""
        form = {"AccountSid": self.sid, **form}
        signature = RequestValidator(self.token).compute_signature(url, form)
        return httpx.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=10)

    # --- answering

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        with self._lock:
            hostile = self._hostile(method)
            address, form = urlsplit(target), dict(parse_qsl(body.decode(), keep_blank_values=True))
            query = dict(parse_qsl(address.query, keep_blank_values=True))
            answer = (
                hostile
                or self._lawful(method, target, headers, body)
                or self._said(method, address.path, query, form, headers)
            )
            self.requests.append(Asked(method, address.path, query, form, answer.status))
            return answer

    def _hostile(self, method: str) -> Answer | None:
        if self._misbehaviour and self._misbehaviour[0][0] in ("", method):
            return self._misbehaviour.popleft()[1]
        return None

    def _lawful(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer | None:
        """The sound of a recording stands beside its description, and is not in the specification."""
        described = re.sub(r"(/Recordings/RE[0-9a-f]{32})\.(mp3|wav)$", r"\1.json", target)
        kept = {name: value for name, value in headers.items() if name in {"content-type", "authorization", "accept"}}
        problem = spec_server().check(method, described, kept, body)
        if not problem:
            return None
        self.unlawful.append(f"{method} {target} {body!r}: {problem}")
        return _refusal(Refusal(400, 20001, problem))

    def _said(
        self, method: str, path: str, query: dict[str, str], form: dict[str, str], headers: dict[str, str]
    ) -> Answer:
        try:
            self._let_in(headers.get("authorization", ""), path)
            return self._do(method, path.removeprefix(f"{self.version}/Accounts/{self.sid}"), query, form)
        except Refusal as no:
            return _refusal(no)

    def _let_in(self, authorization: str, path: str) -> None:
        expected = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        if authorization != f"Basic {expected}" or not path.startswith(f"{self.version}/Accounts/{self.sid}"):
            raise Refusal(401, 20003, "Authenticate")

    def _do(self, method: str, path: str, query: dict[str, str], form: dict[str, str]) -> Answer:
        match method, path.strip("/").split("/"):
            case "GET", [".json"]:
                return in_json({"sid": self.sid, "friendly_name": self.name, "status": self.status, "type": "Full"})
            case "GET", ["AvailablePhoneNumbers", country, kind]:
                return self._offer(country, kind.removesuffix(".json"), query)
            case "GET", ["IncomingPhoneNumbers.json"]:
                return self._page("IncomingPhoneNumbers", "incoming_phone_numbers", list(self.numbers.values()), query)
            case "POST", ["IncomingPhoneNumbers.json"]:
                return self._sell(form)
            case "POST" | "DELETE", ["IncomingPhoneNumbers", name]:
                return self._change(method, name.removesuffix(".json"), form)
            case "GET", ["Calls.json"]:
                return self._past_calls(query)
            case "POST", ["Messages.json"]:
                return self._send(form)
            case "GET" | "DELETE", ["Recordings", name]:
                return self._recording(method, name.partition(".")[0])
        raise Refusal(404, 20404, f"The requested resource {path} was not found")

    def _offer(self, country: str, kind: str, query: dict[str, str]) -> Answer:
        toll_free = ("800", "833", "844", "855", "866", "877", "888")
        wanted = [
            {
                "phone_number": e164,
                "locality": locality or None,
                "region": region or None,
                "iso_country": country,
                "address_requirements": self.addresses.get(e164, "none"),
            }
            for e164, (locality, region) in sorted(self.for_sale.items())
            if country == "US"
            and (e164[2:5] in toll_free) == (kind == "TollFree")
            and e164[2:].startswith(query.get("AreaCode", ""))
            and query.get("Contains", "") in e164
        ]
        limit = int(query.get("PageSize", "50"))
        return in_json({"available_phone_numbers": wanted[:limit], "uri": "/"})

    def _past_calls(self, query: dict[str, str]) -> Answer:
        """The newest first. Of the times that they are to be between, only the days count, as Twilio's API has it."""
        first, behind = query.get("StartTime>", "")[:10], query.get("StartTime<", "9999")[:10]
        began = {call["sid"]: parsedate_to_datetime(call["start_time"] or "") for call in self.calls}
        found = [call for call in self.calls if first <= began[call["sid"]].date().isoformat() < behind]
        return self._page("Calls", "calls", sorted(found, key=lambda call: began[call["sid"]], reverse=True), query)

    def _page(self, resource: str, name: str, everything: Sequence[dict[str, Any]], query: dict[str, str]) -> Answer:
        size, page = min(int(query.get("PageSize", "50")), self.page_limit), int(query.get("Page", "0"))
        listed = everything[page * size : (page + 1) * size]
        kept = {key: value for key, value in query.items() if key.startswith("StartTime")}
        last = "PA" + listed[-1]["sid"] if listed else ""
        following = urlencode({"PageSize": size, "Page": page + 1, "PageToken": last, **kept})
        path = f"{self.version}/Accounts/{self.sid}/{resource}.json?{following}"
        more = len(everything) > (page + 1) * size
        return in_json({name: listed, "page": page, "next_page_uri": path if more else None})

    def _sell(self, form: dict[str, str]) -> Answer:
        e164 = form.get("PhoneNumber", "")
        if e164 in self.taken or e164 not in self.for_sale:
            raise Refusal(400, 21422, f"{e164} is not available.")
        number = self.own(e164)
        try:
            _configure(number, form)
        except Refusal:
            del self.numbers[number["sid"]]
            raise
        del self.for_sale[e164]
        return in_json(number, 201)

    def _change(self, method: str, sid: str, form: dict[str, str]) -> Answer:
        if sid not in self.numbers:
            raise Refusal(404, 20404, f"The requested resource {sid} was not found")
        if method == "DELETE":
            del self.numbers[sid]
            return Answer(204)
        _configure(self.numbers[sid], form)
        return in_json(self.numbers[sid])

    def _send(self, form: dict[str, str]) -> Answer:
        mine = {one["phone_number"] for one in self.numbers.values() if one["capabilities"]["sms"]}
        if form["To"] in self.opted_out:
            raise Refusal(400, 21610, "Attempt to send to unsubscribed recipient")
        if form.get("From") not in mine:
            raise Refusal(
                400, 21606, f"The 'From' phone number {form.get('From')} is not a valid message-capable number"
            )
        text = {"sid": self.new_id("SM"), **form}
        self.texts.append(text)
        return in_json({"sid": text["sid"], "status": "queued", "body": form.get("Body"), "error_code": None}, 201)

    def _recording(self, method: str, sid: str) -> Answer:
        if sid not in self.recordings:
            raise Refusal(404, 20404, f"The requested resource {sid} was not found")
        if method == "DELETE":
            del self.recordings[sid]
            return Answer(204)
        sound, content_type = self.recordings[sid]
        return Answer(200, sound, {"Content-Type": content_type})


def _configure(number: dict[str, Any], form: dict[str, str]) -> None:
    """Twilio's rules: an empty value empties; a trunk and an application drive each other out."""
    changed = {**number}
    for name, value in form.items():
        field_name = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if field_name in BLANK:
            changed[field_name] = value
    if form.get("TrunkSid"):
        changed["voice_application_sid"] = ""
    elif form.get("VoiceApplicationSid"):
        changed["trunk_sid"] = None
    if changed["voice_fallback_url"] and not changed["voice_url"]:
        raise Refusal(400, 21405, "Cannot set VoiceFallbackUrl without setting Url")
    number.update(changed)


def _refusal(no: Refusal) -> Answer:
    more = f"https://www.twilio.com/docs/errors/{no.code}"
    return in_json({"code": no.code, "message": str(no), "more_info": more, "status": no.status}, no.status)
