"""TLS of the site's own name on the address that was checked; and bytes that become letters."""

from __future__ import annotations

import socket
import ssl
import subprocess
from pathlib import Path

import pytest

from callspring.sites.fetching.address import followed, typed
from callspring.sites.fetching.fetcher import Fetcher
from callspring.sites.fetching.refusal import Reason, Refused
from callspring.sites.page.text import decode
from tests.programs import program
from tests.sites.internet import PUBLIC, Internet, Server, page

MAKE = ("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of shop.example."""
    file = tmp_path_factory.mktemp("tls") / "shop.pem"
    name = ("-subj", "/CN=shop.example", "-addext", "subjectAltName=DNS:shop.example")
    subprocess.run(
        [program("openssl"), *MAKE, *name, "-keyout", file, "-out", f"{file}.crt"], check=True, capture_output=True
    )
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


def test_the_certificate_is_that_of_the_name(certificate: Path) -> None:
    """The connection goes to an IP address, but it is the site's name that is asked for and verified."""
    names: list[str | None] = []
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(certificate)
    ours.sni_callback = lambda _socket, name, _context: names.append(name)

    def talk(connected: socket.socket) -> None:
        raise AssertionError(connected)  # only TLS arrives here

    plain = page("<p>secret</p>")

    class Tls(Server):
        def _answer(self, connected: socket.socket) -> None:
            try:
                with ours.wrap_socket(connected, server_side=True) as wrapped:
                    wrapped.recv(65536)
                    plain(wrapped)
            except OSError:
                return

    trusting = ssl.create_default_context(cafile=str(certificate))
    with Tls(talk) as server:
        net = Internet({"shop.example": [[PUBLIC]], "other.example": [[PUBLIC]]}, server)
        fetcher = Fetcher((), "x", resolve=net.resolve, dial=net.dial, tls=trusting, seconds=5)
        assert fetcher.fetch(typed("shop.example", ())).body == b"<p>secret</p>"
        for text, tls in (("https://other.example/", trusting), ("https://shop.example/", None)):
            fetcher = Fetcher((), "x", resolve=net.resolve, dial=net.dial, tls=tls, seconds=5)
            with pytest.raises(Refused) as caught:
                fetcher.fetch(typed(text, ()))
            assert caught.value.reason is Reason.CERTIFICATE
    assert names == ["shop.example", "other.example", "shop.example"]
    assert net.dialled == [PUBLIC] * 3


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("example.com", "https://example.com/"),
        ("Example.COM/Contact?a=b#c", "https://example.com/Contact?a=b"),
        ("//example.com", "https://example.com/"),
        ("http://example.com:80", "http://example.com/"),
        ("127.0.0.1:8002/x", "http://127.0.0.1:8002/x"),
        ("http://127.0.0.1:8002", "http://127.0.0.1:8002/"),
        ("https://faß.example/?ö", "https://xn--fa-hia.example/?%C3%B6"),
        ("例え.jp", "https://xn--r8jz45g.jp/"),
        ("https://a.example/%E4%BE%8B?x=%20", "https://a.example/%E4%BE%8B?x=%20"),
        ("https://[2606:4700::1]/", "https://[2606:4700::1]/"),
    ],
)
def test_addresses(text: str, read: str) -> None:
    assert str(typed(text, ["http://127.0.0.1:8002"])) == read


def test_where_redirects_lead() -> None:
    base = typed("https://shop.example/a/b?c", ())
    for location, to in {
        "d": "https://shop.example/a/d",
        "/é": "https://shop.example/%C3%A9",
        "//www.shop.example": "https://www.shop.example/",
        "?x": "https://shop.example/a/b?x",
        "HTTP://Other.example:80/y#z": "http://other.example/y",
    }.items():
        assert str(followed(base, location, ())) == to


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("Größe".encode(), "text/html", "Größe"),
        ("Größe".encode("latin-1"), "text/html; charset=ISO-8859-1", "Größe"),
        (b"<meta charset='windows-1251'>" + "Тел".encode("cp1251"), "text/html", "<meta charset='windows-1251'>Тел"),
        ("電話".encode("shift_jis"), 'text/html; charset="Shift_JIS"', "電話"),
        ("\ufeffé".encode("utf-16-le"), "text/html; charset=utf-8", "é"),
        (b"a\xff", "text/html", "a\ufffd"),
        (b"eJwDAAAAAAE", "text/html; charset=zip", "eJwDAAAAAAE"),
        (b"xn--a", "text/html; charset=punycode", "xn--a"),
        (b"a", "text/html; charset=nonsense\x00", "a"),
    ],
)
def test_letters(body: bytes, kind: str, text: str) -> None:
    assert decode(body, kind) == text
