"""The numbers of an account at a carrier, as the pages that bring them here show them: what is, what will change."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _

from callspring.carriers.api import Webhooks
from callspring.console.words import host_path
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.connecting import Importable, importable
from callspring.numbers.connecting import destination as rung_for
from callspring.numbers.models import Connection
from callspring.scenarios.routing import rung

MOST = 500  # numbers on one page, and in one go: a form has no more than 1000 fields
_PASSWORD = re.compile(r"(//[^/@:]*):[^/@]*@")


@dataclass(frozen=True, slots=True)
class Line:
    """A number of the account. `state`: new, again (it is here and its calls are not), here, blocked for `why`.

    `goes` is where its calls go now, for people. `silent`: it rings nobody yet, so it needs a destination.
    """

    found: Importable
    state: str
    why: str
    goes: str

    @property
    def e164(self) -> str:
        """The number."""
        return self.found.owned.e164

    @property
    def free(self) -> bool:
        """Whether it can be brought here."""
        return self.state in ("new", "again")

    @property
    def silent(self) -> bool:
        """Whether nothing says yet where its calls are to go."""
        number = self.found.number
        return number is None or (number.scenario_id is None and number.flow is None)


@dataclass(frozen=True, slots=True)
class Change:
    """One address of a number: what stands there now, what will. "" is nothing."""

    about: str
    old: str
    new: str

    @property
    def stays(self) -> bool:
        """Whether it is the same already."""
        return self.old == self.new


def lines(connection: Connection) -> list[Line]:
    """All numbers of the account, those that can be brought here first. Raises `CarrierProblem`."""
    ringing = rung(connection.company)
    found = [_line(connection, one, ringing) for one in importable(connection)]
    order = ("new", "again", "blocked", "here")
    return sorted(found, key=lambda line: (order.index(line.state), line.e164))


def containing(found: list[Line], text: str) -> list[Line]:
    """Those whose digits or label contain `text`."""
    digits, words = re.sub(r"[^0-9]", "", text), text.strip().casefold()
    if not words:
        return found
    return [line for line in found if (digits and digits in line.e164) or words in line.found.owned.label.casefold()]


def changes(connection: Connection, line: Line, destination: str) -> list[Change]:
    """What will be set at the carrier. `destination` (E.164, or "") is for numbers that ring nobody yet."""
    number = line.found.number
    rings = destination if number is None or line.silent else rung_for(number)
    old, new = line.found.owned.webhooks, AtCarrier(connection).webhooks(line.e164, rings)
    pairs = [
        (_("Calls"), old.voice, new.voice),
        (_("If we do not answer"), old.voice_fallback, new.voice_fallback),
        (_("Call status"), old.events, new.events),
        (_("Texts"), old.text, new.text),
        (_("If texts fail"), old.text_fallback, ""),
        (_("In place of these"), old.instead, ""),
        (_("Texts, in place of these"), old.text_instead, ""),
    ]
    always = 4
    return [
        Change(about, without_password(was), without_password(will))
        for index, (about, was, will) in enumerate(pairs)
        if index < always or was
    ]


def without_password(address: str) -> str:
    """A web address as it can be shown."""
    return _PASSWORD.sub(r"\1:…@", address)


def _line(connection: Connection, found: Importable, ringing: dict[str, list[str]]) -> Line:
    why = _blocked(connection, found, ringing)
    if why:
        state = "blocked"
    elif found.number is None:
        state = "new"
    else:
        state = "here" if found.points_here and found.number.pointed_at is not None else "again"
    return Line(found, state, why, _goes(found.owned.webhooks, here=found.points_here))


def _blocked(connection: Connection, found: Importable, ringing: dict[str, list[str]]) -> str:
    owned = found.owned
    if found.elsewhere:
        return _("Another company here has it.")
    if found.number is not None and found.number.connection_id != connection.pk:
        return _("It is here already, through another connection.")
    if not owned.can_voice:
        return _("It cannot receive calls.")
    if found.number is None and owned.e164 in ringing:
        said = _("It is rung by %(what)s: its calls would go round. Let that ring another number first.")
        return said % {"what": ", ".join(f"“{title}”" for title in ringing[owned.e164][:3])}
    return ""


def _goes(webhooks: Webhooks, *, here: bool) -> str:
    if here:
        return _("Here")
    if webhooks.instead:
        kind, _space, name = webhooks.instead.partition(" ")
        said = {"trunk": _("A SIP trunk, %(name)s"), "application": _("An application, %(name)s")}
        return said.get(kind, "%(name)s") % {"name": name or webhooks.instead}
    if not webhooks.voice:
        return _("Nowhere: nobody answers")
    return host_path(without_password(webhooks.voice))
