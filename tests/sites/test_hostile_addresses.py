"""Addresses and servers that want our server to reach what it must not, or to choke: each refused, in plain words."""

from __future__ import annotations

import gzip
import os
import socket
import time
import zlib
from itertools import count, repeat

import pytest

from callspring.sites.fetching.address import Address, typed
from callspring.sites.fetching.fetcher import MOST_BYTES, Fetcher
from callspring.sites.fetching.public import is_public
from callspring.sites.fetching.refusal import SENTENCES, Reason, Refused, sentence
from tests.sites.internet import PUBLIC, Internet, Server, Talk, page, redirect, says

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"

# Refused as they are written, without a look-up.
BY_SIGHT: dict[str, Reason] = {
    "": Reason.EMPTY,
    "   ": Reason.EMPTY,
    "http://": Reason.UNREADABLE,
    "https:///contact": Reason.UNREADABLE,
    "http:example.com": Reason.UNREADABLE,
    "file:///etc/passwd": Reason.SCHEME,
    "FILE:///etc/passwd": Reason.SCHEME,
    "ftp://example.com/": Reason.SCHEME,
    "gopher://127.0.0.1:6379/_FLUSHALL": Reason.SCHEME,
    "javascript:alert(1)": Reason.SCHEME,
    "data:text/html,<p>": Reason.SCHEME,
    "unix:/var/run/docker.sock": Reason.SCHEME,
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/": Reason.SCHEME,
    "http://user:secret@example.com/": Reason.CREDENTIALS,
    "http://example.com@127.0.0.1/": Reason.CREDENTIALS,
    "http://127.0.0.1:80@example.com/": Reason.CREDENTIALS,
    "http://example.com:22/": Reason.PORT,
    "http://example.com:443/": Reason.PORT,
    "https://example.com:6379/": Reason.PORT,
    "http://example.com:0/": Reason.PORT,
    "http://example.com:99999/": Reason.PORT,
    "http://example.com:８0/": Reason.UNREADABLE,
    "http://127.0.0.1/": Reason.NOT_PUBLIC,
    "http://127.1.2.3./": Reason.NOT_PUBLIC,
    "http://0.0.0.0/": Reason.NOT_PUBLIC,
    "http://10.0.0.1/": Reason.NOT_PUBLIC,
    "http://172.31.255.255/": Reason.NOT_PUBLIC,
    "http://192.168.0.1/": Reason.NOT_PUBLIC,
    "http://100.100.100.200/": Reason.NOT_PUBLIC,
    "http://169.254.169.254/latest/meta-data/": Reason.NOT_PUBLIC,
    "http://224.0.0.1/": Reason.NOT_PUBLIC,
    "http://255.255.255.255/": Reason.NOT_PUBLIC,
    "http://[::1]/": Reason.NOT_PUBLIC,
    "http://[::]/": Reason.NOT_PUBLIC,
    "http://[::ffff:127.0.0.1]/": Reason.NOT_PUBLIC,
    "http://[::ffff:7f00:1]/": Reason.NOT_PUBLIC,
    "http://[::127.0.0.1]/": Reason.NOT_PUBLIC,
    "http://[fe80::1]/": Reason.NOT_PUBLIC,
    "http://[fd00:ec2::254]/": Reason.NOT_PUBLIC,
    "http://[ff02::1]/": Reason.NOT_PUBLIC,
    "http://[2002:7f00:1::]/": Reason.NOT_PUBLIC,
    "http://[2001:0:7f00:1::]/": Reason.NOT_PUBLIC,
    "http://[64:ff9b::10.0.0.1]/": Reason.NOT_PUBLIC,
    "http://[fe80::1%25eth0]/": Reason.NOT_PUBLIC,
    "http://[127.0.0.1]/": Reason.ODD_NUMBER,
    "http://2130706433/": Reason.ODD_NUMBER,
    "http://0x7f000001/": Reason.ODD_NUMBER,
    "http://0x7f.0.0.1/": Reason.ODD_NUMBER,
    "http://0177.0.0.1/": Reason.ODD_NUMBER,
    "http://127.1/": Reason.ODD_NUMBER,
    "http://127.0.0.0x1/": Reason.ODD_NUMBER,
    "http://1.2.3.4.5/": Reason.ODD_NUMBER,
    "http://１２７。０。０。１/": Reason.NOT_PUBLIC,
    "http://①②⑦.⓪.⓪.①/": Reason.NOT_PUBLIC,
    "http://%31%32%37.0.0.1/": Reason.ODD_NUMBER,
    "http://example.com%2f@127.0.0.1/": Reason.CREDENTIALS,
    "http://localhost/": Reason.ONE_WORD,
    "http://ｌｏｃａｌｈｏｓｔ/": Reason.ONE_WORD,
    "redis": Reason.ONE_WORD,
    "localhost:8000": Reason.PORT,
    "http://example.com\\@127.0.0.1/": Reason.UNREADABLE,
    "http://example.com/\r\nX-Evil: 1": Reason.UNREADABLE,
    "http://exa mple.com/": Reason.UNREADABLE,
    "http://example.com\x00.evil.com/": Reason.UNREADABLE,
    "http://example\u202e.com/": Reason.UNREADABLE,
    "http://[::1": Reason.UNREADABLE,
    "http://a..b/": Reason.UNREADABLE,
    "http://" + "a" * 64 + ".example/": Reason.UNREADABLE,
    "http://example.com/" + "x" * 3000: Reason.TOO_LONG,
    "http://example.com/" + "é" * 900: Reason.TOO_LONG,
}

