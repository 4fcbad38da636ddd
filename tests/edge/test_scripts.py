"""The snippet's files: compressed where the browser takes it, and not sent again where it has them."""

from __future__ import annotations

import gzip

import pytest

from callspring.edge.scripts import NEWEST, Script, takes_gzip

CODE = b"(() => { console.log('hello'); })();" * 20


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        (b"gzip, deflate, br, zstd", True),
        (b"br;q=1.0, gzip;q=0.8, *;q=0.1", True),
        (b"GZIP ; Q=0.001", True),
        (b"gzip;q=0, identity", False),
        (b"gzip;q=0.000", False),
        (b"br", False),
        (b"xgzip", False),
        (b"", False),
    ],
)
def test_what_browsers_take(accepted: bytes, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


def test_it_is_compressed_once_and_says_so() -> None:
    script = Script(CODE, NEWEST)
    packed = script.answer([(b"accept-encoding", b"gzip, br")])
    plain = script.answer([])
    assert (packed.status, gzip.decompress(packed.body), plain.body) == (200, CODE, CODE)
    assert len(packed.body) < len(CODE) / 5
    assert dict(packed.headers)[b"content-encoding"] == b"gzip"
    assert b"content-encoding" not in dict(plain.headers)
    assert {dict(one.headers)[b"vary"] for one in (packed, plain)} == {b"Accept-Encoding"}
    assert dict(packed.headers)[b"etag"] != dict(plain.headers)[b"etag"]


@pytest.mark.parametrize("form", [b"%s", b"W/%s", b'"other", %s', b'W/"other" , W/%s'])
def test_who_has_it_is_not_sent_it_again(form: bytes) -> None:
    script = Script(CODE, NEWEST)
    for asked in ([], [(b"accept-encoding", b"gzip")]):
        tag = dict(script.answer(asked).headers)[b"etag"]
        again = script.answer([*asked, (b"if-none-match", form % tag)])
        assert (again.status, again.body, dict(again.headers)[b"etag"]) == (304, b"", tag)
        assert b"content-encoding" not in dict(again.headers)
    assert script.answer([(b"if-none-match", b'"other"')]).status == 200
