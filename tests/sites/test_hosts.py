"""What people type as a host, and what sites keep."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.sites import add_site, change_site
from callspring.sites.hosts import parse_host
from callspring.sites.international import address_to_unicode, to_ascii, to_unicode
from tests.stories import Story


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Example.com", "example.com"),
        (" https://www.example.com/contact?x=1#y ", "example.com"),
        ("http://user:secret@example.com:8080/", "example.com:8080"),
        ("shop.example.co.uk.", "shop.example.co.uk"),
        ("localhost:8002", "localhost:8002"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("STRASSE.example", "strasse.example"),
        ("straße.example", "xn--strae-oqa.example"),  # to browsers another host than strasse.example
        ("例え。jp", "xn--r8jz45g.jp"),
        ("☎.example", "xn--y3h.example"),
        ("old_shop.example", "old_shop.example"),
        ("example.com:65535", "example.com:65535"),
        ("https://example.com:443/x", "example.com"),
        ("http://www.example.com:80", "example.com"),
        ("https://example.com:8443", "example.com:8443"),
        ("example.com:443", "example.com"),
        ("example.com:80", "example.com"),
        ("http://example.com:443", "example.com:443"),
    ],
)
def test_hosts(typed: str, kept: str) -> None:
    assert parse_host(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "a b.example",
        "*.example.com",
        "-a.example",
        "a..b",
        "/contact",
        "x" * 64 + ".example",
        "a.b:0",
        "a.b:080",
        "a.b:65536",
    ],
)
def test_no_hosts(typed: str) -> None:
    with pytest.raises(ValueError, match="is not a host name"):
        parse_host(typed)


def test_the_sentence_can_be_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("callspring.sites.hosts._", lambda said: f"übersetzt: {said}")
    for typed in ("a b", "\u00fc" * 64):
        with pytest.raises(ValueError, match="übersetzt: “"):
            parse_host(typed)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_host_or_a_sentence(typed: str) -> None:
    try:
        host = parse_host(typed)
    except ValueError:  # the sentence is checked above
        return
    assert host.isascii()
    assert host == host.lower()
    assert parse_host(host) == host.removeprefix("www.")


class Saving(Story):
    def test_each_host_once(self) -> None:
        site = add_site(self.company, " Shop ", ["www.shop2.example", "", "https://shop2.example/"])
        assert (site.name, site.hosts) == ("Shop", ["shop2.example"])

    def test_a_host_belongs_to_one_site(self) -> None:
        with pytest.raises(ValidationError) as caught:
            add_site(self.company, "Copy", ["shop.example"])
        assert list(caught.value.message_dict) == ["hosts"]
        assert add_site(self.elsewhere, "Theirs", ["other.example"]).pk  # another company's is its own affair

    def test_everything_wrong_is_said_at_once(self) -> None:
        with pytest.raises(ValidationError) as caught:
            change_site(self.site(), " ", ["a b"])
        assert set(caught.value.message_dict) == {"name", "hosts"}
        assert self.site().hosts == ["shop.example"]


@pytest.mark.parametrize(
    "written",
    ["müller.de", "straße.example", "例え.jp", "ラーメン.jp", "пример.рф", "ελλάδα.gr", "việtnam.vn", "עברית.co.il",
     "हिन्दी.in", "한국.kr", "münchen.de:8080", "www2.żółw-24.pl"],
)  # fmt: skip
def test_hosts_are_shown_as_people_write_them(written: str) -> None:
    assert to_unicode(parse_host(written)) == written


@pytest.mark.parametrize(
    "deceiving",
    [
        "pаypal.com",  # a Cyrillic а among Latin letters
        "аррӏе.com",  # Cyrillic letters only, each like a Latin one
        "ɑpple.com",  # Latin letters of phonetics
        "ǃx.com",  # a click, which looks like an exclamation mark
        "☎.example",
        "a\u0337b.example",  # struck through
        "ab\u05d0.example",  # Hebrew among Latin
    ],
)
def test_what_could_be_mistaken_is_not(deceiving: str) -> None:
    kept = to_ascii(deceiving)
    assert to_unicode(kept) == kept


@pytest.mark.parametrize("bad", ["xn--", "xn--a", "xn--99999999999.example", "a.xn--zzzzzzzzzzzz", "xn--abc-", "XN--A"])
def test_what_is_no_name_is_shown_as_it_is(bad: str) -> None:
    assert to_unicode(bad) == bad


@given(st.text(max_size=60))
def test_what_is_shown_leads_to_the_same_host(typed: str) -> None:
    try:
        host = parse_host(typed)
    except ValueError:
        return
    assert parse_host(to_unicode(host)) == parse_host(host)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://xn--mller-kva.de:8080/xn--mller-kva?x=@#y", "https://müller.de:8080/xn--mller-kva?x=@#y"),
        ("xn--mller-kva.de/contact", "müller.de/contact"),
        ("https://xn--mller-kva.de@evil.example/", "https://xn--mller-kva.de@evil.example/"),
        ("https://example.com?xn--mller-kva.de", "https://example.com?xn--mller-kva.de"),
    ],
)
def test_addresses_are_shown_with_their_host_so(address: str, shown: str) -> None:
    assert address_to_unicode(address) == shown
