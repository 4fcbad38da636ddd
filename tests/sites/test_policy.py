"""Content-Security-Policies as browsers read them (the cases of CSP3, section 6.7.2)."""

from __future__ import annotations

import pytest

from callspring.sites.page.policy import Blocked, Script, blocks_asking, blocks_script, read

PAGE = "https://shop.example/contact"
URL = "https://calls.example/cs/ck_1.js"
LETS = [
    "",
    "img-src 'none'; report-uri /x",
    "default-src *",
    "script-src *",
    "script-src https:",
    "script-src http:",
    "script-src wss:",
    "script-src https://calls.example",
    "script-src http://calls.example",
    "script-src calls.example",
    "script-src CALLS.Example:443",
    "script-src calls.example:*",
    "script-src *.example",
    "script-src https://calls.example/cs/",
    "script-src calls.example/cs/ck_1.js",
    "script-src 'self' 'unsafe-inline' other.example calls.example",
    "default-src 'none'; script-src calls.example",
    "script-src 'none'; script-src-elem calls.example",
    "script-src 'nonce-abc'",
    "script-src 'strict-dynamic' 'nonce-abc'",
    "script-src 'sha384-xyz'",
    "script-src calls.example; script-src 'none'",
]
BLOCKS = {
    "script-src 'none'": "script-src",
    "script-src": "script-src",
    "script-src 'self'": "script-src",
    "default-src 'self'": "default-src",
    "default-src 'self'; img-src *": "default-src",
    "script-src calls.example; script-src-elem 'self'": "script-src-elem",
    "script-src data:": "script-src",
    "script-src *.calls.example": "script-src",
    "script-src notcalls.example calls.example.evil": "script-src",
    "script-src calls.example:8443": "script-src",
    "script-src calls.example/other/": "script-src",
    "script-src calls.example/cs": "script-src",
    "SCRIPT-SRC 'self'": "script-src",
    "script-src 'unsafe-inline' 'unsafe-eval' data:": "script-src",
    "script-src [::1 https://calls.example:999999 'nonce-other'": "script-src",
    "script-src calls.example, script-src 'self'": "script-src",
}


@pytest.mark.parametrize("header", LETS)
def test_a_policy_that_lets_it_load(header: str) -> None:
    assert blocks_script(read([header]), PAGE, Script(URL, "abc", "sha384-xyz")) is None


@pytest.mark.parametrize("header", BLOCKS)
def test_a_policy_that_does_not(header: str) -> None:
    blocked = blocks_script(read([header]), PAGE, Script(URL, "abc"))
    assert blocked is not None
    assert (blocked.directive, blocked.add) == (BLOCKS[header], "https://calls.example")


def test_every_policy_counts() -> None:
    policies = read(["script-src *", "script-src 'self'"])
    assert blocks_script(policies, PAGE, Script(URL)) == Blocked("script-src", "https://calls.example", "'self'")


def test_strict_dynamic_asks_for_a_nonce_unless_a_script_loads_it() -> None:
    policies = read(["script-src 'strict-dynamic' 'nonce-abc' https:"])
    blocked = blocks_script(policies, PAGE, Script(URL))
    assert blocked is not None
    assert blocked.add == ""
    assert blocks_script(policies, PAGE, Script(URL, by_script=True)) is None


def test_the_sites_own_address() -> None:
    own = Script("https://shop.example/calls/cs/ck_1.js")
    assert blocks_script(read(["script-src 'self'"]), PAGE, own) is None
    assert blocks_script(read(["script-src 'self'"]), "http://shop.example/", own) is None
    assert blocks_script(read(["script-src 'self'"]), "https://www.shop.example/", own) is not None
    assert blocks_script(read(["script-src 'self'"]), "https://shop.example:8443/", own) is not None


def test_asking() -> None:
    url = "http://127.0.0.1:8001/v1/visit"
    page = "http://127.0.0.1:8002/"
    assert blocks_asking(read(["script-src *"]), page, url) is None
    assert blocks_asking(read(["connect-src 'self' http://127.0.0.1:8001"]), page, url) is None
    assert blocks_asking(read(["connect-src 'self'"]), page, url) == Blocked(
        "connect-src", "http://127.0.0.1:8001", "'self'"
    )
    assert blocks_asking(read(["default-src 'none'"]), page, url) == Blocked(
        "default-src", "http://127.0.0.1:8001", "'none'"
    )
