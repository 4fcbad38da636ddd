"""HTML as it comes: cut as browsers cut it, and never slowly."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.sites.page.markup import Comment, End, Part, Start, Text, parts
from callspring.sites.page.places import Targets, places
from callspring.sites.page.policy import blocks_asking, read
from callspring.sites.page.scripts import containers, snippets

PAGES: dict[str, list[Part]] = {
    "a<b>c</b >d": [Text("a"), Start("b"), Text("c"), End("b"), Text("d")],
    "1 < 2 &amp; 3": [Text("1 "), Text("<"), Text(" 2 & 3")],
    "<A HREF=x Title='a \"b\"' data-x=\"&lt;\" disabled/>": [
        Start("a", {"href": "x", "title": 'a "b"', "data-x": "<", "disabled": ""})
    ],
    "<p id=1 id=2>": [Start("p", {"id": "1"})],
    "<img src=/a/>": [Start("img", {"src": "/a/"})],
    "<!-- <b> -->x<!-->y<!doctype html><?x?></ >": [
        Comment(" <b> "), Text("x"), Comment(""), Text("y"), Comment("doctype html"), Comment("?x?"[1:]), Comment(" "),
    ],
    "<script a=b>if (1 < 2) '</scripty>'</SCRIPT >x": [
        Start("script", {"a": "b"}, "if (1 < 2) '</scripty>'"), Text("x")
    ],
    "<noscript><img></noscript><title>a</title>": [Start("noscript", {}, "<img>"), Start("title", {}, "a")],
    "x<script>never closed": [Text("x"), Start("script", {}, "never closed")],
    "x<!-- never closed": [Text("x"), Comment(" never closed")],
    "x<a href='never closed>y": [Text("x")],
    "x<a href": [Text("x")],
}  # fmt: skip

HOSTILE = [
    "<a ", "<a x='", '<a x="y" ', "</", "<!--", "<!", "<![", "<?", "<script>", "<script></scrip", "&", "&#", "&amp",
    "<b>", "</b>", "<p data-callspring=off>", "<template>", "<select></p>", "1", "1 ", "(0)", "1 - - - ", "+",
    "800-555-0199 ", "<a title=1>", "https://x/cs/ck_", "//", "<script src='//x/cs/ck_a.js'></script>", "8 (0)(0)",
    "<script>GTM-ABCDE googletagmanager.com</script>", "\u200b1", "<i>1</i>", "<base href=//x>", "container_", "x/",
]  # fmt: skip


@pytest.mark.parametrize("html", PAGES)
def test_parts(html: str) -> None:
    assert list(parts(html)) == PAGES[html]


def look(html: str) -> None:
    """Everything that is done with the text of a page."""
    cut = list(parts(html))
    snippets(cut, "https://shop.example/")
    containers(cut, "https://shop.example/")
    places(cut, Targets({"+18005550199": ("+18005550199", "18005550199", "8005550199")}))
    blocks_asking(read([html]), "https://shop.example/", "https://calls.example/v1/visit")


@given(st.text(alphabet="<>!-/?='\" ab1(0)&;:.\n", max_size=200))
def test_nothing_makes_it_fail(html: str) -> None:
    look(html)


@pytest.mark.parametrize("piece", HOSTILE)
def test_nothing_makes_it_slow(piece: str) -> None:
    """Ten times the text takes about ten times as long: processor time, the best of three."""
    look(piece * 100)  # tables are made at the first use

    def seconds(times: int) -> float:
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            look(piece * times)
            best = min(best, time.process_time() - began)
        return best

    short = 4000 // len(piece)
    assert seconds(short * 10) < 30 * seconds(short) + 0.02
