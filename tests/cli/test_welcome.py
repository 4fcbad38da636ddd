"""The welcome promises only what the demo shop does."""

from __future__ import annotations

from django.conf import settings
from django.test import TestCase

from callspring.cli.welcome import welcome
from callspring.demo.render import PAGES
from callspring.demo.seed import seed


class Welcome(TestCase):
    def test_two_numbers_are_promised_to_two_visitors_only(self) -> None:
        # The same visitor keeps the number of the first arrival, whatever they press next.
        first_thing = welcome(settings.CONFIG, seed()).partition("  1. ")[2].partition("  2. ")[0]
        assert first_thing.count("as somebody new") == 2
        assert "Arrive as somebody new" in (PAGES / "arrive.html").read_text()
