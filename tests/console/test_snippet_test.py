"""Test snippet: a person types the address of a page and reads whether the script is there and works."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import override_settings
from django.utils import timezone

from callspring.accounts.models import Membership, User
from callspring.console.snippet_words import lines
from callspring.demo.shop import make_app
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.scenarios.snippet_tests import AT_ONCE, KEPT, PATIENCE, allow_host, ask, carry_out
from callspring.sites.models import Site, SnippetTest
from callspring.sites.queries import snippet_tests
from callspring.sites.snippet_test import Code, Level
from tests.console.pages import Pages, text
from tests.serving import serve
from tests.sites.internet import PUBLIC, Internet, Server, page, says
from tests.stories import TARGET

LIST = "/settings/integrations/test/"


class Testing(Pages):
    """The demo shop runs and is a listed origin; it carries the company's script and number."""

    origin: str

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        folder = cls.enterClassContext(TemporaryDirectory())
        shop = make_app(
            doors_url=settings.CONFIG.doors_url,
            company_key=cls.company.key,
            business_number=TARGET,
            books=Path(folder) / "books.json",
        )
        cls.origin = cls.enterClassContext(serve(shop))
        cls.enterClassContext(override_settings(CONFIG=replace(settings.CONFIG, test_origins=(cls.origin,))))

    def press(self, address: str) -> str:
        """Test it and wait: the result as it is read."""
        sent = self.owner.post(LIST, {"address": address})
        assert sent.status_code == 302, text(sent)
        where = sent.headers["Location"]
        assert "Waiting for its turn" in text(self.owner.get(where))
        run_due()
        return text(self.owner.get(where))

    def newest(self) -> SnippetTest:
        return snippet_tests(self.company)[0]

    def codes(self) -> set[str]:
        return {one["code"] for one in self.newest().findings}


class AtTheShop(Testing):
    def test_everything_is_said(self) -> None:
        self.campaign()
        said = self.press(self.origin)
        assert "Your script is on the page, with the right key" in said
        assert "The site's security policy lets the script work" in said
        assert "(800) 555-0199 is on the page, in 18 places" in said
        host = self.origin.removeprefix("http://")
        assert f"{host} is not an allowed host" in said
        assert "It does not work yet" in said

    def test_the_host_is_allowed_with_one_press(self) -> None:
        self.campaign()
        self.press(self.origin + "/contact")
        test = self.newest()
        assert (test.level, test.site) == (Level.PROBLEM, None)
        answer = self.owner.post(f"{LIST}{test.pk}/allow/", follow=True)
        assert "is allowed. Test the page again" in text(answer)
        assert test.host in self.site().hosts
        self.owner.post(f"{LIST}{test.pk}/again/")
        run_due()
        assert (self.newest().level, self.newest().site) == (Level.GOOD, self.site())
        assert "Everything is in place." in text(self.owner.get(f"{LIST}{self.newest().pk}/"))
        assert Code.VISIT_NONE in self.codes()
        self.visit()
        self.press(self.origin)
        assert Code.VISIT_SEEN in self.codes()

    def test_one_of_several_sites_is_chosen(self) -> None:
        blog = Site.objects.create(company=self.company, name="Blog", hosts=["blog.example"])
        theirs = self.site(self.elsewhere)
        self.press(self.origin)
        address = f"{LIST}{self.newest().pk}/allow/"
        assert "Allow" in text(self.owner.get(f"{LIST}{self.newest().pk}/"))
        for wrong in ("", "x", "9" * 30, str(theirs.pk)):
            assert self.owner.post(address, {"site": wrong}).status_code == 404
        self.owner.post(address, {"site": str(blog.pk)})
        blog.refresh_from_db()
        assert self.newest().host in blog.hosts
        with pytest.raises(ValidationError):
            allow_host(self.newest(), self.site())
        refused = self.owner.post(address, {"site": str(self.site_of("shop.example").pk)}, follow=True)
        assert "belongs to the site “Blog”" in text(refused)

    def site_of(self, host: str) -> Site:
        return next(each for each in self.company.sites.all() if host in each.hosts)

    def site(self, company: Any = None) -> Site:
        return super().site(company) if company else self.site_of("shop.example")

    def test_a_page_that_is_not_there(self) -> None:
        assert "There is no page at this address (status 404)" in self.press(self.origin + "/nothing-here")

    def test_the_key_of_another_company(self) -> None:
        theirs = f'<script async src="{settings.CONFIG.doors_url}/cs/{self.elsewhere.key}.js"></script>'
        with Server(page(theirs)) as server, self.listed(server.origin):
            said = self.press(server.origin)
        assert "another company's" in said
        assert self.company.key in said, "the line to put there instead"
        assert "Elsewhere" not in said

    def test_a_tag_manager_is_looked_into(self) -> None:
        url = f"{settings.CONFIG.doors_url}/cs/{self.company.key}.js".replace("/", "\\/")
        code = f'data = "\\u003Cscript async data-gtmsrc=\\"{url}\\"\\u003E"'

        def talk(connected: socket.socket) -> None:
            asked = server.asked[-1]
            assert "Cookie" not in asked
            loads = f"<script>j.src='{server.origin}/gtm.js?id='+i;('GTM-AB12CD')</script>"
            page(code if "/gtm.js?id=GTM-AB12CD" in asked else loads)(connected)

        with Server(talk) as server, self.listed(server.origin):
            assert "Your script comes with Google Tag Manager (GTM-AB12CD)" in self.press(server.origin)

    def test_the_sites_own_address_is_asked_for_the_script(self) -> None:
        own = f'<script async src="/calls/cs/{self.company.key}.js"></script>'

        def talk(connected: socket.socket) -> None:
            page("fetch('/v1/visit')" if "/calls/cs/" in server.asked[-1] else own)(connected)

        with Server(talk) as server, self.listed(server.origin):
            assert "served from another address than ours, and is there" in self.press(server.origin)

    def listed(self, origin: str) -> Any:
        return override_settings(CONFIG=replace(settings.CONFIG, test_origins=(origin,)))


