"""Which requests count as Twilio's."""

from __future__ import annotations

import logging
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from twilio.request_validator import HMAC_SHA256, RequestValidator

from callspring.carriers.contract import BadRequest, CarrierRequest, Endpoint
from callspring.carriers.twilio.adapter import Twilio
from tests.carriers.contract import SECRET
from tests.carriers.twilio_requests import URL, accepted, json_request, post, question, signed


def test_the_example_that_libraries_check_against() -> None:
    """The worked example of Twilio's security page; every port of the scheme is tested with it."""
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    headers = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert accepted(CarrierRequest("POST", url, headers, urlencode(fields).encode()), "12345")


def test_repeated_and_empty_fields_and_every_alphabet_are_signed() -> None:
    fields = question(CallerName="Zoë & Søn 東京 +%=")
    assert accepted(post({**fields, "StatusCallbackEvent": ["ringing", "answered", "ringing"], "Note": ""}))


def test_a_repeated_field_that_was_added_is_refused() -> None:
    request = post(question())
    assert not accepted(replace(request, body=request.body + b"&From=%2B19995550100"))
    assert not accepted(replace(request, body=request.body + b"&New="))


def test_an_address_with_and_without_its_port_is_the_same() -> None:
    request = signed(b"", {}, Endpoint.CALL, "https://calls.example.com:443/voice/twilio/7/call")
    assert accepted(replace(request, url="https://calls.example.com/voice/twilio/7/call"))


def test_a_shared_keys_signature_is_accepted() -> None:
    request = post(question())
    sha256 = RequestValidator(SECRET).compute_signature(request.url, question(), HMAC_SHA256)
    named = {"x-twilio-webhooks-signature-settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    assert accepted(replace(request, headers={**named, "x-twilio-signature": sha256}))
    assert not accepted(replace(request, headers={"x-twilio-signature": sha256}))


def test_an_unknown_algorithm_is_refused_without_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    unknown = {"x-twilio-webhooks-signature-settings": "algorithm=NONE\r\nforged log line"}
    with caplog.at_level(logging.DEBUG):
        for request in (post(question()), json_request(b"{}", b"{}")):
            assert not accepted(replace(request, headers={**request.headers, **unknown}))
    assert not caplog.records


def test_json_is_covered_by_its_hash_and_is_no_voice_webhook() -> None:
    request = json_request(b'{"a": 1}', b'{"a": 1}')
    assert accepted(request)
    with pytest.raises(BadRequest):
        Twilio().read(request, Endpoint.EVENTS)


@pytest.mark.parametrize("body", [b'{"a": 2}', b"", b"\xff", b"x" * 70_000])
def test_json_that_is_not_what_was_hashed_is_refused(body: bytes) -> None:
    assert not accepted(json_request(body, b'{"a": 1}'))


@pytest.mark.parametrize("query", ["", "?bodySHA256=", "?xbodySHA256=1"])
def test_json_without_a_hash_is_refused(query: str) -> None:
    request = signed(b"{}", {}, Endpoint.EVENTS, f"{URL}events{query}")
    assert not accepted(replace(request, headers={**request.headers, "content-type": "application/json"}))


@pytest.mark.parametrize("body", [b"a=" + b"x" * 70_000, b"a=1&" * 300])
def test_enormous_forms_are_refused_though_signed(body: bytes) -> None:
    request = signed(body, {"a": "x" * 70_000 if b"x" in body else "1"}, Endpoint.CALL)
    assert not accepted(request)
    with pytest.raises(BadRequest):
        Twilio().read(request, Endpoint.CALL)


@pytest.mark.parametrize("url", ["http://[::1", "https://h:99999999/", "https://h:port/", "\ud800"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    assert not accepted(replace(post(question()), url=url))
