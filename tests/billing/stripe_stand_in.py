"""A stand-in for Stripe on the loopback: makes and tells of checkouts, and signs events as the library itself does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import stripe

SECRET = "whsec_test"


class StandIn:
    """`sessions` by id; `asked` are the forms that came; `broken` makes it refuse."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, str]] = []
        self.keys: list[str] = []
        self.broken = False
        self.address = ""

    def make(self, form: dict[str, str], key: str) -> dict[str, Any]:
        self.asked.append(form)
        self.keys.append(key)
        session = {
            "id": f"cs_test_{len(self.sessions) + 1}",
            "object": "checkout.session",
            "url": "https://checkout.stripe.example/pay",
            "mode": form["mode"],
            "status": "open",
            "payment_status": "unpaid",
            "payment_intent": None,
            "client_reference_id": form["client_reference_id"],
            "amount_total": int(form["line_items[0][price_data][unit_amount]"]),
            "currency": form["line_items[0][price_data][currency]"],
        }
        return self.sessions.setdefault(str(session["id"]), session)

    def pay(self, session: str) -> dict[str, Any]:
        """Somebody pays."""
        number = session.removeprefix("cs_test_")
        self.sessions[session] |= {"status": "complete", "payment_status": "paid", "payment_intent": f"pi_{number}"}
        return self.sessions[session]


def event(kind: str, about: dict[str, Any], name: str = "evt_1") -> tuple[bytes, str]:
    """An event's body, and its signature by the library's own signer."""
    body = json.dumps({"id": name, "object": "event", "type": kind, "data": {"object": about}})
    return body.encode(), stripe.WebhookSignature.generate_signature_header(body, SECRET)


@contextmanager
def stand_in() -> Iterator[StandIn]:
    state = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(state.make(form, self.headers.get("Idempotency-Key", "")))

        def do_GET(self) -> None:
            self.answer(state.sessions[self.path.rsplit("/", 1)[1]])

        def answer(self, said: dict[str, Any]) -> None:
            assert self.headers["Authorization"] == "Bearer sk_test_x"
            if state.broken:
                said = {"error": {"type": "invalid_request_error", "message": "no"}}
            text = json.dumps(said).encode()
            self.send_response(400 if state.broken else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
