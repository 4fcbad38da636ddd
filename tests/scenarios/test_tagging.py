"""Tagging (W4): what may be named as a target, and how numbers are written."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callspring.numbers.e164 import country_of
from callspring.scenarios.tagging import fill, mask, parts, prefix, selector, spellings, suits, target, targets, written

RUSSIAN, AMERICAN, BRITISH, ITALIAN = "+74951234567", "+13125550142", "+442079460958", "+390612345678"
NUMBERS = [RUSSIAN, AMERICAN, BRITISH, "+493012345678", "+390612345678", "+4790123456", "+33142685300", "+18005550199"]


@pytest.mark.parametrize(
    ("typed", "kind", "value"),
    [
        ("(800) 555-0199", "number", "+18005550199"),
        ("+44 20 7946 0958", "number", BRITISH),
        (".phone", "selector", ".phone"),
        ("  #header   .phone ", "selector", "#header .phone"),
        ("div.top>span.phone", "selector", "div.top>span.phone"),
        ('a[href="tel:+18005550199"]', "selector", 'a[href="tel:+18005550199"]'),
        ("[data-phone]", "selector", "[data-phone]"),
    ],
)
def test_a_target_is_a_number_or_a_selector(typed: str, kind: str, value: str) -> None:
    assert target(typed, "US")[:2] == (kind, value)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "is not a class or an id"),
        ("phone!", "is not a class or an id"),
        (".a, .b", "is not a class or an id"),
        (".a:hover", "is not a class or an id"),
        (".a{color:red}", "is not a class or an id"),
        (".1a", "is not a class or an id"),
        ('[title="</style>"]', "is not a class or an id"),
        ('[title="\\"]', "is not a class or an id"),
        (".telefon\u00e9", "is not a class or an id"),
        ("body", "would replace too much"),
        (".header a", "would replace too much"),
        ("." + "a" * 200, "Shorten the selector"),
    ],
)
def test_what_is_no_selector_is_refused_with_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        selector(typed)


@given(st.text(alphabet="ab.#[]=\"'> +~-_*1:,(){}\\\n", max_size=60))
def test_whatever_is_taken_is_a_selector_that_cannot_break_out(text: str) -> None:
    try:
        taken = selector(text)
    except ValueError:
        return
    assert not re.search(r"[{}<\\,:*()\n]", taken)
    assert selector(taken) == taken
    assert taken.count('"') % 2 == taken.count("'") % 2 == 0


def test_a_selector_that_goes_on_for_ever_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="is not a class"):
        selector("a.b " * 49 + "!")


def test_targets_are_named_once_and_are_not_too_many() -> None:
    found = targets([("800 555 0199", ""), ("", ""), (".area", "area")], "US")
    assert [(one.kind, one.value, one.part) for one in found] == [
        ("number", "+18005550199", ""),
        ("selector", ".area", "area"),
    ]
    with pytest.raises(ValueError, match="listed twice"):
        targets([("800 555 0199", ""), ("+18005550199", "")], "US")
    with pytest.raises(ValueError, match="at most 20"):
        targets([(f".a{n}", "") for n in range(21)], "US")


@pytest.mark.parametrize(
    ("form", "e164", "expected"),
    [
        ("8 (XXX) XXX-XX-XX", RUSSIAN, "8 (495) 123-45-67"),
        ("+X (XXX) XXX-XX-XX", RUSSIAN, "+7 (495) 123-45-67"),
        ("XXX.XXX.XXXX", AMERICAN, "312.555.0142"),
        ("XXX-XXXX", AMERICAN, "312555-0142"),  # too many digits: before the first X
        ("0 (XXXXX) XXX XXXX", BRITISH, "0 (207) 946 0958"),  # too few: X without a digit are left out
        ("(XX) XXXX-XXXX XXXX", AMERICAN, "31-2555 0142"),
    ],
)
def test_a_mask_takes_the_digits_from_the_right(form: str, e164: str, expected: str) -> None:
    assert fill(form, e164) == expected


@given(st.from_regex(r"[X0-9 ().+/-]{4,30}", fullmatch=True), st.sampled_from(NUMBERS))
def test_no_digit_is_ever_lost_and_what_is_shown_reaches_the_number(text: str, e164: str) -> None:
    try:
        form = mask(text)
    except ValueError:
        return
    significant = phonenumbers.national_significant_number(phonenumbers.parse(e164))
    digits = [sign for sign in fill(form, e164) if sign.isdecimal()]
    left = iter(digits)
    assert all(digit in left for digit in significant), "in their order"
    shown = written(e164, form, "").text
    if shown:
        read = phonenumbers.parse(shown, country_of(e164))
        assert phonenumbers.format_number(read, phonenumbers.PhoneNumberFormat.E164) == e164


def test_a_mask_of_another_country_is_passed_over() -> None:
    """Nobody would be reached by an 8 before an American number."""
    assert not suits("8 (XXX) XXX-XX-XX", AMERICAN)
    found = written(AMERICAN, "8 (XXX) XXX-XX-XX", "")
    assert (found.text, found.whole) == ("", "(312) 555-0142")


def test_a_trunk_zero_behind_the_country_code_is_the_last_spelling() -> None:
    assert spellings(BRITISH)[-1] == "+4402079460958"
    plus = [[form for form in spellings(number) if form[0] == "+"] for number in (BRITISH, AMERICAN, RUSSIAN, ITALIAN)]
    assert plus == [[BRITISH, "+4402079460958"], [AMERICAN], [RUSSIAN], [ITALIAN]]


def test_without_a_mask_a_prefix_stands_before_the_usual_spelling() -> None:
    assert written(AMERICAN, "", "Tel. ").text == "Tel. (312) 555-0142"
    assert written(AMERICAN, "", "").text == ""
    assert written(AMERICAN, "", "").whole == "(312) 555-0142"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("(XXX) call us", "A mask has X for each digit"),
        ("XX", "between 4 and 15"),
        ("X" * 16, "between 4 and 15"),
        ("(XXX XXXX", "bracket"),
        ("X " * 30, "Shorten the mask"),
    ],
)
def test_what_is_no_mask_is_refused_with_a_sentence(typed: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        mask(typed)


def test_masks_are_put_in_order() -> None:
    assert mask("  8 (xxx)  xxx-xx-xx ") == "8 (XXX) XXX-XX-XX"
    assert mask("8 (ХХХ) ХХХ") == "8 (XXX) XXX"
    assert mask(" ") == ""


@pytest.mark.parametrize("bad", ["<b>", "a\x00", "x" * 21, "\u202e8"])
def test_a_prefix_is_text_and_nothing_else(bad: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        prefix(bad)


@pytest.mark.parametrize(
    ("e164", "expected"),
    [
        (AMERICAN, ("+1", "312", "555-0142")),
        (RUSSIAN, ("+7", "495", "123-45-67")),
        (BRITISH, ("+44", "20", "7946 0958")),
        ("+390612345678", ("+39", "06", "1234 5678")),
    ],
)
def test_a_number_in_three_parts(e164: str, expected: tuple[str, str, str]) -> None:
    assert parts(e164) == expected


@pytest.mark.parametrize("e164", NUMBERS)
def test_the_parts_together_are_the_number(e164: str) -> None:
    assert "".join(filter(str.isdecimal, "".join(parts(e164)))) == e164[1:]
