"""From a page as it was served to what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from callspring.sites.fetching.address import typed
from callspring.sites.fetching.fetcher import Fetched
from callspring.sites.page.scripts import Container, Snippet, Where, containers, in_container
from callspring.sites.snippet_test import Brought, Code, Level, Page, Sought, judge, worst

KEY, OTHER, NOBODYS = "ck_" + "a" * 32, "ck_" + "b" * 32, "ck_" + "c" * 32
DOORS = "https://calls.example"
LINE = f'<script async src="{DOORS}/cs/{KEY}.js"></script>'
TARGET = "+18005550199"
VERSION = "0123456789abcdef"
SOUGHT = Sought(KEY, DOORS, {TARGET: (TARGET, TARGET[1:], TARGET[2:])}, {OTHER}, VERSION)
NUMBER = "<p>Call 800-555-0199</p>"
LONG = "<p>" + "We mend what drips. " * 20 + "</p>"
GOOD = [Code.REACHED, Code.SCRIPT_RIGHT, Code.POLICY_LETS, Code.TARGET_FOUND]


def answer(html: str, url: str = "https://shop.example/", status: int = 200, **headers: str) -> Page:
    given = {"content_type": "text/html; charset=utf-8", **headers}
    named = tuple((name.replace("_", "-"), value) for name, value in given.items())
    return Page(Fetched(typed(url, ()), (url,), status, named, html.encode()))


def codes(page: Page, brought: Brought | None = None, sought: Sought = SOUGHT) -> list[Code]:
    return [one.code for one in judge(page, sought, brought or Brought())]


def values(page: Page, code: Code, brought: Brought | None = None) -> dict[str, Any]:
    return next(dict(one.values) for one in judge(page, SOUGHT, brought or Brought()) if one.code is code)


def test_everything_is_in_place() -> None:
    found = judge(answer(f"<html><head>{LINE}</head><body>{NUMBER}</body></html>"), SOUGHT, Brought())
    assert [one.code for one in found] == GOOD
    assert worst(found) is Level.GOOD


# What stands in the page → what is said of the script.
SCRIPTS: dict[str, list[Code]] = {
    LINE: [Code.SCRIPT_RIGHT],
    LINE.replace("https:", ""): [Code.SCRIPT_RIGHT],
    LINE.replace('.js"', '.js?v=2"'): [Code.SCRIPT_RIGHT],
    LINE.replace("async", "defer"): [Code.SCRIPT_RIGHT],
    LINE.replace("async", "type=module"): [Code.SCRIPT_RIGHT],
    f"<script>var s = document.createElement('script'); s.src = '{DOORS}/cs/{KEY}.js'</script>": [Code.SCRIPT_RIGHT],
    f'<script>load("{DOORS.replace("/", chr(92) + "/")}\\/cs\\/{KEY}.js")</script>': [Code.SCRIPT_RIGHT],
    "": [Code.SCRIPT_MISSING],
    '<script src="/cs/main.js"></script>': [Code.SCRIPT_MISSING],
    f"<p>{LINE.replace('<', '&lt;')}</p>": [Code.SCRIPT_MISSING],
    f"<textarea>{LINE}</textarea>": [Code.SCRIPT_MISSING],
    f"<!-- {LINE} -->": [Code.SCRIPT_COMMENT],
    f"<noscript>{LINE}</noscript>": [Code.SCRIPT_NOSCRIPT],
    LINE.replace("async", "async type='text/plain' data-consent=analytics"): [Code.SCRIPT_WAITS],
    LINE.replace("src=", "data-src="): [Code.SCRIPT_WAITS],
    LINE * 3: [Code.SCRIPT_RIGHT, Code.SCRIPT_SEVERAL],
    LINE.replace("async ", ""): [Code.SCRIPT_RIGHT, Code.SCRIPT_HOLDS_UP],
    LINE.replace(KEY, OTHER): [Code.KEY_OTHER],
    LINE.replace(KEY, NOBODYS): [Code.KEY_UNKNOWN],
    LINE.replace(KEY, NOBODYS) + LINE: [Code.SCRIPT_RIGHT, Code.KEY_UNKNOWN],
    LINE.replace(".js", f"/{VERSION}.js"): [Code.SCRIPT_RIGHT, Code.SCRIPT_PINNED],
    LINE.replace(".js", "/fedcba9876543210.js"): [Code.SCRIPT_RIGHT, Code.SCRIPT_PINNED_OTHER],
    f"<script>s.src = '{DOORS}/cs/{KEY}/{VERSION}.js'</script>": [Code.SCRIPT_RIGHT, Code.SCRIPT_PINNED],
    LINE.replace("https:", "http:"): [Code.SCRIPT_RIGHT, Code.SCRIPT_MIXED, Code.SCRIPT_NOT_SERVED],
    LINE.replace(DOORS, "https://old.example"): [Code.SCRIPT_RIGHT, Code.SCRIPT_NOT_SERVED],
}


@pytest.mark.parametrize("html", SCRIPTS)
def test_the_script(html: str) -> None:
    page = answer(f"<head>{html}</head>{LONG}{NUMBER}")
    assert codes(page) == [Code.REACHED, *SCRIPTS[html], Code.POLICY_LETS, Code.TARGET_FOUND]


def test_a_page_that_scripts_build() -> None:
    page = answer("<div id=root></div><script src=/app.js></script>")
    assert codes(page) == [Code.REACHED, Code.SCRIPT_MISSING_JS, Code.POLICY_LETS, Code.TARGET_MISSING]


def test_the_script_from_the_sites_own_address() -> None:
    page = answer(f'<script async src="/calls/cs/{KEY}.js"></script>{NUMBER}')
    url = f"https://shop.example/calls/cs/{KEY}.js"
    assert codes(page, Brought(served={url: True}))[2] is Code.SCRIPT_OWN_ADDRESS
    assert codes(page, Brought(served={url: False}))[2] is Code.SCRIPT_NOT_SERVED
    pinned = answer(f'<script async src="/calls/cs/{KEY}/{VERSION}.js"></script>{NUMBER}')
    assert pinned.snippets[0].url == f"https://shop.example/calls/cs/{KEY}/{VERSION}.js"
    assert pinned.snippets[0].base == "https://shop.example/calls"
    based = answer(f'<base href="https://cdn.example/x/"><script async src="../cs/{KEY}.js"></script>')
    assert based.snippets[0].url == f"https://cdn.example/cs/{KEY}.js"


MANAGERS = {
    "<script>(function(w,d,s,l,i){j.src='https://www.googletagmanager.com/gtm.js?id='+i})(w,'GTM-AB12CD')</script>": (
        "https://www.googletagmanager.com/gtm.js?id=GTM-AB12CD"
    ),
    '<script async src="https://tags.shop.example/gtm.js?id=GTM-AB12CD"></script>': (
        "https://tags.shop.example/gtm.js?id=GTM-AB12CD"
    ),
    '<script src="//tags.tiqcdn.com/utag/shop/main/prod/utag.js"></script>': (
        "https://tags.tiqcdn.com/utag/shop/main/prod/utag.js"
    ),
    "<script>g.src='https://cdn.matomo.cloud/shop.matomo.cloud/container_Ab12.js'</script>": (
        "https://cdn.matomo.cloud/shop.matomo.cloud/container_Ab12.js"
    ),
    '<script src="https://www.googletagmanager.com/gtag/js?id=G-AB12CD34"></script>': "",
}


@pytest.mark.parametrize("html", MANAGERS)
def test_tag_managers(html: str) -> None:
    found = containers(answer(html).parts, "https://shop.example/")
    assert [one.url for one in found] == [MANAGERS[html]] * bool(MANAGERS[html])


def test_in_a_container() -> None:
    container = Container("Google Tag Manager (GTM-AB12CD)", "https://www.googletagmanager.com/gtm.js?id=GTM-AB12CD")
    code = (
        r'{"vtp_html":"\u003Cscript async data-gtmsrc=\"https:\/\/calls.example\/cs\/' + KEY + r'.js\"\u003E\u003C\/s"}'
    )
    inside = in_container(code, container)
    assert inside == [Snippet(KEY, DOORS, Where.CONTAINER, container=container.name)]
    page = answer(LONG + NUMBER)
    assert codes(page, Brought({container: inside}))[1] is Code.SCRIPT_IN_CONTAINER
    assert codes(page, Brought({container: []}))[1:3] == [Code.CONTAINER_WITHOUT, Code.SCRIPT_MISSING]
    assert codes(page, Brought({container: None}))[1:3] == [Code.CONTAINER_UNREAD, Code.SCRIPT_MISSING]


def test_policies_of_headers_and_of_the_page() -> None:
    html = f"<head>{LINE}</head>{NUMBER}"
    both = values(answer(html, content_security_policy="default-src 'self'"), Code.POLICY_SCRIPT)
    assert both == {"directive": "default-src", "add": DOORS, "has": "'self'"}
    own = "<meta http-equiv=Content-Security-Policy content=\"connect-src 'none'\">"
    assert codes(answer(own + html)) == [Code.REACHED, Code.SCRIPT_RIGHT, Code.POLICY_CONNECT, Code.TARGET_FOUND]
    strict = answer(html, content_security_policy="script-src 'strict-dynamic' 'nonce-1'; connect-src *")
    assert Code.POLICY_NONCE in codes(strict)
    only_told = answer(html, content_security_policy_report_only="default-src 'none'")
    assert codes(only_told) == GOOD


def test_numbers() -> None:
    page = answer(f"{LINE}<a href='tel:8005550199' title='800.555.0199'>800-555-0199</a><a href='tel:3125550100'>x</a>")
    found = values(page, Code.TARGET_FOUND)
    assert found == {"target": TARGET, "total": 3, "text": 1, "link": 1, "attribute": 1}
    assert values(page, Code.STRANGERS) == {"numbers": ["3125550100"]}
    assert Code.NO_SCENARIO in codes(page, sought=Sought(KEY, DOORS, {}))
    two = Sought(KEY, DOORS, {TARGET: (TARGET[2:],), "+13125550100": ("7735550100",)})
    levels = {one.code: one.level for one in judge(page, two, Brought())}
    assert levels[Code.TARGET_MISSING] is Level.NOTE  # another one of the site's is there


def test_what_is_no_page() -> None:
    assert codes(answer("gone", status=404)) == [Code.HTTP_ERROR]
    assert codes(answer("{}", content_type="application/json")) == [Code.NOT_HTML]
    assert Code.SENT_ON in codes(answer("<meta http-equiv=refresh content='0; URL=/new'>"))