# Names that resolve to what must not be reached.
BY_LOOK_UP: dict[str, list[str]] = {
    "loopback": ["127.0.0.1"],
    "every address of this machine": ["0.0.0.0"],
    "private": ["10.1.2.3"],
    "carriers' own": ["100.64.0.1"],
    "link-local": ["169.254.169.254"],
    "IPv6 loopback": ["::1"],
    "mapped": ["::ffff:10.0.0.1"],
    "6to4": ["2002:a00:1::1"],
    "Teredo": ["2001:0:a00:1::1"],
    "NAT64": ["64:ff9b::a9fe:a9fe"],
    "local NAT64": ["64:ff9b:1::a00:1"],
    "unique local": ["fd00::1"],
    "scoped": ["fe80::1%eth0"],
    "documentation": ["203.0.113.7"],
    "one public, one private": [PUBLIC, "192.168.1.1"],
    "no address at all": ["localhost"],
}

REDIRECTS: dict[str, Reason] = {
    "http://127.0.0.1/": Reason.NOT_PUBLIC,
    "//127.0.0.1:8000/": Reason.NOT_PUBLIC,
    "http://169.254.169.254/latest/": Reason.NOT_PUBLIC,
    "http://[::ffff:127.0.0.1]/": Reason.NOT_PUBLIC,
    "http://0x7f.1/": Reason.ODD_NUMBER,
    "http://inside.example/": Reason.NOT_PUBLIC,
    "http://me:secret@shop.example/": Reason.CREDENTIALS,
    "http://shop.example:25/": Reason.PORT,
    "file:///etc/passwd": Reason.SCHEME,
    "javascript:alert(1)": Reason.SCHEME,
    "http://[": Reason.UNREADABLE,
    "/around": Reason.REDIRECTS,
    "": Reason.REDIRECTS,
}

PACKED_BOMB = gzip.compress(bytes(200_000_000), 9)


def endless(head: bytes, part: bytes, seconds: float = 0.0) -> Talk:
    def talk(connected: socket.socket) -> None:
        connected.sendall(head)
        for _ in repeat(None):
            connected.sendall(part)
            time.sleep(seconds)

    return talk


def numbered(head: bytes, form: str) -> Talk:
    def talk(connected: socket.socket) -> None:
        connected.sendall(head)
        for number in count():
            connected.sendall((form % number).encode())

    return talk


