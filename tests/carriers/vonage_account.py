"""An account at Vonage as its REST APIs show it, on loopback; it remembers.

Paths, fields, answers and bounds are those of Vonage's OpenAPI documents (Nexmo/api-specification: numbers 1.0.17,
application.v2 2.0.8, voice 1.3.6, media) and of the SDK's models (`vonage_voice.models.ListCallsFilter`; an SMS of
vonage-messages). A request that they do not allow is refused and stands in `unlawful`, which is checked when the
account is closed. Tokens are checked with the public key of the application that they name.
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import uuid
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jwt
from pydantic import ValidationError
from vonage_voice.models import ListCallsFilter

from tests.carriers.loopback import Answer, in_json
from tests.carriers.twilio_account import Asked, Refusal, TwilioAccount

SEARCH = frozenset({"country", "type", "pattern", "search_pattern", "features", "size", "index"})
OWNED = frozenset({"application_id", "has_application", "country", "pattern", "search_pattern", "size", "index"})
DETAILS = frozenset({"country", "msisdn", "target_api_key"})
UPDATE = DETAILS | {"app_id", "moHttpUrl", "moSmppSysType", "voiceCallbackType", "voiceCallbackValue"}
SMS = frozenset({"channel", "message_type", "to", "from", "text", "webhook_url", "webhook_version", "client_ref"})
VOICE, MESSAGES = {"answer_url", "fallback_answer_url", "event_url"}, {"inbound_url", "status_url"}
TOLL_FREE = ("1800", "1833", "1844", "1855", "1866", "1877", "1888")


class VonageAccount(TwilioAccount):
    """See the module. `account` and `secret` are a connection's credentials; numbers are kept by their digits."""

    def __init__(self) -> None:
        super().__init__()
        self.account, self.token = secrets.token_hex(4), secrets.token_hex(8)
        self.secret = f"{self.token}:{secrets.token_hex(25)}"
        self.applications: dict[str, dict[str, Any]] = {}

    def _prepare(self) -> None:
        """There is no other server."""

    def own(self, e164: str, *, voice: bool = True, sms: bool = True, **configuration: str) -> dict[str, Any]:
        features = [name for name, has in (("VOICE", voice), ("SMS", sms)) if has]
        digits = e164.removeprefix("+")
        kind = "landline-toll-free" if digits.startswith(TOLL_FREE) else "mobile-lvn"
        self.numbers[digits] = {"country": "US", "msisdn": digits, "type": kind, "features": features, **configuration}
        return self.numbers[digits]

    def create(self, name: str, **webhooks: str) -> str:
        """An application of the account's own; its id."""
        voice = {said: {"address": url, "http_method": "POST"} for said, url in webhooks.items()}
        return str(self._application({"name": name, "capabilities": {"voice": {"webhooks": voice}}})["id"])

    def record(self, sound: bytes, content_type: str = "audio/mpeg") -> str:
        """Made by a call to one of our numbers; its id as our webhooks make it."""
        application = self._application({"name": "Callspring 13125550199", "keys": {"public_key": "an older one"}})
        file = str(uuid.uuid4())
        self.recordings[file] = (sound, content_type)
        return f"{application['id']}{file}".replace("-", "")

    def _answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        with self._lock:
            address = urlsplit(target)
            query = dict(parse_qsl(address.query, keep_blank_values=True))
            form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
            given: dict[str, Any] = (
                dict(parse_qsl(body.decode(), keep_blank_values=True)) if form else json.loads(body or b"{}")
            )
            answer = self._hostile(method) or self._served(method, address.path, query, given, headers)
            self.requests.append(Asked(method, address.path, query, given, answer.status))
            return answer

    def _served(
        self, method: str, path: str, query: dict[str, str], given: dict[str, Any], headers: dict[str, str]
    ) -> Answer:
        try:
            problem = self._unlawful(method, path, query, given)
            if problem:
                self.unlawful.append(f"{method} {path} {query} {given}: {problem}")
                raise Refusal(400, 400, problem)
            by = self._asker(headers.get("authorization", ""))
            if (by == "") != path.startswith(("/v2/", "/v1/messages", "/number", "/account/")):
                raise Refusal(401, 401, "Unauthorized")
            return self._done(method, path, query, given)
        except Refusal as no:
            return in_json(
                {"type": "https://developer.vonage.com/api-errors", "title": "No", "detail": str(no)}, no.status
            )

    def _asker(self, authorization: str) -> str:
        """The application whose token this is, "" for the account itself."""
        kind, _, said = authorization.partition(" ")
        if kind == "Basic":
            if said != base64.b64encode(f"{self.account}:{self.token}".encode()).decode():
                raise Refusal(401, 401, "authentication failed")
            return ""
        try:
            named = str(jwt.decode(said, options={"verify_signature": False})["application_id"])
            key = self.applications[named]["keys"]["public_key"]
            jwt.decode(said, key, algorithms=["RS256"])
        except (jwt.PyJWTError, KeyError, ValueError):
            raise Refusal(401, 401, "You did not provide correct credentials.") from None
        return named

    # --- what the documents allow

    def _unlawful(self, method: str, path: str, query: dict[str, str], given: dict[str, Any]) -> str:
        match method, path:
            case "GET", "/account/numbers":
                return _unknown(query, OWNED) or _paged(query)
            case "GET", "/number/search":
                return _unknown(query, SEARCH) or _paged(query) or ("" if query.get("country") else "no country")
            case "POST", "/number/buy" | "/number/cancel":
                return _unknown(given, DETAILS) or _details(given)
            case "POST", "/number/update":
                return _unknown(given, UPDATE) or _details(given)
            case "POST", "/v1/messages":
                return _unknown(given, SMS) or _sms(given)
            case "GET", "/v1/calls":
                return _calls(query)
            case "GET", "/v2/applications":
                return _unknown(query, frozenset({"page_size", "page"})) or _paged({"size": query["page_size"]})
            case "POST" | "PUT", _ if path.startswith("/v2/applications"):
                return _application(given)
            case "GET" | "DELETE", _ if re.fullmatch(r"/(v2/applications|v1/files|v3/media)/[0-9a-f-]{36}", path):
                return _unknown({**query, **given}, frozenset())
        return "no such request"

    # --- what it does

    def _done(self, method: str, path: str, query: dict[str, str], given: dict[str, Any]) -> Answer:
        match method, path.strip("/").split("/"):
            case "GET", ["account", "numbers"]:
                found = [one for one in self.numbers.values() if one["msisdn"].startswith(query.get("pattern", ""))]
                return self._some(found, query)
            case "GET", ["number", "search"]:
                return self._some(self._offered(query), query)
            case "POST", ["number", verb]:
                return self._number(verb, given)
            case _, ["v2", "applications", *name]:
                return self._of_application(method, name, query, given)
            case "POST", ["v1", "messages"]:
                return self._text(given)
            case "GET", ["v1", "calls"]:
                return self._past_calls(query)
            case "GET" | "DELETE", [_, _, file]:
                return self._file(method, file)
        raise Refusal(404, 404, "Not Found")

    def _some(self, found: list[dict[str, Any]], query: dict[str, str]) -> Answer:
        """Where there is nothing, the Numbers API answers with nothing."""
        size, index = min(int(query.get("size", "10")), self.page_limit), int(query.get("index", "1"))
        return in_json({"count": len(found), "numbers": found[(index - 1) * size : index * size]} if found else {})

    def _offered(self, query: dict[str, str]) -> list[dict[str, Any]]:
        pattern, inside = query.get("pattern", ""), query.get("search_pattern") == "1"
        found = []
        for e164 in sorted(self.for_sale):
            digits = e164.removeprefix("+")
            kind = "landline-toll-free" if digits.startswith(TOLL_FREE) else "mobile-lvn"
            fits = pattern in digits if inside else digits.startswith(pattern)
            if fits and query["country"] == "US" and query.get("type", kind) == kind:
                found.append({"country": "US", "msisdn": digits, "type": kind, "features": ["VOICE"], "cost": "0.90"})
        return found

    def _number(self, verb: str, form: dict[str, str]) -> Answer:
        digits = form["msisdn"]
        if verb == "buy":
            if f"+{digits}" in self.taken or f"+{digits}" not in self.for_sale:
                return in_json({"error-code": "420", "error-code-label": "method failed"}, 420)
            del self.for_sale[f"+{digits}"]
            self.own(f"+{digits}")
            return in_json({"error-code": "200", "error-code-label": "success"})
        if digits not in self.numbers or self.numbers[digits]["country"] != form["country"]:
            return in_json({"error-code": "420", "error-code-label": "method failed"}, 420)
        if verb == "cancel":
            del self.numbers[digits]
        else:
            self._update(self.numbers[digits], form)
        return in_json({"error-code": "200", "error-code-label": "success"})

    def _update(self, number: dict[str, Any], form: dict[str, str]) -> None:
        """What an update does not name is gone afterwards."""
        if form.get("app_id", "") not in {"", *self.applications}:
            raise Refusal(420, 420, "no such application")
        for name in ("app_id", "moHttpUrl", "voiceCallbackType", "voiceCallbackValue"):
            number.pop(name, None)
            if form.get(name):
                number[name] = form[name]

    def _application(self, given: dict[str, Any]) -> dict[str, Any]:
        made = {"id": str(uuid.uuid4()), "keys": {"public_key": ""}, "capabilities": {}, **given}
        self.applications[made["id"]] = made
        return made

    def _of_application(self, method: str, name: list[str], query: dict[str, str], given: dict[str, Any]) -> Answer:
        if not name and method == "POST":
            return in_json(self._application(given), 201)
        if not name:
            size, page, every = int(query["page_size"]), int(query["page"]), list(self.applications.values())
            some = every[(page - 1) * size : page * size]
            pages = -(-len(every) // size)
            return in_json({"page": page, "total_pages": pages, "_embedded": {"applications": some}})
        if name[0] not in self.applications:
            raise Refusal(404, 404, "Application not found")
        if method == "DELETE":
            del self.applications[name[0]]
            for number in self.numbers.values():
                if number.get("app_id") == name[0]:
                    del number["app_id"]
            return Answer(204)
        if method == "PUT":
            self.applications[name[0]] = {"id": name[0], "keys": {"public_key": ""}, **given}
        return in_json(self.applications[name[0]])

    def _text(self, given: dict[str, Any]) -> Answer:
        if f"+{given['to']}" in self.opted_out:
            raise Refusal(422, 1190, "The recipient has opted out")
        if given["from"] not in self.numbers:
            raise Refusal(422, 1420, "Invalid sender")
        self.texts.append({**given, "sid": str(uuid.uuid4())})
        return in_json({"message_uuid": self.texts[-1]["sid"]}, 202)

    def _past_calls(self, query: dict[str, str]) -> Answer:
        size, index = int(query["page_size"]), int(query["record_index"])
        found = [one for one in self.calls if query["date_start"] <= (one["listed"] or "") <= query["date_end"]]
        some = [{name: value for name, value in one.items() if name != "listed"} for one in found[index : index + size]]
        return in_json({"count": len(found), "page_size": size, "record_index": index, "_embedded": {"calls": some}})

    def _file(self, method: str, file: str) -> Answer:
        if file not in self.recordings:
            raise Refusal(404, 404, "Not Found")
        if method == "DELETE":
            del self.recordings[file]
            return Answer(204)
        sound, content_type = self.recordings[file]
        return Answer(200, sound, {"Content-Type": content_type})


def _unknown(given: dict[str, Any], allowed: frozenset[str]) -> str:
    unknown = sorted(given.keys() - allowed)
    return f"unknown: {unknown}" if unknown else ""


def _paged(query: dict[str, str]) -> str:
    return "" if 1 <= int(query.get("size", "10")) <= 100 and int(query.get("index", "1")) >= 1 else "no such page"


def _details(form: dict[str, Any]) -> str:
    kind = form.get("voiceCallbackType", "sip")
    fits = re.fullmatch("[A-Z]{2}", form.get("country", "")) and re.fullmatch(r"[1-9]\d{6,14}", form.get("msisdn", ""))
    return "" if fits and kind in ("sip", "tel", "app") else "wrong details"


def _sms(given: dict[str, Any]) -> str:
    numbers = all(re.fullmatch(r"[1-9]\d{6,14}", given[name]) for name in ("to", "from"))
    texts = 0 < len(given["text"]) <= 1_000
    kinds = (given["channel"], given["message_type"]) == ("sms", "text") and given.get("webhook_version", "v1") == "v1"
    return "" if numbers and texts and kinds else "no SMS"


def _calls(query: dict[str, str]) -> str:
    """As Vonage's own SDK would ask."""
    try:
        made = ListCallsFilter.model_validate(query).model_dump(by_alias=True, exclude_none=True)
    except ValidationError as error:
        return str(error)
    return "" if {name: str(value) for name, value in made.items()} == query else f"the SDK asks {made}"


def _application(given: dict[str, Any]) -> str:
    if _unknown(given, frozenset({"name", "keys", "capabilities"})) or not given.get("name"):
        return "no application"
    able = given.get("capabilities", {})
    voice, texts = able.get("voice", {}).get("webhooks", {}), able.get("messages", {}).get("webhooks", {})
    if set(able) - {"voice", "messages"} or set(voice) - VOICE or set(texts) - MESSAGES:
        return f"unknown in {able}"
    if able.get("voice") and able["voice"].get("signed_callbacks") is not True:
        return "its webhooks would not be signed"
    for said in [*voice.values(), *texts.values()]:
        allowed = ("GET", "POST") if said in voice.values() else ("POST",)
        if set(said) != {"address", "http_method"} or said["http_method"] not in allowed:
            return f"wrong address {said}"
        if not said["address"].startswith(("http://", "https://")):
            return f"no address {said}"
    return ""