class Refusing(Testing):
    def test_errors_stand_at_the_field(self) -> None:
        for typed, said in {
            "": "Type the address of a page",
            "http://10.0.0.1/": "10.0.0.1 leads into a private network",
            "file:///etc/passwd": "Only addresses that begin with http:// or https://",
            "http://me:hunter22@shop.example/": "Leave out the user name and password",
            "x" * 2001: "at most 2000 characters",
        }.items():
            answer = self.owner.post(LIST, {"address": typed})
            assert answer.status_code == 200
            assert said in text(answer)
            assert 'aria-invalid="true"' in answer.content.decode()
        assert not SnippetTest.objects.exists()
        assert not Job.objects.exists()

    def test_what_a_look_up_or_a_redirect_brings_stands_in_the_result(self) -> None:
        net = Internet({"inside.example": [["127.0.0.1"]], "shop.example": [[PUBLIC]]})
        carry_out(ask(self.company, "inside.example"), net.fetcher())
        said = text(self.owner.get(f"{LIST}{self.newest().pk}/"))
        assert "inside.example (127.0.0.1) leads into a private network" in said
        hostile = says(b"HTTP/1.1 302 Found\r\nLocation: http://[::1]/<script>alert(1)</script>\r\n\r\n")
        with Server(hostile) as server:
            carry_out(
                ask(self.company, "http://shop.example/"), Internet({"shop.example": [[PUBLIC]]}, server).fetcher()
            )
        answer = self.owner.get(f"{LIST}{self.newest().pk}/")
        assert "The page sends visitors on to an address that is not tested" in text(answer)
        assert b"<script>alert(1)" not in answer.content

    def test_a_hostile_page_ends_up_as_words(self) -> None:
        evil = "</b><script>alert(1)</script>\x00\u202e"
        html = (
            f"<meta http-equiv=content-security-policy content=\"script-src '{evil}\"><a href='tel:+1312{evil}'>x</a>"
        )
        with Server(page(html)) as server:
            carry_out(
                ask(self.company, "http://shop.example/"), Internet({"shop.example": [[PUBLIC]]}, server).fetcher()
            )
        assert Code.POLICY_SCRIPT in self.codes()
        answer = self.owner.get(f"{LIST}{self.newest().pk}/")
        assert b"<script>alert(1)" not in answer.content
        assert "\x00" not in answer.content.decode()

    def test_only_so_many_at_once(self) -> None:
        for _ in range(AT_ONCE):
            ask(self.company, self.origin)
        assert "Several tests are under way already" in text(self.owner.post(LIST, {"address": self.origin}))
        assert ask(self.elsewhere, self.origin).pk, "another company's are its own affair"
        run_due()
        ask(self.company, self.origin)

    def test_only_the_newest_are_kept(self) -> None:
        old = timezone.now() - timedelta(hours=1)
        for number in range(KEPT + 5):
            made = SnippetTest.objects.create(company=self.company, address=f"https://a.example/{number}")
            SnippetTest.objects.filter(pk=made.pk).update(created_at=old + timedelta(seconds=number))
        theirs = SnippetTest.objects.create(company=self.elsewhere, address="https://b.example/")
        newest = ask(self.company, self.origin)
        kept = list(snippet_tests(self.company))
        assert (len(kept), kept[0], kept[-1].address) == (KEPT, newest, "https://a.example/6")
        assert SnippetTest.objects.filter(pk=theirs.pk).exists()

    def test_one_that_never_ends_is_said_to_have_broken_off(self) -> None:
        test = ask(self.company, self.origin)
        SnippetTest.objects.filter(pk=test.pk).update(created_at=timezone.now() - PATIENCE - timedelta(seconds=1))
        answer = self.owner.get(f"{LIST}{test.pk}/", headers={"HX-Request": "true"})
        assert "The test broke off" in text(answer)
        assert b"hx-trigger" not in answer.content

    def test_a_fault_of_ours_is_said_as_such(self) -> None:
        ask(self.company, self.origin)
        Site.objects.filter(company=self.company).update(hosts=5)  # what no code of ours writes
        run_due()
        assert "That is our fault, not the page's" in text(self.owner.get(f"{LIST}{self.newest().pk}/"))
        assert Job.objects.get().error.startswith("TypeError")


