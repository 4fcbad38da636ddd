"""A company with an account at Twilio, and the telephone of somebody who calls and writes to its numbers.

`python -m tests.journeys.at_twilio HOST SID TOKEN` gives the demo company that account, with all the numbers it has as
the pool of the site HOST, and Dora, who works in its inbox. Charlie has a company of his own.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Mapping
from xml.etree import ElementTree

from tests.carriers.twilio_account import TwilioAccount
from tests.carriers.twilio_requests import (
    dial_result,
    leg_event,
    question,
    recorded,
    recording_report,
    text_in,
)

BUSINESS = "+18005550199"
DORA, CHARLIE = "dora@harbor.example", "charlie@elsewhere.example"
GREETING = "Nobody is in the shop. Please leave word after the beep."
# Two seconds of MP3 in which nothing is heard: MPEG-1 layer III, 128 kbit/s at 44.1 kHz, frames of 417 bytes.
SOUND = (b"\xff\xfb\x90\x64" + bytes(413)) * 77
SOUND_SECONDS = 2


def move_in(environment: Mapping[str, str], account: TwilioAccount, host: str) -> None:
    """Connect the account, import its numbers and set all up, in a process of its own."""
    command = [sys.executable, "-m", "tests.journeys.at_twilio", host, account.sid, account.token]
    subprocess.run(command, env=dict(environment), check=True, timeout=180)


class Telephone:
    """Somebody's telephone. Each step is what Twilio then posts, signed, to where we asked for it."""

    def __init__(self, account: TwilioAccount, e164: str) -> None:
        self._account, self._number = account, e164
        self._call, self._leg = "CA" + secrets.token_hex(16), "CA" + secrets.token_hex(16)
        self._about = {"AccountSid": account.sid, "CallSid": self._call, "From": e164, "Caller": e164}
        self._dialled, self._asked = "", ElementTree.Element("Response")

    def dials(self, e164: str) -> None:
        """The call comes in, and the business is rung."""
        self._dialled = e164
        self._about |= {"To": e164, "Called": e164}
        self._ask(str(self._account.number(e164)["voice_url"]), question(**self._about))
        number = self._verb("Dial/Number")
        assert number.text == BUSINESS
        self._tell_of_leg("initiated", "ringing")

    def reaches_nobody(self) -> None:
        """It rings out; the caller is asked to leave a message."""
        self._tell_of_leg("no-answer")
        result = dial_result("no-answer", **{**self._about, "DialCallSid": self._leg, "DialBridged": "false"})
        self._ask(self._verb("Dial").attrib["action"], result)
        assert self._verb("Say").text == GREETING

    def speaks(self, sound: bytes) -> None:
        """The caller leaves a message and hangs up. Twilio has the recording a moment later."""
        recording = self._account.record(sound)
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self._account.sid}/Recordings/{recording}"
        named = {"RecordingSid": recording, "RecordingUrl": url, "RecordingDuration": str(SOUND_SECONDS)}
        record = self._verb("Record").attrib
        over = {**self._about, **named, "CallStatus": "completed", "Digits": "hangup"}
        self._ask(record["action"], recorded(**over))
        own = {"AccountSid": self._account.sid, "CallSid": self._call, "RecordingStartTime": ""}
        self._tell(record["recordingStatusCallback"], recording_report(**own, **named))
        ended = {**self._about, "CallStatus": "completed", "CallDuration": "24", "SequenceNumber": "1"}
        self._tell(str(self._account.number(self._dialled)["status_callback"]), question(**ended))

    def writes(self, body: str, e164: str) -> None:
        """A text message to a number."""
        name = "SM" + secrets.token_hex(16)
        named = {"MessageSid": name, "SmsSid": name, "SmsMessageSid": name, "AccountSid": self._account.sid}
        self._tell(str(self._account.number(e164)["sms_url"]), text_in(body, **named, From=self._number, To=e164))

    def _tell_of_leg(self, *words: str) -> None:
        events = self._verb("Dial/Number").attrib["statusCallback"]
        own = {"CallSid": self._leg, "ParentCallSid": self._call, "AccountSid": self._account.sid}
        ends = {"From": self._number, "Caller": self._number, "To": BUSINESS, "Called": BUSINESS}
        for word in words:
            # Without a time of Twilio's, the door's clock counts: it is the visitor's too.
            self._tell(events, leg_event(word, **own, **ends, Timestamp="", SequenceNumber=str(_ORDER.index(word))))

    def _verb(self, path: str) -> ElementTree.Element:
        found = self._asked.find(path)
        assert found is not None, ElementTree.tostring(self._asked)
        return found

    def _ask(self, url: str, fields: Mapping[str, str | list[str]]) -> None:
        self._asked = ElementTree.fromstring(self._tell(url, fields))

    def _tell(self, url: str, fields: Mapping[str, str | list[str]]) -> bytes:
        answer = self._account.post(url, {name: str(value) for name, value in fields.items()})
        assert answer.status_code == 200, (url, answer.status_code, answer.text)
        return answer.content


_ORDER = ("initiated", "ringing", "no-answer")


def main(host: str, sid: str, token: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "callspring.back.settings")
    import django

    django.setup()
    from callspring.accounts.actions import create_company
    from callspring.accounts.models import Account, Company, Membership, User
    from callspring.numbers.connecting import connect, import_numbers, importable
    from callspring.numbers.models import Number
    from callspring.scenarios.actions import track_users
    from callspring.sites.models import Site

    company = Company.objects.get()
    connection = connect(company, "twilio", sid, token)
    outcomes = import_numbers(connection, [one.owned.e164 for one in importable(connection)])
    assert not any(outcome.problem for outcome in outcomes), outcomes
    site = Site.objects.create(company=company, name="By our own carrier", hosts=[host])
    numbers = list(Number.objects.filter(connection=connection))
    track_users(
        company, site=site, title="Every visitor", target=BUSINESS, peak=16, numbers=numbers, destination=BUSINESS,
        voicemail=True, greeting=GREETING,
    )  # fmt: skip
    dora, charlie = User.objects.create_user(DORA, name="Dora"), User.objects.create_user(CHARLIE, name="Charlie")
    Membership.objects.create(user=dora, company=company, role=Membership.Role.AGENT, email_copies=True)
    account = Account.objects.create(name="Elsewhere Roofing")
    create_company(account, "Elsewhere Roofing", zone="America/Chicago", owner=charlie)


if __name__ == "__main__":
    main(*sys.argv[1:])
