"""An account at Plivo as its REST API shows it, on loopback; it remembers.

Paths, arguments and answers are those of Plivo's documentation (account, application, numbers, messages, recordings,
calls) and of the fixtures of Plivo's SDK. A request with an argument that is not documented is answered with 400 and
stands in `unlawful`, which is checked when the account is closed.

    with PlivoAccount() as account:
        PlivoApi(account.url, "").check(Credentials(account.auth_id, account.token))
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import uuid
from collections import deque
from datetime import UTC, datetime, timedelta, timezone
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.carriers.loopback import Answer, Asked, serving
from tests.carriers.plivo_lawful import AGAIN, ALLOWED, APPLICATION

INDIA = timezone(timedelta(hours=5, minutes=30))  # the zone of the account, in which it writes times


class Refusal(Exception):
    """Plivo's no."""

    def __init__(self, status: int, error: Any) -> None:
        super().__init__(error)
        self.status, self.error = status, error


class PlivoAccount:
    """See the module. `zone` is in which it writes the times of calls."""

    def __init__(self, name: str = "Harbor & Pine") -> None:
        self.auth_id, self.token, self.name = "MA" + secrets.token_hex(9).upper(), secrets.token_hex(20), name
        self.numbers: dict[str, dict[str, Any]] = {}  # by digits
        self.applications: dict[str, dict[str, Any]] = {}
        self.for_sale: dict[str, str] = {}  # digits → city
        self.taken: set[str] = set()
        self.pending: set[str] = set()
        self.texts: list[dict[str, Any]] = []
        self.recordings: dict[str, tuple[bytes, str]] = {}
        self.calls: list[dict[str, Any]] = []
        self.live: dict[str, dict[str, Any]] = {}
        self.requests: list[Asked] = []
        self.unlawful: list[str] = []
        self.media_auth: list[str | None] = []
        self._misbehaviour: deque[Answer] = deque()
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
        self._server.server_close()
        self._thread.join(10)
        assert kind is not None or self.unlawful == []

    def own(self, number: str, application: str = "", **more: Any) -> dict[str, Any]:
        """Give the account a number (digits) that names an application, by its id."""
        self.numbers[number] = {
            "number": number,
            "alias": None,
            "application": f"/v1/Account/{self.auth_id}/Application/{application}/" if application else None,
            "number_type": "local",
            "sms_enabled": True,
            "voice_enabled": True,
            "sub_account": None,
            **more,
        }
        return self.numbers[number]

    def application(self, **fields: Any) -> str:
        """Make an application; its id."""
        made = {name: "" for name in APPLICATION if name.endswith("_url")}
        made |= {name: "POST" for name in APPLICATION if name.endswith("_method")}
        app_id = str(10**16 + secrets.randbelow(10**16))
        self.applications[app_id] = {**made, "app_id": app_id, "enabled": True, "sub_account": None, **fields}
        return app_id

    def record(self, sound: bytes, content_type: str = "audio/mpeg") -> str:
        """Keep a recording; its id."""
        name = str(uuid.uuid4())
        self.recordings[name] = (sound, content_type)
        return name

    def call(self, caller: str, dialled: str, ended_at: float, **more: Any) -> str:
        """Write a call into the list; its id."""
        name = str(uuid.uuid4())
        self.calls.append(
            {
                "call_uuid": name,
                "call_direction": "inbound",
                "from_number": caller,
                "to_number": dialled,
                "end_time": self.written(ended_at),
                "parent_call_uuid": None,
                "hangup_cause_code": 4000,
                "hangup_cause_name": "Normal Hangup",
                "call_duration": 0,
                **more,
            }
        )
        return name

    @staticmethod
    def written(at: float) -> str:
        """A time as the list writes it: in the account's zone."""
        return datetime.fromtimestamp(at, INDIA).isoformat(" ")

    def misbehave(self, *answers: Answer) -> None:
        """What the next requests get."""
        self._misbehaviour.extend(answers)

    # --- answering

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """What one request gets."""
        address = urlsplit(target)
        if address.path.startswith("/media/"):
            self.media_auth.append(headers.get("authorization"))
            sound, content_type = self.recordings[address.path.removeprefix("/media/").removesuffix(".mp3")]
            return Answer(200, sound, {"Content-Type": content_type})
        if self._misbehaviour:
            return self._misbehaviour.popleft()
        right = base64.b64encode(f"{self.auth_id}:{self.token}".encode()).decode()
        base = f"/v1/Account/{self.auth_id}/"
        if headers.get("authorization") != f"Basic {right}" or not address.path.startswith(base):
            return Answer(401, b"Could not verify your access level for that URL.", {"Content-Type": "text/html"})
        path, query = address.path.removeprefix(base), dict(parse_qsl(address.query, keep_blank_values=True))
        fields = json.loads(body) if body.strip() else {}
        try:
            self._insist_on_lawful(method, path, {**query, **fields})
            found, status = self._do(method, path, query, fields), {"POST": 202, "DELETE": 204}.get(method, 200)
        except Refusal as no:
            found, status = {"api_id": str(uuid.uuid4()), "error": no.error}, no.status
        self.requests.append(Asked(method, path, query, fields, status))
        return Answer(status, b"" if status == 204 else json.dumps(found).encode())

    def _insist_on_lawful(self, method: str, path: str, given: dict[str, Any]) -> None:
        allowed = next((names for (verb, form), names in ALLOWED.items() if _is(verb, form, method, path)), None)
        again = {name for name in AGAIN if str(given.get(name, "/")) in path.split("/")}
        unknown = sorted(given.keys() - allowed - again) if allowed is not None else [path]
        wrong = [
            name
            for name, value in given.items()
            if (name.endswith(("_url", "url")) and value and not str(value).startswith("http"))
            or (name.endswith("method") and value not in ("GET", "POST"))
            or (name == "app_name" and not re.fullmatch("[A-Za-z0-9_-]+", str(value)))
            or (name == "limit" and not 0 < int(value) <= 20)
        ]
        if unknown or wrong:
            self.unlawful.append(f"{method} {path}: unknown {unknown}, wrong {wrong}")
            raise Refusal(400, f"{', '.join(unknown + wrong)} parameter(s) not valid")

    def _do(self, method: str, path: str, query: dict[str, str], fields: dict[str, Any]) -> dict[str, Any]:
        kind, _, name = path.rstrip("/").partition("/")
        match method, kind:
            case "GET", "":
                return {"auth_id": self.auth_id, "name": self.name, "state": "", "account_type": "standard"}
            case _, "Number":
                return self._number(method, name, query, fields)
            case "GET", "PhoneNumber":
                return self._page(self._offers(query), query)
            case "POST", "PhoneNumber":
                return self._sell(name, fields)
            case _, "Application":
                return self._application(method, name, query, fields)
            case "POST", "Message":
                return self._message(fields)
            case _, "Recording":
                return self._recording(method, name)
            case "GET", "Call":
                return self._calls(name, query)
        raise Refusal(405, "method not allowed")

    def _number(self, method: str, name: str, query: dict[str, str], fields: dict[str, Any]) -> dict[str, Any]:
        if not name:
            return self._page(list(self.numbers.values()), query)
        if name not in self.numbers:
            raise Refusal(404, "not found")
        if method == "DELETE":
            del self.numbers[name]
        if method == "POST":
            self._name(name, fields)
            return {"message": "changed"}
        return self.numbers.get(name, {})

    def _name(self, number: str, fields: dict[str, Any]) -> None:
        """An application, or none; what it is told besides is not ours to test."""
        wanted = fields["app_id"]
        if wanted and wanted not in self.applications:
            raise Refusal(400, "app_id does not exist")
        uri = f"/v1/Account/{self.auth_id}/Application/{wanted}/" if wanted else None
        self.numbers[number]["application"] = uri

    def _offers(self, query: dict[str, str]) -> list[dict[str, Any]]:
        tollfree = query.get("type") == "tollfree"
        found = []
        for number, city in sorted(self.for_sale.items()):
            is_tollfree = number[1:4] in ("800", "888")
            if is_tollfree == tollfree and number[1:].startswith(query.get("pattern", "")):
                place = {"city": city.upper() or None, "country": "UNITED STATES", "region": "United States"}
                found.append({"number": number, "type": "fixed", "restriction": None, "lata": 722, **place})
        return found

    def _sell(self, number: str, fields: dict[str, Any]) -> dict[str, Any]:
        if number in self.taken or number not in self.for_sale:
            raise Refusal(404, "number is not available")
        if number in self.pending:
            return {"message": "created", "numbers": [{"number": number, "status": "pending"}], "status": "pending"}
        del self.for_sale[number]
        self.own(number, fields.get("app_id", ""))
        return {"message": "created", "numbers": [{"number": number, "status": "Success"}], "status": "fulfilled"}

    def _application(self, method: str, name: str, query: dict[str, str], fields: dict[str, Any]) -> dict[str, Any]:
        if method == "GET":
            begins = query.get("app_name", "")
            return self._page([one for one in self.applications.values() if one["app_name"].startswith(begins)], query)
        if not name:
            if any(one["app_name"] == fields["app_name"] for one in self.applications.values()):
                raise Refusal(400, {"app_name": ["app_name already exists"]})
            return {"message": "created", "app_id": self.application(**fields)}
        if name not in self.applications:
            raise Refusal(404, "not found")
        if method == "DELETE":
            del self.applications[name]
        else:
            self.applications[name].update(fields)
        return {"message": "changed"}

    def _message(self, fields: dict[str, Any]) -> dict[str, Any]:
        if fields["src"] not in self.numbers:
            raise Refusal(400, "src is not a number of this account")
        self.texts.append(fields)
        return {"message": "message(s) queued", "message_uuid": [str(uuid.uuid4())]}

    def _recording(self, method: str, name: str) -> dict[str, Any]:
        if name not in self.recordings:
            raise Refusal(404, "not found")
        if method == "DELETE":
            del self.recordings[name]
            return {}
        return {"recording_id": name, "recording_format": "mp3", "recording_url": f"{self.url}/media/{name}.mp3"}

    def _calls(self, name: str, query: dict[str, str]) -> dict[str, Any]:
        if query.get("status") == "live":
            if not name:
                return {"calls": list(self.live)}
            if name not in self.live:
                raise Refusal(404, "not found")
            return self.live[name]
        since, until = (_utc(query[key]) for key in ("end_time__gte", "end_time__lte"))
        if until - since > timedelta(days=30):
            raise Refusal(400, "the range exceeds 30 days")
        found = [one for one in self.calls if since <= datetime.fromisoformat(one["end_time"]) <= until]
        newest_first = sorted(found, key=lambda one: str(one["end_time"]), reverse=True)
        return self._page(newest_first, query)

    @staticmethod
    def _page(found: list[dict[str, Any]], query: dict[str, str]) -> dict[str, Any]:
        limit, offset = int(query.get("limit", 20)), int(query.get("offset", 0))
        more = offset + limit < len(found)
        meta = {"limit": limit, "offset": offset, "total_count": len(found), "previous": None}
        return {"meta": {**meta, "next": "/v1/…" if more else None}, "objects": found[offset : offset + limit]}


def _is(verb: str, form: str, method: str, path: str) -> bool:
    return verb == method and re.fullmatch(form, path) is not None


def _utc(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