class Who(Testing):
    def test_an_analyst_reads_and_a_fragment_is_polled_until_it_is_done(self) -> None:
        test = ask(self.company, self.origin)
        address = f"{LIST}{test.pk}/"
        waiting = self.analyst.get(address, headers={"HX-Request": "true"})
        assert b'hx-trigger="every 1s"' in waiting.content
        assert b"<html" not in waiting.content
        run_due()
        done = self.analyst.get(address, headers={"HX-Request": "true"})
        assert b"hx-trigger" not in done.content
        assert b"<form" not in done.content
        assert self.analyst.post(LIST, {"address": self.origin}).status_code == 403
        assert self.analyst.post(f"{address}again/").status_code == 403
        assert self.analyst.post(f"{address}allow/").status_code == 403

    def test_an_agent_an_outsider_and_a_stranger(self) -> None:
        test = ask(self.company, self.origin)
        run_due()
        agent = User.objects.create_user("dora@example.com")
        Membership.objects.create(user=agent, company=self.company, role=Membership.Role.AGENT)
        assert self.browser(agent).get(LIST).status_code == 403
        for path in ("", "again/", "allow/"):
            address = f"{LIST}{test.pk}/{path}"
            assert self.outsider.post(address).status_code in (404, 405)
            assert self.stranger.post(address).status_code in (302, 405)
        assert self.outsider.get(f"{LIST}{test.pk}/").status_code == 404
        assert self.origin not in text(self.outsider.get(LIST))
        assert self.stranger.get(LIST).status_code == 302


def test_there_are_words_for_every_finding() -> None:
    values = {
        "reason": "not_public", "detail": "x", "hop": "", "address": "https://a.example/", "hops": 2, "status": 500,
        "kind": "image/png", "times": 2, "container": "GTM", "key": "ck_1", "has_policy": True,
        "directive": "default-src", "add": "https://b.example", "has": "'self'",
        "target": TARGET, "total": 3, "text": 3, "numbers": ["911"],
        "host": "a.example", "site": "Shop", "how": "csp", "why": "sandbox", "version": "0f",
        "at": "2026-03-02T12:00:00+00:00",
    }  # fmt: skip
    for code in Code:
        (line,) = lines([{"code": code, "level": Level.PROBLEM, "values": values}], "<script>")
        assert line.title, code
        assert "%(" not in line.title + line.text
    copied = {code: lines([{"code": code, "level": "problem", "values": values}], "<script>")[0].copy for code in Code}
    assert copied[Code.POLICY_SCRIPT] == "script-src 'self' https://b.example;"
    assert copied[Code.POLICY_CONNECT] == "connect-src 'self' https://b.example;"
    assert copied[Code.SCRIPT_MISSING] == "<script>"
