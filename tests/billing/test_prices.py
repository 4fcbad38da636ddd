"""The price list and sums of money."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.billing import prices
from callspring.billing.prices import OWN_LIST, read
from callspring.billing.words import minor_units, money, plain

LIST = """
[[prices]]
currency = "USD"
valid_from = 2026-01-01
rent = [
  { carrier = "twilio", country = "US", kind = "local", price = 90, carrier_month = 115 },
  { kind = "local", price = 75 },
]
minutes = [{ direction = "in", kind = "local", price = "1.4" }]
messages = [{ country = "DE", price = 9 }, { price = 2 }]
[[prices]]
currency = "USD"
valid_from = 2026-06-01
rent = [{ kind = "local", price = 80 }]
minutes = []
messages = []
[[plans]]
name = "usual"
title = "Usual"
about = ""
fee = { USD = 0 }
"""
MARCH, JUNE = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(LIST)
    monkeypatch.setattr(prices, "price_list", lambda: read(path))


@pytest.mark.usefixtures("own")
def test_the_first_row_that_fits() -> None:
    def rent(**where: str) -> int:
        return prices.rent("local", "USD", at=MARCH, **where)

    assert rent(carrier="twilio", country="US") == 90
    assert rent(carrier="twilio", country="CA") == rent(carrier="sandbox", country="US") == rent() == 75
    assert prices.segment("USD", carrier="x", country="DE", at=MARCH) == 9


@pytest.mark.usefixtures("own")
def test_a_list_holds_until_the_next() -> None:
    day_before = datetime(2026, 5, 31, 23, 59, tzinfo=UTC)
    assert prices.rent("local", "USD", at=day_before) == 75
    assert prices.rent("local", "USD", at=JUNE) == 80


@pytest.mark.usefixtures("own")
def test_before_the_first_list_there_is_no_price() -> None:
    with pytest.raises(ValueError, match="no rent"):
        prices.rent("local", "USD", at=datetime(2025, 12, 31, tzinfo=UTC))


@pytest.mark.usefixtures("own")
def test_parts_of_a_cent_are_rounded_for_the_whole_call() -> None:
    minute = prices.minute("in", "local", "USD", carrier="", country="", at=MARCH)
    assert (prices.whole(minute), prices.whole(minute * 5), prices.whole(minute * 20)) == (1, 7, 28)
    assert prices.whole(Decimal("0.5")) == 1


def test_ours_has_what_the_console_sells() -> None:
    for one in read(OWN_LIST).prices:
        assert {row.kind for row in one.rent if not row.carrier} == {"local", "toll_free"}
    assert list(read(OWN_LIST).plans) == ["pay_as_you_go", "personal", "unlimited"]
    assert (prices.rent("local", "USD"), prices.rent("toll_free", "EUR")) == (75, 95)


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("price = 75", "price = 0", "more than nothing"),
        ("price = 75", "price = 7.5", "int"),
        ('"in"', '"sideways"', "minutes are in"),
        ("USD = 0", "USD = 5", "must have no fee"),
        ("USD = 0", "EUR = 0", "fee in each currency"),
        ('title = "Usual"', 'titel = "Usual"', "title|titel"),
        ("[[plans]]", "[[plans", "TOML|Expected|\\]"),
    ],
)
def test_a_wrong_list_says_what_is_wrong(tmp_path: Path, old: str, new: str, wrong: str) -> None:
    path = tmp_path / "prices.toml"
    path.write_text(LIST.replace(old, new, 1))
    with pytest.raises(ValueError, match=wrong):
        read(path)


@given(st.integers(-(10**8), 10**8), st.sampled_from(["USD", "JPY", "KWD"]))
def test_a_sum_that_is_written_can_be_typed(amount: int, currency: str) -> None:
    assert minor_units(plain(amount, currency), currency) == amount


@pytest.mark.parametrize("text", ["", "1e5", "NaN", "1.005", "--1", "1.2.3", "٣", "9" * 10, "Infinity", "$"])
def test_what_is_no_sum(text: str) -> None:
    with pytest.raises(ValueError, match="Give a sum like"):
        minor_units(text, "USD")


def test_how_sums_are_written() -> None:
    assert [money(amount, "USD") for amount in (0, 5, -123456)] == ["$0.00", "$0.05", "−$1,234.56"]
    assert (money(Decimal("0.5"), "USD"), money(100, "JPY"), money(2, "EUR")) == ("$0.005", "100 JPY", "€0.02")
    assert minor_units(" $1.5 ", "USD") == minor_units("1,50", "USD") == 150
