"""An account at Bandwidth as its APIs show it, on loopback; it remembers.

Paths and documents are those of Bandwidth's documentation and of its own libraries' tests (iris, bandwidth-sdk). Orders
are filled after `looks` looks at them. A request with a field that is not known is answered with 400 and stands in
`unlawful`, which is checked when the account is closed.

    with BandwidthAccount() as account:
        BandwidthApi(account.url, "").check(account.credentials)
"""

from __future__ import annotations

import base64
import json
import re
import secrets
import threading
import uuid
from collections import deque
from http.server import ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from bandwidth.models import CallState  # type: ignore[import-untyped]

from callspring.carriers.api import Credentials
from tests.carriers.bandwidth_lawful import APPLICATION, FEATURES, QUERIES, described, field_names, xml
from tests.carriers.bandwidth_requests import iso
from tests.carriers.bandwidth_shapes import Order, Peer, Refusal, Telephony, text, texts, within
from tests.carriers.loopback import Answer, serving


class BandwidthAccount(Telephony):
    """See the module."""

    def __init__(self, name: str = "Harbor & Pine") -> None:
        self.id, self.site, self.name, self.looks = "5500000", "12345", name, 1
        self.user, self.password = "api-user", secrets.token_hex(20)
        self.peers: dict[str, Peer] = {"500001": Peer("Main office")}
        self.applications: dict[str, Element] = {}
        self.numbers: dict[str, str] = {}  # ten digits → location
        self.for_sale: dict[str, str] = {}
        self.taken: set[str] = set()
        self.orders: dict[str, Order] = {}
        self.texts: list[dict[str, Any]] = []
        self.recordings: dict[str, tuple[bytes, str]] = {}
        self.calls: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []
        self.unlawful: list[str] = []
        self._misbehaviour: deque[Answer] = deque()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), serving(self.answer))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.005,), daemon=True)

    @property
    def credentials(self) -> Credentials:
        """The account's own."""
        return Credentials(f"{self.id}/{self.site}", f"{self.user}:{self.password}")

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

    def record(self, sound: bytes, content_type: str = "audio/mpeg") -> str:
        """Keep a recording; its name as we have it."""
        name = f"c-{uuid.uuid4()}:r-{uuid.uuid4()}"
        self.recordings[name] = (sound, content_type)
        return name

    def call(self, caller: str, dialled: str, began: float, **more: Any) -> str:
        """Write a call into the list; its id."""
        name = f"c-{uuid.uuid4()}"
        made = {
            "applicationId": str(uuid.uuid4()),
            "accountId": self.id,
            "callId": name,
            "parentCallId": None,
            "from": caller,
            "to": dialled,
            "direction": "inbound",
            "state": "disconnected",
            "startTime": iso(began),
            "answerTime": None,
            "endTime": None,
            "disconnectCause": None,
            **more,
        }
        assert CallState.from_json(json.dumps(made)) is not None
        self.calls.append(made)
        return name

    def misbehave(self, *answers: Answer) -> None:
        """What the next requests get."""
        self._misbehaviour.extend(answers)

    # --- answering

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """What one request gets."""
        if self._misbehaviour:
            return self._misbehaviour.popleft()
        right = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if headers.get("authorization") != f"Basic {right}":
            return Answer(401, b"", {})
        address = urlsplit(target)
        query = dict(parse_qsl(address.query))
        self.requests.append((method, address.path))
        try:
            if address.path.startswith("/api/v2/"):
                return self.answer_json(method, address.path, query, body)
            given = ElementTree.fromstring(body) if body else None
            found = self._dashboard(method, address.path, query, given)
        except Refusal as no:
            if address.path.startswith("/api/v2/"):
                return Answer(no.status, json.dumps({"type": no.code, "description": str(no)}).encode(), {})
            return Answer(no.status, xml(described(no.code, str(no))), {"Content-Type": "application/xml"})
        status = {"POST": 201, "DELETE": 200}.get(method, 200)
        return Answer(status, b"" if found is None else xml(found), {"Content-Type": "application/xml"})

    def _dashboard(self, method: str, path: str, query: dict[str, str], body: Element | None) -> Element | None:
        unknown = sorted(set(query) - QUERIES)
        if unknown:
            self.unlawful.append(f"{method} {path}: {unknown}")
            raise Refusal(400, "400", f"unknown {unknown}")
        if found := re.fullmatch(r"/api/tns/([0-9]{10})/tndetails", path):
            return self._details(found[1])
        if not path.startswith(f"/api/accounts/{self.id}"):
            raise Refusal(404, "404", "no such account")
        parts = path.removeprefix(f"/api/accounts/{self.id}").strip("/").split("/")
        return self._below(method, parts, query, body)

    def _below(self, method: str, parts: list[str], query: dict[str, str], body: Element | None) -> Element | None:
        match method, *parts:
            case "GET", "":
                account = Element("Account")
                ElementTree.SubElement(account, "AccountId").text = self.id
                ElementTree.SubElement(account, "CompanyName").text = self.name
                return within("AccountResponse", account)
            case "GET", "sites":
                return within("SitesResponse", within("Sites", self._site()))
            case "GET", "sites", self.site:
                return within("SiteResponse", self._site())
            case _, "sites", self.site, "sippeers", *rest:
                return self._peers(method, rest, body)
            case "GET", "availableNumbers":
                return self._offers(query)
            case _, "applications", *rest:
                return self._application(method, rest, body)
            case "POST", "orders" | "moveTns" | "disconnects" as kind:
                assert body is not None
                return self._ordered(kind, body)
            case "GET", "orders" | "moveTns" | "disconnects", name:
                return self._looked_at(name)
        raise Refusal(404, "404", "nothing here")

    def _site(self) -> Element:
        return texts("Site", Id=self.site, Name="Harbor")

    def _details(self, number: str) -> Element:
        if number not in self.numbers:
            raise Refusal(404, "5000", "The number is not known.")
        peer = self.numbers[number]
        details = texts("TelephoneNumberDetails", FullNumber=number, Status="Inservice", AccountId=self.id)
        details.append(self._site())
        details.append(texts("SipPeer", PeerId=peer, PeerName=self.peers[peer].name))
        return within("TelephoneNumberResponse", details)

    def _peers(self, method: str, parts: list[str], body: Element | None) -> Element | None:
        match method, *parts:
            case ("GET",):
                made = [texts("SipPeer", PeerId=name, PeerName=one.name) for name, one in self.peers.items()]
                return within("TNSipPeersResponse", within("SipPeers", *made))
            case ("POST",):
                assert body is not None
                assert field_names(body) == {"PeerName", "IsDefaultPeer"}
                self.peers[str(500_001 + len(self.peers) + secrets.randbelow(400_000))] = Peer(
                    body.findtext("PeerName") or ""
                )
                return None
        if parts[0] not in self.peers:
            raise Refusal(404, "13501", "No such location.")
        peer = self.peers[parts[0]]
        match method, *parts[1:]:
            case ("DELETE",):
                if parts[0] in self.numbers.values():
                    raise Refusal(400, "13560", "The location has numbers.")
                del self.peers[parts[0]]
                return None
            case "GET", "tns":
                inside = [
                    within("SipPeerTelephoneNumber", text("FullNumber", n))
                    for n, at in self.numbers.items()
                    if at == parts[0]
                ]
                return within("SipPeerTelephoneNumbersResponse", within("SipPeerTelephoneNumbers", *inside))
            case _, "products", *rest:
                return self._settings(method, peer, rest, body)
        raise Refusal(404, "404", "nothing here")

    def _settings(self, method: str, peer: Peer, parts: list[str], body: Element | None) -> Element | None:
        match parts:
            case ["origination", "settings"]:
                if body is not None:
                    assert field_names(body) == {"VoiceProtocol", "HttpSettings", "HttpVoiceV2AppId"}
                    assert (method == "POST") == (peer.voice is None)
                    self._insist_on(body.findtext(".//HttpVoiceV2AppId"), "Voice-V2")
                    peer.voice = body
                if peer.voice is None:
                    raise Refusal(404, "13", "Settings do not exist.")
                return within("SipPeerOriginationSettingsResponse", peer.voice)
            case ["messaging", "features", "sms" | "mms" as kind]:
                if body is not None:
                    assert (method, field_names(body)) == ("POST", FEATURES[kind])
                    peer.features[kind] = body
                if kind not in peer.features:
                    raise Refusal(404, "13", "The feature is off.")
                return within("FeatureResponse", peer.features[kind])
            case ["messaging", "applicationSettings"]:
                if body is not None:
                    assert (method, set(peer.features)) == ("PUT", {"sms", "mms"})
                    peer.texts = self._insist_on(body.findtext("HttpMessagingV2AppId"), "Messaging-V2")
                settings = texts("ApplicationsSettings", **({"HttpMessagingV2AppId": peer.texts} if peer.texts else {}))
                return within("ApplicationsSettingsResponse", settings)
        raise Refusal(404, "404", "nothing here")

    def _insist_on(self, application: str | None, kind: str) -> str:
        if application not in self.applications or self.applications[application].findtext("ServiceType") != kind:
            raise Refusal(400, "13", "No such application.")
        return application

    def _application(self, method: str, parts: list[str], body: Element | None) -> Element | None:
        if method == "GET":
            return within("ApplicationProvisioningResponse", within("ApplicationList", *self.applications.values()))
        if method == "DELETE":
            used = {one.texts for one in self.peers.values()}
            used |= {
                one.voice.findtext(".//HttpVoiceV2AppId") or "" for one in self.peers.values() if one.voice is not None
            }
            if parts[0] in used:
                raise Refusal(409, "12", "The application is in use.")
            del self.applications[parts[0]]
            return None
        assert body is not None
        kind = body.findtext("ServiceType") or ""
        unknown = field_names(body) - APPLICATION[kind]
        if unknown:
            self.unlawful.append(f"an application with {sorted(unknown)}")
        for creds in body.iter():
            for child in [one for one in creds if one.tag == "Password"]:
                creds.remove(child)  # it is never shown again
        name = str(uuid.uuid4())
        ElementTree.SubElement(body, "ApplicationId").text = name
        self.applications[name] = body
        return within("ApplicationProvisioningResponse", body)

    def _offers(self, query: dict[str, str]) -> Element:
        tollfree = "tollFreeWildCardPattern" in query
        wanted = query.get("areaCode", ""), query.get("localVanity", "")
        found = [
            number
            for number in sorted(self.for_sale)
            if (number[:3] in ("800", "888")) == tollfree and number.startswith(wanted[0]) and wanted[1] in number
        ][: int(query["quantity"])]
        if tollfree:
            return within(
                "SearchResult", within("TelephoneNumberList", *(text("TelephoneNumber", one) for one in found))
            )
        details = [
            texts("TelephoneNumberDetail", City=self.for_sale[one].upper(), State="IL", FullNumber=one) for one in found
        ]
        return within("SearchResult", within("TelephoneNumberDetailList", *details))

    def _ordered(self, kind: str, body: Element) -> Element:
        name = str(uuid.uuid4())
        self.orders[name] = Order(kind, body, self.looks)
        if kind == "moveTns":
            return within("MoveTnsOrderResponse", texts("MoveTnsOrder", OrderId=name, ProcessingStatus="RECEIVED"))
        inner = texts("Order" if kind == "orders" else "orderRequest", id=name)
        return within("OrderResponse", inner, text("OrderStatus", "RECEIVED"))

    def _looked_at(self, name: str) -> Element:
        order = self.orders[name]
        if order.left > 0:
            order.left -= 1
        elif order.status == "RECEIVED":
            self._fill(order)
        status = "ProcessingStatus" if order.kind == "moveTns" else "OrderStatus"
        found = texts("OrderResponse", OrderId=name, **{status: order.status})
        if order.error:
            found.append(within("ErrorList", texts("Error", Code="5005", Description=order.error)))
        return found

    def _fill(self, order: Order) -> None:
        (number,) = (one.text or "" for one in order.body.iter("TelephoneNumber"))
        order.status = "COMPLETE"
        if order.kind == "disconnects":
            del self.numbers[number]
        elif order.kind == "moveTns":
            self.numbers[number] = self._peer(order.body.findtext("SipPeerId"))
        elif number in self.taken or number not in self.for_sale:
            order.status, order.error = "FAILED", "The telephone number is unavailable for ordering"
        else:
            del self.for_sale[number]
            self.numbers[number] = self._peer(order.body.findtext("PeerId"))

    def _peer(self, name: str | None) -> str:
        assert name in self.peers
        return name
