"""The demo shop: a plumber's website with Callspring's one line on it, and the sandbox phone beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callspring.demo import booking
from callspring.demo.arrivals import ARRIVALS, BY_KEY
from callspring.demo.exchange import Exchange
from callspring.demo.mails import MAIL, Mails
from callspring.demo.phone import Phone, refuse
from callspring.demo.render import ASSETS, PAGES, file_below, page
from callspring.demo.spellings import spell
from callspring.demo.web import (
    Receive,
    Request,
    Response,
    Scope,
    Send,
    TooLarge,
    as_json,
    read,
    redirect,
    send_response,
)

# Page address → template. All but the last three are the plumber's own and carry the script.
SHOP_PAGES = {
    "/": "home",
    "/services": "services",
    "/prices": "prices",
    "/contact": "contact",
    "/emergency": "emergency",
    "/flyer": "flyer",
    "/booking": "booking",
}
# The demo's own: not the plumber's site, so without the script: opening them is no visit to the shop.
ARRIVE, PHONE, PARTNER = "/arrive", "/phone", "/partner"
BLOG_HOST, SHOP_HOST = "localhost", "127.0.0.1"
# Only this origin's storage: cookies have no port, so clearing them all would sign people out of the console.
FORGET = {
    "set-cookie": "callspring=; Path=/; Max-Age=0; SameSite=Lax",
    "clear-site-data": '"storage"',
    "referrer-policy": "no-referrer",
}

Handler = Callable[[Request], Response]


def make_app(*, doors_url: str, company_key: str, business_number: str, books: Path, mails: Path | None = None) -> Shop:
    """The shop as an ASGI app.

    `doors_url` is the origin of the doors (`http://127.0.0.1:8001`), `company_key` the key in the one-line
    script, `business_number` the shop's own number in E.164, `books` the sandbox carrier's file, `mails` the folder
    that `/mail` shows (None: to nobody). Raises `NotANumber`.
    """
    exchange = Exchange(books, direct={business_number})
    return Shop(doors_url.rstrip("/"), company_key, business_number, exchange, Mails(mails))


class Shop:
    """Answers for the shop's origin."""

    def __init__(
        self, doors_url: str, company_key: str, business_number: str, exchange: Exchange, mails: Mails
    ) -> None:
        self._exchange, self._phone, self._mails = exchange, Phone(exchange), mails
        self._context: dict[str, Any] = {
            "n": spell(business_number),
            "script": f"{doors_url}/cs/{company_key}.js",
            "arrivals": ARRIVALS,
        }
        self._headers = {"content-security-policy": content_policy(doors_url), "cache-control": "no-cache"}
        self._get: dict[str, Handler] = {
            **dict.fromkeys(SHOP_PAGES, self._shop_page),
            ARRIVE: self._demo_page,
            PHONE: self._demo_page,
            PARTNER: self._blog,
            "/arrive/anew": arrive_anew,
            "/phone/texts": self._phone.texts,
            "/booking/days.json": lambda _: as_json(booking.open_days(dt.date.today())),  # noqa: DTZ011 - the shop's day
        }
        self._post: dict[str, Handler] = {
            "/contact": lambda _: redirect("/contact?sent=1"),
            "/forget": lambda _: redirect(ARRIVE + "?forgotten=1", FORGET),
            "/phone/calls": self._phone.dial,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await send_response(send, await self._answer(scope, receive), head=scope["method"] == "HEAD")

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._exchange.begin()
            if message["type"] == "lifespan.shutdown":
                await self._exchange.close()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _answer(self, scope: Scope, receive: Receive) -> Response:
        try:
            request = await read(scope, receive)
        except TooLarge:
            return refuse(413, "That is too long.")
        if request.method in {"GET", "HEAD"}:
            return self._looked_at(request)
        if request.method == "POST" and request.path == "/phone/texts":
            return await self._phone.write(request)
        return self._sent(request)

    def _looked_at(self, request: Request) -> Response:
        path = request.path
        handler = self._get.get(path)
        if handler:
            return handler(request)
        if path.startswith("/booking/"):  # the booking app's own routes, opened anew
            return self._shop_page(request)
        if path.startswith("/phone/calls/"):
            return self._phone.show(path.removeprefix("/phone/calls/"))
        if path == MAIL or path.startswith(MAIL + "/"):
            return self._mails.answer(request)
        return _file(path) or self._html("missing", request, status=404)

    def _sent(self, request: Request) -> Response:
        handler = self._post.get(request.path)
        if handler and request.method == "POST":
            return handler(request)
        call_id, press, rest = request.path.removeprefix("/phone/calls/").partition("/press")
        if press and not rest and request.method == "POST":
            return self._phone.press(call_id, request)
        return refuse(405, "Nothing can be sent to this address.")

    def _shop_page(self, request: Request) -> Response:
        return self._html(SHOP_PAGES.get(request.path, "booking"), request)

    def _demo_page(self, request: Request) -> Response:
        # Whoever arrives by a link of ours brings no referrer but the one that the link stands for.
        return self._html(request.path.strip("/"), request, headers={"referrer-policy": "no-referrer"})

    def _blog(self, request: Request) -> Response:
        """The blog: on a host of its own, and letting its whole address through as the referrer."""
        if request.host != BLOG_HOST:
            return redirect(f"http://{BLOG_HOST}:{request.port}{PARTNER}")
        shop = f"http://{SHOP_HOST}:{request.port}"
        return self._html("partner", request, {"shop": shop}, {"referrer-policy": "no-referrer-when-downgrade"})

    def _html(
        self,
        name: str,
        request: Request,
        more: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        status: int = 200,
    ) -> Response:
        context = {**self._context, "path": request.path, "query": request.query, **(more or {})}
        return Response(page(name, context), status, headers={**self._headers, **(headers or {})})


def arrive_anew(request: Request) -> Response:
    """`/arrive/anew?as=KEY`: drop the visitor's cookie, then arrive."""
    arrival = BY_KEY.get(request.query.get("as", ""))
    return redirect(arrival.to if arrival else ARRIVE, FORGET)


def content_policy(doors_url: str) -> str:
    """The Content-Security-Policy of a careful shop: its own files, and the one script with what it asks for.

    Styles may be inline, as most shops' are.
    """
    parts = urlsplit(doors_url)
    doors = f"{parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'self'; script-src 'self' {doors}; connect-src 'self' {doors}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'"
    )


def _file(path: str) -> Response | None:
    if path.startswith("/static/"):
        return file_below(ASSETS, path.removeprefix("/static/"))
    if path.startswith("/art/"):
        return file_below(PAGES / "art", path.removeprefix("/art/"))
    return None
