"""Hostile text on every page, in the API, in every mail and in the file of calls: it is shown, as text."""

from __future__ import annotations

import asyncio
import csv
import email
import io
import re
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from django.conf import settings
from django.db import transaction
from django.test import Client

from callspring.accounts.actions import create_api_key
from callspring.calls import words
from callspring.demo.shop import make_app
from callspring.inbox.models import Message
from tests.console.hostile import HOSTILE, MARK, UNSEEN, Page, fitting, harmless, mark, marked, single
from tests.console.hostile_story import FORM, HostileStory
from tests.console.test_who_may import TABLE

# What is kept and shown on no page: in the file of calls and the API are click ids; raw events are for support.
NOT_ON_PAGES = {
    "calls.CallEvent.raw",
    "visits.Visit.stored_source",
    "visits.Visit.click_ids",
    "calls.Tag.key",  # by which two tags are the same; the tag is shown as it was written
    "calls.Credit.candidates",  # by which source each came is for learning; the page names it from the visit
    "scenarios.SettingsImport.text",  # the whole file; its cells are on the preview
}
ADDRESSES = {"visits.Visit.landing_url", "visits.Visit.referrer", "visits.PageView.url"}
ASKED = (
    "q", "folder", "messages", "opened", "head", "seen", "source", "medium", "campaign", "channel", "scenario",
    "number", "status", "grade", "outcome", "turn", "flag", "seconds", "caller", "period", "from", "to", "sort", "view",
    "before", "after", "next", "kind", "area_code", "digits", "country", "connection", "contains", "for", "tag",
    "qualified",
)  # fmt: skip
WRITTEN = (
    "source", "medium", "campaign", "term", "gclid", "title", "view", "landing", "referrer", "event", "formname",
    "form", "callername", "text", "note", "reply", "thread", "label", "site", "scenario", "value", "callnote",
)  # fmt: skip
HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip

# Out of a value in either sort of quotes, out of what holds only text, and out of text: all at once, in 80 characters.
EVERYWHERE = f"""' evil=1 " evil=1 </title></textarea></script><cs-evil> {mark("asked", "all")}"""


# The demo shows a mail's HTML in a frame that runs nothing.
SHEET = "<iframe {'class': 'sheet', 'sandbox': 'allow-popups allow-popups-to-escape-sandbox', "


