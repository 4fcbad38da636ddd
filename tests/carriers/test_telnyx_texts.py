"""Telnyx's text messages: every word for what becomes of one, and the vendor's own models of the events."""

from __future__ import annotations

from typing import Any

import pytest
from telnyx.types import DeliveryUpdateWebhookEvent, InboundMessageWebhookEvent

from callspring.carriers.contract import BadRequest, Endpoint, TextEvent, TextState
from tests.carriers.telnyx_requests import TEXT_SID, posted_json, read_signal, text_in, text_report


class TestTexts:
    @pytest.mark.parametrize(
        ("word", "state"),
        [
            ("sending", TextState.QUEUED),
            ("delivery_unconfirmed", TextState.SENT),
            ("read", TextState.DELIVERED),
            ("expired", TextState.FAILED),
            ("sending_failed", TextState.FAILED),
        ],
    )
    def test_every_word_for_what_becomes_of_a_text(self, word: str, state: TextState) -> None:
        errors = [{"code": "40001", "title": "Not routable", "detail": "…"}]
        signal = read_signal(posted_json(text_report(word, errors), Endpoint.TEXT_EVENTS), Endpoint.TEXT_EVENTS)
        assert isinstance(signal, TextEvent)
        assert (signal.state, signal.error) == (state, "telnyx 40001 Not routable")

    def test_that_it_was_handed_over_comes_by_another_name(self) -> None:
        request = posted_json(text_report("sent", kind="message.sent"), Endpoint.TEXT_EVENTS)
        assert getattr(read_signal(request, Endpoint.TEXT_EVENTS), "state", None) is TextState.SENT

    @pytest.mark.parametrize(
        "said",
        [{}, {"data": {}}, {"data": {"event_type": "message.received", "payload": []}}, text_report("walking"), []],
    )
    def test_what_is_no_event_is_a_bad_request(self, said: Any) -> None:
        for endpoint in (Endpoint.TEXT, Endpoint.TEXT_EVENTS):
            with pytest.raises(BadRequest):
                read_signal(posted_json(said, endpoint), endpoint)

    def test_the_shapes_here_are_those_of_the_vendors_models(self) -> None:
        """Its models take them without a field that they do not know or a word that is none of theirs."""
        came = InboundMessageWebhookEvent.model_validate(text_in("Hello", media=("https://a.example/1",)), strict=False)
        assert came.data is not None
        assert came.data.payload is not None
        assert (came.data.payload.id, came.data.payload.text) == (TEXT_SID, "Hello")
        assert not came.data.payload.model_extra
        for word in ("queued", "delivered", "delivery_failed", "sending_failed", "delivery_unconfirmed", "expired"):
            became = DeliveryUpdateWebhookEvent.model_validate(text_report(word))
            assert became.data is not None
            assert became.data.payload is not None
            assert not became.data.payload.model_extra
