"""An account at Telnyx as its REST API (version 2) shows it, on loopback; it remembers.

    with TelnyxAccount() as account:
        account.own("+13125550142")
        … CALLSPRING_CARRIER_APIS = f"telnyx={account.url}" …

Every body is held against the request models of Telnyx's own SDK and every query against the names that it sends; one
that it would not send is answered with 422 and stands in `unlawful`, which is checked when the account is closed. That
the answers have the shapes of its answer models the tests show by asking with the SDK itself.
"""

from __future__ import annotations

import json
import secrets
import threading
import uuid
from collections import deque
from datetime import UTC
from email.utils import formatdate, parsedate_to_datetime
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.carriers.loopback import Answer, Asked, serving
from tests.carriers.telnyx_models import Refusal, not_there, unlawful

Object = dict[str, Any]


class TelnyxAccount:
    """See the module. `page_limit` is the most entries in one answer."""

    def __init__(self) -> None:
        self.account, self.key = str(uuid.uuid4()), "KEY" + secrets.token_hex(16)
        self.secret = f"{self.key}:{'A' * 43}="  # what a connection keeps
        self.numbers: dict[str, Object] = {}  # by id
        self.mute: set[str] = set()  # E.164 of those that cannot text
        self.applications: dict[str, Object] = {}
        self.profiles: dict[str, Object] = {}
        self.outbound: dict[str, Object] = {}
        self.connections: dict[str, str] = {}  # of other kinds: id → name
        self.for_sale: dict[str, tuple[str, str]] = {}  # E.164 → rate center, state
        self.taken: set[str] = set()
        self.slow_orders = 0  # how often an order is still pending when it is looked at
        self.papers: set[str] = set()  # E.164 of those for which papers are wanted
        self.orders: dict[str, Object] = {}
        self.called_off: list[str] = []
        self.texts: list[Object] = []
        self.recordings: dict[str, tuple[bytes, str]] = {}
        self.calls: list[Object] = []
        self.requests: list[Asked] = []
        self.unlawful: list[str] = []
        self.page_limit = 250
        self._misbehaviour: deque[tuple[str, Answer | None]] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), serving(self.answer))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        if kind is None:
            assert not self.unlawful, self.unlawful

    # --- what it knows

    def own(self, e164: str, **changes: Any) -> Object:
        """A number of the account."""
        number = {
            "id": str(secrets.randbelow(10**18) + 10**18),
            "record_type": "phone_number",
            "phone_number": e164,
            "status": "active",
            "country_iso_alpha2": "US",
            "phone_number_type": "toll_free" if e164.startswith("+18") else "local",
            "created_at": "2026-06-01T09:30:05.000Z",
            "purchased_at": "2026-06-01T09:30:05.000Z",
            "deletion_lock_enabled": False,
            "tags": [],
            "connection_id": None,
            "connection_name": None,
            "messaging_profile_id": None,
            "customer_reference": None,
            **changes,
        }
        self.numbers[number["id"]] = number
        return number

    def record(self, sound: bytes, content_type: str = "audio/mpeg") -> str:
        """Keep a recording; its id."""
        name = str(uuid.uuid4())
        self.recordings[name] = sound, content_type
        return name

    def call(self, caller: str, dialled: str, began: float, status: str, **changes: Any) -> str:
        """A call in the list; its id."""
        sid = "v3:" + secrets.token_urlsafe(40)
        seconds = int(changes.pop("seconds", 0))
        going = status in ("ringing", "in-progress")
        entry = {
            "sid": sid,
            "account_sid": self.account,
            "direction": "inbound",
            "from": caller,
            "to": dialled,
            "caller_name": caller,
            "status": status,
            "duration": str(seconds),
            "start_time": formatdate(began),
            "end_time": None if going else formatdate(began + seconds),
            **changes,
        }
        self.calls.insert(0, entry)
        return sid

    def misbehave(self, *answers: Answer | None, method: str = "") -> None:
        """The next answers to requests of the method, or to any."""
        self._misbehaviour.extend((method, answer) for answer in answers)

    # --- the wire

    def answer(self, method: str, target: str, headers: dict[str, str], said: bytes) -> Answer:
        """What a request gets."""
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        if path.startswith("/media/"):
            assert "authorization" not in headers, "the key is not for storage"
            sound, kind = self.recordings.get(path.removeprefix("/media/").rpartition(".")[0], (b"", ""))
            return Answer(200 if kind else 404, sound, {"Content-Type": kind or "text/html"})
        body = json.loads(said) if said else {}
        answer = self._hostile(method) or self._told(method, path, query, body, headers)
        self.requests.append(Asked(method, path, query, body, answer.status))
        return answer

    def _hostile(self, method: str) -> Answer | None:
        if self._misbehaviour and self._misbehaviour[0][0] in ("", method):
            return self._misbehaviour.popleft()[1]
        return None

    def _told(self, method: str, path: str, query: dict[str, str], body: Object, headers: dict[str, str]) -> Answer:
        try:
            if headers.get("authorization") != f"Bearer {self.key}":
                raise Refusal(401, "10009", "The required authentication headers were either invalid or not included.")
            self._insist_lawful(method, path, query, body)
            found = self._do(method, path.removeprefix("/v2"), query, body)
        except Refusal as no:
            errors = [{"code": no.code, "title": "No", "detail": str(no)}]
            return Answer(no.status, json.dumps({"errors": errors}).encode())
        return Answer(204) if found is None else Answer(200, json.dumps(found).encode())

    def _insist_lawful(self, method: str, path: str, query: dict[str, str], body: Object) -> None:
        wrong = unlawful(method, path, query, body)
        if wrong:
            self.unlawful.append(f"{method} {path}: {wrong}")
            raise Refusal(422, "10015", f"not lawful: {wrong}")

    def _do(self, method: str, path: str, query: dict[str, str], body: Object) -> Object | None:
        parts = path.strip("/").split("/")
        if parts[0] == "available_phone_numbers":
            return self._search(query)
        listed = self._listed_numbers(parts, query) if method == "GET" else None
        if listed is not None:
            return self._page(listed, query)
        match method, parts:
            case _, ["phone_numbers", number, *more]:
                return self._number(method, number, more, body)
            case "POST", ["number_orders"]:
                return self._order(body)
            case "GET", ["number_orders", order]:
                return self._looked_at(order)
            case "PATCH", ["sub_number_orders", order, "cancel"]:
                self.called_off.append(order)
                return {"data": {"id": order, "status": "cancelled"}}
            case "POST", ["messages"]:
                return self._text(body)
            case _, ["texml", "Accounts", account, *more]:
                return self._texml(method, account, more, query)
            case _, [("texml_applications" | "messaging_profiles" | "outbound_voice_profiles") as kind, *more]:
                return self._settings(method, kind, more, query, body)
        raise not_there()

    def _listed_numbers(self, parts: list[str], query: dict[str, str]) -> list[Object] | None:
        match parts:
            case ["phone_numbers"]:
                return self._with(self.numbers, "connection_id", query.get("filter[connection_id]"))
            case ["phone_numbers", "messaging"]:
                return [self._texting(one) for one in self.numbers.values()]
            case ["messaging_profiles", profile, "phone_numbers"]:
                return self._with(self.numbers, "messaging_profile_id", profile)
        return None

    def _page(self, entries: list[Object], query: dict[str, str]) -> Object:
        size = min(int(query.get("page[size]", "20")), self.page_limit)
        number, pages = int(query.get("page[number]", "1")), max(1, -(-len(entries) // size))
        meta = {"page_number": number, "page_size": size, "total_pages": pages, "total_results": len(entries)}
        return {"data": entries[(number - 1) * size : number * size], "meta": meta}

    def _with(self, entries: dict[str, Object], name: str, value: str | None) -> list[Object]:
        return [one for one in entries.values() if value is None or one[name] == value]

    def _texting(self, number: Object) -> Object:
        can = {"domestic_two_way": number["phone_number"] not in self.mute}
        can |= {"international_inbound": False, "international_outbound": False}
        named = {name: number[name] for name in ("id", "phone_number", "messaging_profile_id")}
        return {**named, "record_type": "messaging_settings", "features": {"sms": can, "mms": None}}

    def _search(self, query: dict[str, str]) -> Object:
        kind, code = query["filter[phone_number_type]"], query.get("filter[national_destination_code]", "")
        within, found = query.get("filter[phone_number][contains]", ""), []
        for e164, (center, state) in self.for_sale.items():
            right = e164.startswith("+18") == (kind == "toll_free") and e164.startswith("+1" + code) and within in e164
            if right and e164 not in {one["phone_number"] for one in self.numbers.values()}:
                places = {"country_code": query["filter[country_code]"], "rate_center": center, "state": state}
                regions = [{"region_type": name, "region_name": place} for name, place in places.items() if place]
                named = {"phone_number": e164, "record_type": "available_phone_number"}
                found.append({**named, "region_information": regions})
        return {"data": found[: int(query["filter[limit]"])], "meta": {"total_results": len(found)}}

    def _number(self, method: str, number: str, more: list[str], body: Object) -> Object | None:
        found = self.numbers.get(number)
        if found is None or (more and found["phone_number"] in self.mute):
            raise not_there()
        if method == "DELETE":
            return {"data": self.numbers.pop(number)}
        if method == "PATCH" and more == ["messaging"]:
            self._insist_there(self.profiles, body["messaging_profile_id"])
            found["messaging_profile_id"] = body["messaging_profile_id"] or None
        elif method == "PATCH":
            name = self._insist_there({**self.applications, **self.connections}, body["connection_id"])
            found |= {"connection_id": body["connection_id"] or None, "connection_name": name}
        return {"data": self._texting(found) if more else found}

    def _insist_there(self, known: dict[str, Any], wanted: str) -> str | None:
        if wanted and wanted not in known:
            raise Refusal(422, "10017", "The requested parameter is invalid as the associated resource does not exist.")
        one = known.get(wanted)
        return one if isinstance(one, str) else one.get("friendly_name") if one else None

    def _order(self, body: Object) -> Object:
        (wanted,) = (one["phone_number"] for one in body["phone_numbers"])
        if wanted not in self.for_sale or wanted in self.taken:
            raise Refusal(400, "85001", "The requested phone number is no longer available.")
        self._insist_there({**self.applications, **self.connections}, body.get("connection_id", ""))
        self._insist_there(self.profiles, body.get("messaging_profile_id", ""))
        order = str(uuid.uuid4())
        number = {"phone_number": wanted, "status": "pending", "requirements_met": wanted not in self.papers}
        given = {name: body.get(name) for name in ("connection_id", "messaging_profile_id")}
        self.orders[order] = {
            "id": order,
            "record_type": "number_order",
            "status": "pending",
            "phone_numbers": [number],
            "sub_number_orders_ids": [str(uuid.uuid4())],
            "looks": self.slow_orders,
            **given,
        }
        return self._filled(order)

    def _looked_at(self, order: str) -> Object:
        self.orders[order]["looks"] -= 1
        return self._filled(order)

    def _filled(self, order: str) -> Object:
        found = self.orders[order]
        number = found["phone_numbers"][0]
        if number["status"] == "pending" and number["requirements_met"] and found["looks"] <= 0:
            number["status"] = found["status"] = "success"
            del self.for_sale[number["phone_number"]]
            self.own(number["phone_number"], **{n: found[n] for n in ("connection_id", "messaging_profile_id")})
        return {"data": {name: value for name, value in found.items() if name != "looks"}}

    def _text(self, body: Object) -> Object:
        sender = next((one for one in self.numbers.values() if one["phone_number"] == body["from"]), None)
        if sender is None:
            raise Refusal(400, "40305", "The from address should be of this account.")
        self.texts.append(body)
        to = [{"phone_number": body["to"], "status": "queued", "carrier": "", "line_type": ""}]
        named = {"id": str(uuid.uuid4()), "direction": "outbound", "record_type": "message", "type": "SMS"}
        return {"data": {**named, "to": to, "text": body["text"], "webhook_url": body.get("webhook_url")}}

    def _texml(self, method: str, account: str, more: list[str], query: dict[str, str]) -> Object | None:
        if account != self.account:
            raise not_there()
        if more == ["Calls"]:
            return self._listed_calls(query)
        name = more[1].removesuffix(".json")
        if more[0] != "Recordings" or name not in self.recordings:
            raise not_there()
        if method == "DELETE":
            del self.recordings[name]
            return None
        return {"sid": name, "account_sid": account, "media_url": f"{self.url}/media/{name}.mp3?X-Amz-Expires=600"}

    def _listed_calls(self, query: dict[str, str]) -> Object:
        after, before = query.get("StartTime>", ""), query.get("StartTime<", "9")
        found = [one for one in self.calls if after < _day(one["start_time"]) < before]
        size, page = min(int(query["PageSize"]), self.page_limit), int(query.get("Page", "0"))
        assert page == 0 or query["PageToken"] == f"token{page}"
        there = found[page * size : (page + 1) * size]
        going_on = f"Page={page + 1}&PageSize={size}&PageToken=token{page + 1}"
        following = f"/v2/texml/Accounts/{self.account}/Calls.json?{going_on}"
        more = following if (page + 1) * size < len(found) else None
        return {"calls": there, "page": page, "page_size": size, "next_page_uri": more}

    def _settings(self, method: str, kind: str, more: list[str], query: dict[str, str], body: Object) -> Object | None:
        known = {"texml_applications": self.applications, "messaging_profiles": self.profiles}.get(kind, self.outbound)
        name = "friendly_name" if kind == "texml_applications" else "name"
        if method == "GET" and not more:
            asked = (query.get("filter[friendly_name]") or query.get("filter[name][eq]") or "").lower()
            return self._page([one for one in known.values() if asked in one[name].lower()], query)
        if method == "POST":
            made = str(secrets.randbelow(10**18) + 10**18) if known is not self.profiles else str(uuid.uuid4())
            known[made] = {"id": made, **body}
            return {"data": known[made]}
        if not more or more[0] not in known:
            raise not_there()
        if method == "DELETE":
            return {"data": known.pop(more[0])}
        known[more[0]] |= body
        return {"data": known[more[0]]}


def _day(date: str) -> str:
    return parsedate_to_datetime(date).astimezone(UTC).date().isoformat()
