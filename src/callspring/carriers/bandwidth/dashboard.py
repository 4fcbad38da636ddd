"""Bandwidth's dashboard API: XML below one account, and orders that are looked at again until they are done.

Sources: dev.bandwidth.com/docs/numbers, /apis/numbers (v1); the XML of Bandwidth's own libraries' tests (iris).
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from callspring.carriers.api import CarrierProblem, Refused, Unreachable
from callspring.carriers.rest import Auth, Rest

_XML = "application/xml"
_DONE, _WAITING = frozenset({"COMPLETE"}), frozenset({"RECEIVED", "PROCESSING", "PENDING", "SUBMITTED"})


def read_xml(body: bytes) -> Element:
    """The document in an answer. Raises `ValueError`; none with definitions of its own is read."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ValueError("definitions in an answer")
    try:
        return ElementTree.fromstring(body)  # noqa: S314 - without definitions there is nothing to expand
    except ElementTree.ParseError:
        raise ValueError("no XML") from None


def said_in(found: Element, *names: str) -> str:
    """The text of the first element with one of the names, wherever it stands; "" where there is none."""
    for name in names:
        text = found.findtext(f".//{name}")
        if text and text.strip():
            return text.strip()[:4_000]
    return ""


def element(name: str, *parts: Element | tuple[str, str]) -> Element:
    """An element of others, and of texts by their names."""
    made = Element(name)
    for part in parts:
        if isinstance(part, tuple):
            ElementTree.SubElement(made, part[0]).text = part[1]
        else:
            made.append(part)
    return made


@dataclass(frozen=True)
class Dashboard:
    """One account. `pauses` are the seconds between looks at an order. Every verb raises `CarrierProblem`."""

    rest: Rest
    auth: Auth
    account: str
    site: str
    pauses: Sequence[float]

    def get(self, path: str, query: Mapping[str, str | int] | None = None) -> Element:
        """What stands below the account."""
        return self._read("GET", f"/api/accounts/{self.account}{path}", query=query)

    def number(self, national: str) -> Element:
        """A number's details, by its ten digits."""
        return self._read("GET", f"/api/tns/{national}/tndetails")

    def send(self, method: str, path: str, body: Element | None = None) -> Element | None:
        """A change; the document that answers, if any."""
        content = None if body is None else ElementTree.tostring(body, encoding="utf-8", xml_declaration=True)
        address = f"/api/accounts/{self.account}{path}"
        said = self.rest.ask(method, address, self.auth, content=content, content_type=_XML)
        if not said.strip():
            return None
        with self.rest.understood(perhaps_done=True):
            return read_xml(said)

    def order(self, path: str, body: Element) -> None:
        """Place an order and look at it until it is done. `Unreachable(perhaps_done=True)` while it is not."""
        placed = self.send("POST", path, body)
        with self.rest.understood(perhaps_done=True):
            if placed is None:
                raise ValueError("an order without a name")
            self._insist(placed)
            name = said_in(placed, "OrderId", "id")
            if not name or not name.replace("-", "").isalnum() or len(name) > 60:
                raise ValueError("an order without a name")
        for pause in self.pauses:
            found = self._look(f"{path}/{name}")
            if found is not None and self._insist(found):
                return
            time.sleep(pause)
        raise Unreachable("Bandwidth has not filled this order yet. It is looked up again.", perhaps_done=True)

    def _look(self, path: str) -> Element | None:
        """An order as it is now; None where that cannot be seen."""
        try:
            return self.get(path)
        except CarrierProblem:  # it is placed, whatever happens now
            return None

    def _insist(self, found: Element) -> bool:
        """Whether an order is done. Raises `Refused` for one that failed, in Bandwidth's words."""
        status = said_in(found, "OrderStatus", "ProcessingStatus", "Status").upper()
        if status in _DONE:
            return True
        if status and status not in _WAITING:
            code, message = said_in(found, "Code", "ErrorCode"), said_in(found, "Description")
            raise Refused(self.rest.reason(code[:40], message[:300]))
        return False

    def _read(self, method: str, path: str, query: Mapping[str, str | int] | None = None) -> Element:
        said = self.rest.ask(method, path, self.auth, query=query, content_type=_XML)
        with self.rest.understood():
            return read_xml(said)
