"""The ways to arrive at the demo shop that its page `/arrive` offers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Arrival:
    """One way. `to` is the address on the shop; `tells` says what the snippet is told by the browser."""

    key: str
    title: str
    story: str
    to: str
    tells: str


ARRIVALS = (
    Arrival(
        "google",
        "Google search",
        "Somebody searched for “plumber near me” and chose the shop among the results.",
        "/?arrive_as=google",
        "referrer https://www.google.com/",
    ),
    Arrival(
        "google-ads",
        "Google Ads",
        "Somebody pressed the ad above the results. Google adds its click id.",
        "/emergency?gclid=Cj0KCQjwDEMOharborpine3f8b&arrive_as=google",
        "gclid, referrer https://www.google.com/",
    ),
    Arrival(
        "facebook",
        "A Facebook ad",
        "Somebody saw the spring offer between two holiday photographs.",
        "/prices?utm_source=facebook&utm_medium=paid_social&utm_campaign=spring-drains&arrive_as=facebook",
        "utm parameters, referrer https://l.facebook.com/",
    ),
    Arrival(
        "partner",
        "A partner's blog",
        "Northside Notes, a blog about the neighborhood, wrote about the shop and links to it.",
        "/partner",
        "referrer of the blog, a real one: the blog is on another host",
    ),
    Arrival(
        "flyer",
        "The QR code of a flyer",
        "Somebody held a telephone over the flyer on the laundromat's board.",
        "/flyer?utm_source=flyer&utm_medium=qr",
        "utm parameters, no referrer",
    ),
    Arrival(
        "newsletter",
        "The newsletter",
        "A customer of last year read “Before the first frost” and pressed the button.",
        "/services?utm_source=newsletter&utm_medium=email&utm_campaign=first-frost",
        "utm parameters, no referrer",
    ),
    Arrival(
        "direct",
        "Directly",
        "Somebody typed the address from the side of the van.",
        "/",
        "nothing at all",
    ),
)
BY_KEY = {arrival.key: arrival for arrival in ARRIVALS}