class HostileText(HostileStory):
    def test_every_page_shows_it_as_text(self) -> None:
        pages = []
        for page in self.pages():
            assert not page.unseen
            pages.append(page.text)
        for where, texts in self.marked_text().items():
            if where not in NOT_ON_PAGES:
                for text in texts:
                    assert any(shows(page, where, text) for page in pages), (where, text)

    def test_it_was_written_everywhere(self) -> None:
        """Else the test above would prove nothing."""
        places = Counter(place for texts in self.marked_text().values() for place in marks(texts))
        for place in WRITTEN:
            assert places[place] >= len(HOSTILE) - 3, (place, places)
        assert {"company", "person", "line", "refusal", "greeting", "tested"} <= places.keys()
        assert Message.objects.filter(data__media=['https://api.twilio.com/"><cs-evil>']).count() == len(HOSTILE)

    def pages(self) -> Iterator[Page]:
        """Every page and every piece of one, checked."""
        for address in self.every_address():
            for headers in ({}, {"HX-Request": "true"}):
                yield from looked_at(address, self.owner.get(address, headers=headers))

    def test_what_the_carrier_says_is_text(self) -> None:
        at = f"/settings/carriers/{self.connection.pk}"
        own = {"number": "+13122050000", "destination": "+13125550123", "ring_seconds": "20"}
        found = f"connection={self.connection.pk}&country=US&kind=local&area_code=312"
        for told, response in (
            ("voiceurl", self.owner.get(f"{at}/numbers/")),
            ("voiceurl", self.owner.post(f"{at}/numbers/", own)),
            ("locality", self.owner.get(f"/numbers/buy/?{found}")),
        ):
            (page,) = looked_at(at, response)
            assert mark(told, "tag") in page.text, told

    def test_what_is_asked_comes_back_as_text(self) -> None:
        """In addresses: searches, filters, and whatever else a page reads there."""
        query = urlencode(dict.fromkeys(ASKED, EVERYWHERE))
        for _, address in self.named_addresses():
            for headers in ({}, {"HX-Request": "true"}):
                response = self.owner.get(f"{address}?{query}", headers=headers, follow=True)
                assert response.status_code < 500, address
                list(looked_at(address, response))

    def test_what_is_refused_comes_back_as_text(self) -> None:
        """In forms: every field of every form, and the page that follows."""
        forms = {name: may.form for name, may in TABLE.items() if may.act}
        texts = (EVERYWHERE, fitting("asked", "nuls", 80), fitting("asked", "surrogates", 80))
        for name, address in self.named_addresses():
            for text in texts if name in forms else ():
                fields = dict.fromkeys([*forms[name], "next", "on", "do", "who"], text)
                with transaction.atomic():
                    sent = urlencode(fields, errors="surrogatepass")
                    response = self.owner.post(address, sent, content_type=FORM, follow=True)
                    assert response.status_code < 500, address
                    list(looked_at(address, response))
                    transaction.set_rollback(True)

    def test_a_stranger_is_answered_in_text(self) -> None:
        stranger, text = Client(raise_request_exception=False), marked("asked", "tag")
        query = urlencode({"next": text, "email": text})
        for path in ("sign-in/", "password/forgot/", f"join/{text}/", f"password/new/{text}/{text}/", f"{text}/"):
            for response in (
                stranger.get(f"/{path}?{query}"),
                stranger.post(f"/{path}", {"email": text, "name": text}),
            ):
                assert response.status_code < 500, path
                list(looked_at(path, response))
        for leads_to in (
            "//evil.example",
            "https://evil.example",
            "javascript:evil()",
            "/\\evil.example",
            "\t//evil.example",
        ):
            response = Client().post("/sign-in/", {"email": self.alice.email, "password": "no", "next": leads_to})
            assert "evil.example" not in response.headers.get("Location", "")

    def test_the_api_says_it_as_it_is(self) -> None:
        kept = {text for texts in self.marked_text().values() for text in texts}
        key = create_api_key(self.company, "Story")[1]
        for path in ("calls", "visits", "scenarios", "numbers", "threads", *self.details()):
            response = self.client.get(f"/api/v1/{path}?limit=200", headers={"Authorization": f"Bearer {key}"})
            assert response.headers["Content-Type"].startswith("application/json")
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            said = {text for text in strings(response.json()) if MARK.search(text)}
            assert said <= kept, said - kept
            assert said or path == "numbers", path

    def details(self) -> Iterator[str]:
        for message in Message.objects.filter(company=self.company, kind=Message.Kind.CALL):
            yield f"calls/{message.call}"
            yield f"threads/{message.thread_id}/messages"

    def test_no_cell_of_the_file_is_a_formula(self) -> None:
        for query in ("", "?for=excel"):
            response = self.owner.get(f"/calls/export.csv{query}")
            text = b"".join(response).decode("utf-8-sig")
            header, *rows = csv.reader(io.StringIO(text), strict=True)
            assert len(rows) == len(HOSTILE)
            assert {len(row) for row in rows} == {len(header)}
            assert not [cell for row in rows for cell in row if not harmless(cell) or "\0" in cell]
            kept = {text for texts in self.marked_text().values() for text in texts}
            cells = [cell for row in rows for cell in row if MARK.search(cell)]
            as_kept = (cell if cell in kept else cell.removeprefix("'").removeprefix("gclid=") for cell in cells)
            assert not [cell for cell in as_kept if cell not in kept]
            said = Counter(place for place in marks(cells))
            assert {"callername", "source", "campaign", "landing", "referrer", "gclid", "scenario"} <= said.keys()
            disposition = response.headers["Content-Disposition"]
            assert re.fullmatch(r'attachment; filename="calls-[\w-]+\.csv"', disposition), disposition

    def test_every_mail_is_one_mail_of_text(self) -> None:
        mails = [*self.mails()]
        assert len(mails) >= 3 * len(HOSTILE)
        said: Counter[str] = Counter()
        for mail in mails:
            assert not mail.defects
            assert Counter(mail.keys()) == Counter(HEADERS - {"Content-Transfer-Encoding"}), mail.keys()
            assert str(mail["To"]) in (self.alice.email, '"<cs-evil>"@example.com')
            assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
            assert not any(part.defects for part in mail.walk())
            assert len(str(mail["Subject"]).splitlines()) == 1
            plain, html = (part.get_content() for part in mail.iter_parts())
            page = Page(html, mail=True)
            assert not page.problems, (mail["Subject"], page.problems)
            assert not page.unseen
            assert not UNSEEN.search(plain.replace("\r", ""))
            assert not [line for line in plain.splitlines() if line.startswith(("Bcc", "To:", "Cc", "X-Evil"))]
            said += Counter(marks([page.text])) & Counter(marks([plain]))
        for place in ("callername", "text", "form", "thread", "title", "source", "landing", "referrer", "company"):
            assert said[place], place

    def mails(self) -> Iterator[EmailMessage]:
        for file in sorted(settings.CONFIG.mails.glob("*.eml")):
            mail = email.message_from_bytes(file.read_bytes(), policy=default)
            assert isinstance(mail, EmailMessage)
            yield mail

    def test_the_demos_mails_are_text(self) -> None:
        shop = make_app(
            doors_url="http://127.0.0.1:8001", company_key=self.company.key, business_number="+18005550199",
            books=settings.CONFIG.sandbox_books, mails=settings.CONFIG.mails,
        )  # fmt: skip

        async def look() -> list[httpx.Response]:
            transport = httpx.ASGITransport(shop)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8002") as client:
                names = [file.stem for file in settings.CONFIG.mails.glob("*.eml")]
                return [await client.get(f"/mail{path}") for path in ("", "/list", *(f"/{name}" for name in names))]

        for answer in asyncio.run(look()):
            page = Page(answer.text)
            assert not [found for found in page.problems if not found.startswith(SHEET)], (answer.url, page.problems)


def looked_at(address: str, response: Any) -> Iterator[Page]:
    """The page that came, without anything that no template of ours makes; none for what is no page."""
    location = response.headers.get("Location", "/")
    assert not urlsplit(location).netloc, (address, location)
    assert not re.search(r"[\r\n<>]", location), (address, location)
    if response.headers.get("Content-Type", "").startswith("text/html") and response.status_code != 405:
        page = Page(b"".join(response).decode())
        assert not page.problems, (address, page.problems)
        yield page


def shows(page: str, where: str, text: str) -> bool:
    """Whether a page has the text of a field; of an address its host and path."""
    if where in ADDRESSES:
        return single(words.host_path(text)) in page
    if where == "inbox.Message.body" and text.startswith("phone: "):
        return True  # a form's fields stand one by one, and are in `data`
    return single(text) in page


def marks(texts: Any) -> Iterator[str]:
    """Where the marked texts were written."""
    for text in texts:
        yield from (found.split("-")[1] for found in MARK.findall(text))


def strings(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from strings(inner)
