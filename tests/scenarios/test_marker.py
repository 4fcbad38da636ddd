"""Markers: to what a static number's calls are credited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.scenarios.marker import marker
from callspring.scenarios.models import Rule
from callspring.visits.sources import classify
from callspring.visits.touch import Channel, Source


@pytest.mark.parametrize(
    ("strategy", "name", "value", "expected"),
    [
        ("web_search", "", "", Source("search engines", "organic", "The title", "", "organic_search")),
        ("referral", "", "", Source("other websites", "referral", "The title", "", "referral")),
        ("referral", "", "partner.example", Source("partner.example", "referral", "The title", "", "referral")),
        ("landing_page", "", "/Flyer", Source("/flyer", "landing_page", "The title", "", "other_campaign")),
        ("direct", "", "", Source("", "", "The title", "", "direct")),
        ("always", "", "", Source("the title", "", "The title", "", "")),
        ("url_parameter", "utm_source", "Facebook", Source("facebook", "", "The title", "", "other_campaign")),
        ("url_parameter", "utm_source", "", Source("utm_source", "", "The title", "", "other_campaign")),
        ("url_parameter", "utm_medium", "email", Source("the title", "email", "The title", "", "email")),
        ("url_parameter", "utm_campaign", "Spring", Source("the title", "", "Spring", "", "other_campaign")),
        ("url_parameter", "ref", "Abc", Source("ref=abc", "", "The title", "", "other_campaign")),
        ("url_parameter", "gclid", "", Source("google", "cpc", "The title", "", "paid_search")),
        ("source", "", "Partner", Source("partner", "", "The title", "", "other_campaign")),
        ("medium", "", "email", Source("the title", "email", "The title", "", "email")),
        ("campaign", "", "Spring*", Source("the title", "", "Spring", "", "other_campaign")),
        ("channel", "", "paid_search", Source("paid search", "", "The title", "", "paid_search")),
        ("channel", "", "direct", Source("", "", "The title", "", "direct")),
    ],
)
def test_each_strategy(strategy: str, name: str, value: str, expected: Source) -> None:
    assert marker(strategy, name, value, "The title") == expected


def test_a_known_referrer_has_the_name_that_its_visits_get() -> None:
    visit = classify("https://shop.example/", "https://www.facebook.com/x", ()).source
    found = marker("referral", "", "facebook.com", "T")
    assert (found.source, found.medium, found.channel) == (visit.source, visit.medium, visit.channel)


@given(st.sampled_from(Rule.Strategy.values), st.text(), st.text(), st.text(min_size=1))
def test_every_part_fits_its_column(strategy: str, name: str, value: str, title: str) -> None:
    found = marker(strategy, name, value, title)
    assert all(len(part) <= 200 for part in (found.source, found.medium, found.campaign, found.keyword))
    assert found.channel in {*Channel, ""}
    assert found.campaign