BIG = MOST_BYTES + 1
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BODIES: dict[str, tuple[Talk, Reason]] = {
    "larger than it may be": (says(OK + b"Content-Length: %d\r\n\r\n" % BIG, b"x" * BIG), Reason.TOO_BIG),
    "endless": (endless(OK + b"\r\n", b"x" * 65536), Reason.TOO_BIG),
    "endless, in pieces": (endless(CHUNKED, b"1000\r\n%s\r\n" % (b"x" * 4096)), Reason.TOO_BIG),
    "dripping": (endless(OK + b"\r\n", b"x", 0.05), Reason.TOO_SLOW),
    "headers that drip": (endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.05), Reason.TOO_SLOW),
    "never a word": (lambda _: time.sleep(5), Reason.TOO_SLOW),
    "headers without end": (numbered(OK, "X-%d: flood\r\n"), Reason.NONSENSE),
    "one header without end": (endless(OK + b"X: ", b"x" * 65536), Reason.NONSENSE),
    "interim answers without end": (endless(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"), Reason.TOO_SLOW),
    "gzip bomb": (says(OK + b"Content-Encoding: gzip\r\n\r\n", PACKED_BOMB), Reason.TOO_BIG),
    "gzip bomb in a gzip bomb": (
        says(OK + b"Content-Encoding: gzip, gzip\r\n\r\n", gzip.compress(PACKED_BOMB)),
        Reason.ENCODING,
    ),
    "not gzip at all": (says(OK + b"Content-Encoding: gzip\r\n\r\nhello"), Reason.ENCODING),
    "gzip that breaks off": (says(OK + b"Content-Encoding: gzip\r\n\r\n", PACKED_BOMB[:1000]), Reason.ENCODING),
    "compressed in another way": (says(OK + b"Content-Encoding: br\r\n\r\n", b"x"), Reason.ENCODING),
    "no HTTP": (says(b"SSH-2.0-OpenSSH_9.6\r\n"), Reason.NONSENSE),
    "two lengths": (says(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"), Reason.NONSENSE),
    "shorter than it says": (says(OK + b"Content-Length: 500\r\n\r\nhello"), Reason.NONSENSE),
    "hangs up": (says(), Reason.NONSENSE),
}  # fmt: skip


def refusal(net: Internet, text: str, **options: float) -> Refused:
    """The refusal, which has to be said in a sentence that says what is wrong."""
    with pytest.raises(Refused) as caught:
        net.fetch(text, **options)  # type: ignore[arg-type]
    said = sentence(caught.value.reason, caught.value.detail)
    assert said.endswith((".", "?", ")")), said
    assert "%(" not in said
    return caught.value


@pytest.mark.parametrize("text", BY_SIGHT)
def test_an_address_is_refused_by_sight(text: str) -> None:
    net = Internet({})
    assert refusal(net, text).reason is BY_SIGHT[text]
    assert (net.looked_up, net.dialled) == ([], [])


@pytest.mark.parametrize("what", BY_LOOK_UP)
def test_a_name_that_leads_inside_is_refused(what: str) -> None:
    net = Internet({"evil.example": [BY_LOOK_UP[what]]})
    assert refusal(net, "http://evil.example/").reason is Reason.NOT_PUBLIC
    assert net.dialled == []


def test_a_name_that_nobody_has() -> None:
    net = Internet({"nothing.example": [[]]})
    assert refusal(net, "nothing.example").reason is Reason.NOT_FOUND
    assert refusal(net, "https://nobody.example/").reason is Reason.NOT_FOUND


def test_a_look_up_that_takes_too_long() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        time.sleep(4)
        return [PUBLIC]

    began = time.monotonic()
    with pytest.raises(Refused) as caught:
        Fetcher((), "x", resolve=resolve, seconds=0.3).fetch(_address("http://slow.example/"))
    assert caught.value.reason is Reason.TOO_SLOW
    assert time.monotonic() - began < 3.5


def test_dns_that_turns_private_on_the_second_look_up() -> None:
    """There is no second one: the address that was checked is the one that is dialled."""
    with Server(page("<p>public</p>")) as server:
        net = Internet({"turns.example": [[PUBLIC], ["127.0.0.1"]]}, server)
        assert net.fetch("http://turns.example/").body == b"<p>public</p>"
        assert (net.looked_up, net.dialled) == (["turns.example"], [PUBLIC])
        assert refusal(net, "http://turns.example/").reason is Reason.NOT_PUBLIC
        assert net.dialled == [PUBLIC]


def test_dns_that_turns_private_between_two_hops() -> None:
    with Server(redirect("/again")) as server:
        net = Internet({"turns.example": [[PUBLIC], ["127.0.0.1"]]}, server)
        found = refusal(net, "http://turns.example/")
        assert found.reason is Reason.NOT_PUBLIC
        assert (net.dialled, len(server.asked)) == ([PUBLIC], 1)


@pytest.mark.parametrize("to", REDIRECTS)
def test_a_redirect_is_checked_like_what_was_typed(to: str) -> None:
    names = {"shop.example": [[PUBLIC]], "inside.example": [["10.0.0.1"]]}
    with Server(redirect(to)) as server:
        net = Internet(names, server)
        assert refusal(net, "http://shop.example/").reason is REDIRECTS[to]
        assert set(net.dialled) == {PUBLIC}


def test_a_redirect_that_is_refused_is_named() -> None:
    with Server(redirect("http://127.0.0.1:6379/x")) as server:
        assert (
            refusal(Internet({"shop.example": [[PUBLIC]]}, server), "http://shop.example/").hop
            == "http://127.0.0.1:6379/x"
        )


def test_redirects_end() -> None:
    with Server(redirect("http://shop.example/more")) as server:
        refusal(Internet({"shop.example": [[PUBLIC]]}, server), "http://shop.example/")
        assert len(server.asked) == 6


@pytest.mark.parametrize("what", BODIES)
def test_an_answer_that_would_choke_us(what: str) -> None:
    talk, reason = BODIES[what]
    with Server(talk) as server:
        net = Internet({"evil.example": [[PUBLIC]]}, server)
        began = time.monotonic()
        assert refusal(net, "http://evil.example/", seconds=1.0).reason is reason
        assert time.monotonic() - began < 10


def test_a_server_that_is_not_there() -> None:
    with Server(page()) as server:
        pass
    net = Internet({"gone.example": [[PUBLIC]]}, server)
    assert refusal(net, "http://gone.example/").reason is Reason.NO_CONNECTION


def test_what_speaks_no_tls() -> None:
    with Server(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        assert (
            refusal(Internet({"plain.example": [[PUBLIC]]}, server), "https://plain.example/").reason is Reason.NONSENSE
        )


def test_a_bomb_is_not_unpacked() -> None:
    """Its 200 MB would take this long; what is kept is the limit and one byte."""
    began = time.process_time()
    zlib.decompress(PACKED_BOMB, 31)
    whole = time.process_time() - began
    with Server(BODIES["gzip bomb"][0]) as server:
        began = time.process_time()
        refusal(Internet({"evil.example": [[PUBLIC]]}, server), "http://evil.example/")
        assert time.process_time() - began < whole


def test_there_are_enough_of_them() -> None:
    assert len(BY_SIGHT) + len(BY_LOOK_UP) + len(REDIRECTS) + len(BODIES) >= 40
    met = {*BY_SIGHT.values(), *REDIRECTS.values(), *(reason for _, reason in BODIES.values())}
    assert met >= set(SENTENCES) - {Reason.NOT_FOUND, Reason.NO_CONNECTION, Reason.CERTIFICATE}


@pytest.mark.parametrize(
    "address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "::ffff:8.8.8.8"]
)
def test_what_is_public(address: str) -> None:
    assert is_public(address)


def test_an_operator_lists_an_origin_and_nothing_more() -> None:
    with Server(page("<p>listed</p>")) as listed, Server(page("<p>another</p>")) as another:
        net = Internet({})
        assert net.fetch(listed.origin, [listed.origin]).body == b"<p>listed</p>"
        for text in (another.origin, listed.origin.replace("http:", "https:"), listed.origin.replace(".0.1:", ".0.2:")):
            with pytest.raises(Refused) as caught:
                net.fetch(text, [listed.origin])
            assert caught.value.reason in {Reason.NOT_PUBLIC, Reason.PORT}
        assert another.asked == []


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, no .netrc, no cookies: nothing of ours goes out but who asks."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    talk = says(b"HTTP/1.1 302 Found\r\nSet-Cookie: a=b\r\nLocation: /next\r\nContent-Length: 0\r\n\r\n")
    with Server(talk) as server:
        refusal(Internet({"shop.example": [[PUBLIC]]}, server), "http://shop.example/é?q=a b".replace(" ", "%20"))
    names = {line.partition(":")[0].lower() for line in server.asked[1].split("\r\n")[1:] if line}
    assert names == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert server.asked[0].startswith("GET /%C3%A9?q=a%20b HTTP/1.1\r\nHost: shop.example\r\nUser-Agent: Callspring/")


def test_a_page_that_is_well() -> None:
    body = gzip.compress(b"<p>H\xc3\xa9</p>" + os.urandom(10).hex().encode())
    talk = says(OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body), body)
    with Server(talk) as server:
        fetched = Internet({"shop.example": [[PUBLIC]]}, server).fetch("HTTP://SHOP.example./#top")
    assert (str(fetched.address), fetched.hops) == ("http://shop.example/", ("http://shop.example/",))
    assert fetched.body == gzip.decompress(body)


def _address(text: str) -> Address:
    return typed(text, ())
