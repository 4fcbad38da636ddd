"""Plivo's signatures: right ones, wrong ones, and those that its own SDK makes."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plivo.utils.signature_v3 import validate_v3_signature  # type: ignore[import-untyped]

from callspring.carriers.contract import (
    BadRequest,
    BadSignature,
    CarrierRequest,
    Endpoint,
)
from callspring.carriers.plivo.adapter import Plivo
from tests.carriers.contract import (
    SECRET,
)
from tests.carriers.plivo_requests import (
    CALL,
    URL,
    fields_of,
    leg_hangup,
    post,
    question,
    signed,
    text_in,
    texted,
)


def accepted(request: CarrierRequest, secret: str = SECRET) -> bool:
    try:
        Plivo().verify(request, secret, 0)
    except BadSignature:
        return False
    return True


class TestSignatures:
    def test_repeated_and_empty_fields_and_every_alphabet_are_signed(self) -> None:
        fields = [("b", "2"), ("CallerName", "Zoë & Søn 東京 +%="), ("b", "1"), ("Note", ""), ("b", "2")]
        assert accepted(signed(urlencode(fields).encode(), Endpoint.CALL))

    @given(fields=st.lists(st.tuples(st.text("abAB+=&é ", max_size=4), st.text(max_size=8)), max_size=8))
    def test_whatever_form_it_is_we_sign_as_the_vendor_does(self, fields: list[tuple[str, str]]) -> None:
        assert accepted(signed(urlencode(fields, errors="replace").encode(), Endpoint.CALL))

    @pytest.mark.parametrize("query", ["", "?", "?at=1.0.0.c2Vn", "?b=2&a=1&b=1&c=", "?to=%2B1312&x=a+b"])
    @pytest.mark.parametrize("fields", [{}, {"CallUUID": CALL, "A": "1"}])
    def test_every_address_is_signed_as_the_vendor_signs_it(self, query: str, fields: dict[str, str]) -> None:
        url = f"{URL}next{query}"
        assert accepted(signed(urlencode(fields).encode(), Endpoint.NEXT, url))

    def test_one_of_several_signatures_is_enough_and_so_is_the_main_accounts(self) -> None:
        request = post(question())
        right = request.headers["x-plivo-signature-v3"]
        several = {**request.headers, "x-plivo-signature-v3": f"AAAA,{right}"}
        assert accepted(replace(request, headers=several))
        assert validate_v3_signature(
            "POST",
            request.url,
            several["x-plivo-signature-v3-nonce"],
            SECRET,
            several["x-plivo-signature-v3"],
            fields_of(request.body),
        )
        subaccount = {**request.headers, "x-plivo-signature-v3": "AAAA", "x-plivo-signature-ma-v3": right}
        assert accepted(replace(request, headers=subaccount))
        assert not accepted(replace(request, headers={**several, "x-plivo-signature-v3": f"AAAA,{right[:-2]}"}))

    def test_a_texts_signature_covers_its_address_only_and_opens_nothing_else(self) -> None:
        for endpoint in (Endpoint.TEXT, Endpoint.TEXT_EVENTS):
            request = texted(text_in("Hello"), endpoint)
            assert accepted(request)
            assert not accepted(request, SECRET + "x")
            for header in ("x-plivo-signature-v2", "x-plivo-signature-v2-nonce"):
                wrong = request.headers[header][:-3] + "123"
                assert not accepted(replace(request, headers={**request.headers, header: wrong}))
                without = {name: value for name, value in request.headers.items() if name != header}
                assert not accepted(replace(request, headers=without))
            assert not accepted(replace(request, url=request.url.replace("calls.", "other.")))
        for endpoint in set(Endpoint) - {Endpoint.TEXT, Endpoint.TEXT_EVENTS}:
            assert not accepted(texted(question(), endpoint))

    def test_where_there_is_a_whole_signature_the_half_one_does_not_count(self) -> None:
        whole, half = post(text_in("Hello"), Endpoint.TEXT, f"{URL}text"), texted(text_in("Hello"), Endpoint.TEXT)
        both = replace(whole, headers={**half.headers, **whole.headers})
        assert accepted(both)
        assert not accepted(replace(both, body=both.body.replace(b"Hello", b"Hullo")))

    def test_json_is_no_webhook_of_plivos(self) -> None:
        request = signed(b"", Endpoint.EVENTS)
        assert accepted(request)
        headers = {**request.headers, "content-type": "application/json"}
        assert not accepted(replace(request, headers=headers))
        with pytest.raises(BadRequest):
            Plivo().read(replace(request, headers=headers), Endpoint.EVENTS)

    @pytest.mark.parametrize("body", [b"a=" + b"x" * 70_000, b"a=1&" * 300])
    def test_enormous_forms_are_refused_though_signed(self, body: bytes) -> None:
        request = signed(body, Endpoint.CALL)
        assert not accepted(request)
        with pytest.raises(BadRequest):
            Plivo().read(request, Endpoint.CALL)

    @pytest.mark.parametrize("url", ["http://[::1", "https:///x", f"{URL}call?é", "/voice/plivo/7/call", "\ud800", ""])
    def test_an_address_that_is_none_is_refused(self, url: str) -> None:
        assert not accepted(replace(post(question()), url=url))

    def test_the_request_behind_a_proxy_is_signed_for_the_public_address(self) -> None:
        """What a proxy asks for is another address; who may name the public one, the door decides."""
        request = post(question())
        assert accepted(request)
        assert not accepted(
            replace(request, url=request.url.replace("https://calls.example.com", "http://10.0.0.7:8000"))
        )

    def test_a_replay_is_the_same_signal_again(self) -> None:
        request = post(leg_hangup("4000", "NORMAL_CLEARING", "11"), Endpoint.EVENTS)
        assert accepted(request)
        assert Plivo().read(request, Endpoint.EVENTS) == Plivo().read(request, Endpoint.EVENTS)
