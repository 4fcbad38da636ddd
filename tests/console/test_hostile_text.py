"""Hostile text on every page, in the API, in every mail and in the file of calls: it is shown, as text."""

from __future__ import annotations

from tests.console.hostile import Page, single
from tests.console.hostile_story import HostileStory


class EveryPage(HostileStory):
    def test_every_page_shows_it_as_text(self) -> None:
        pages = {}
        for address in self.every_address():
            for headers in ({}, {"HX-Request": "true"}):
                response = self.owner.get(address, headers=headers)
                if response.headers.get("Content-Type", "").startswith("text/html") and response.status_code != 405:
                    page = Page(b"".join(response).decode())
                    if page.problems: print(address, headers, page.problems[:4], [page.html[max(0,m.start()-150):m.start()+60] for m in list(__import__("tests.console.hostile").console.hostile.UNSEEN.finditer(page.html))[:2]])
                    pages[address, bool(headers)] = page.text
        print(len(pages))
        found = self.marked_text()
        for where, texts in sorted(found.items()):
            shown = [t for t in texts if any(single(t) in p for p in pages.values())]
            print(where, len(texts), len(shown), [t[:100] for t in texts if t not in shown][:3])
