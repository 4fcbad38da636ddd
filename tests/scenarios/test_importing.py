"""Files of other products → numbers and the ways they are configured → scenarios. Pure; the samples are our own."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callspring.scenarios.importing.grouping import group
from callspring.scenarios.importing.origins import origin
from callspring.scenarios.importing.planned import Plan, PlannedNumber, Way
from callspring.scenarios.importing.products import CALLRAIL, CTM, OWN, ROISTAT, columns, detect
from callspring.scenarios.importing.reading import Defaults, phone, plan
from callspring.scenarios.importing.tables import MOST_BYTES, MOST_ROWS, Unreadable, decode, table
from callspring.scenarios.tagging import Target

OURS = Target("number", "+18005550199")
US = Defaults("US")
HEADERS = "number,name,target,type,strategy,parameter,value,destination,ring_seconds,mask,prefix,alias\n"


def read(data: bytes | str, product: str = "", defaults: Defaults = US) -> Plan:
    found = table(decode(data.encode() if isinstance(data, str) else data))
    return plan(found, product or detect(found), defaults)


def number(place: int) -> str:
    return f"+1312202{place:04d}"


def row(place: int, way: str) -> str:
    return f"{number(place)},,{way}\n"


GOOGLE = "(800) 555-0199,static,URL parameter,gclid,,+1 312 555 0123,25,,,"
POOL = "800-555-0199,dynamic,,,,312-555-0123,25,,,"


def test_ten_numbers_set_up_in_two_ways_make_two_scenarios() -> None:
    two = read(HEADERS + "".join(row(place, GOOGLE if place % 2 else POOL) for place in range(10)))
    assert [len(one.numbers) for one in two.scenarios] == [5, 5]
    assert [one.name for one in two.scenarios] == ["Every visitor", "gclid"]
    alike = read(HEADERS + "".join(row(place, POOL) for place in range(10)))
    assert [len(one.numbers) for one in alike.scenarios] == [10]
    ten = read(HEADERS + "".join(row(place, POOL.replace(",25,", f",{10 + place},")) for place in range(10)))
    assert [len(one.numbers) for one in ten.scenarios] == [1] * 10
    assert ten.scenarios[9].name == "Every visitor (10)"


def test_our_own_columns_say_all() -> None:
    found = read(
        "Number;Scenario;Target;Type;Strategy;Parameter;Value;Destination;Ring seconds;Mask;Prefix;Alias;Colour\n"
        '0131 496 0100;Spring;"0131 496 0199, .phone";static;Landing page;;/spring;sip:desk@pbx.example;40;'
        "0XXX XXXXXXX;Tel. ;12;red\n",
        defaults=Defaults("GB"),
    )
    (one,) = found.scenarios
    targets = (Target("number", "+441314960199"), Target("selector", ".phone"))
    assert one.way == Way(
        targets, strategy="landing_page", value="/spring", destination="sip:desk@pbx.example", ring_seconds=40,
        mask="0XXX XXXXXXX", prefix="Tel.", alias="12", title="Spring",
    )  # fmt: skip
    assert (one.name, one.numbers[0].e164, found.ignored) == ("Spring", "+441314960100", ("Colour",))


def test_callrail_by_its_pages_and_by_its_api() -> None:
    sheet = (
        "Name,Tracking Number(s),Type,Source,Swap Target,Destination Number,Status,Company\n"
        'Website Pool,"(312) 202-0001, (312) 202-0002",Session,All,800-555-0199,312-555-0123,Active,Harbor\n'
        "Ads,(312) 202-0003,Source,Google Ads,800-555-0199,312-555-0123,Active,Harbor\n"
        "Yard sign,(312) 202-0004,Source,Offline,,312-555-0123,Active,Harbor\n"
        "Old,(312) 202-0005,Source,Yelp,800-555-0199,312-555-0123,Disabled,Harbor\n"
        "Spring,(312) 202-0006,Source,Landing URL: /spring-offer,800-555-0199,312-555-0123,Active,Harbor\n"
    )
    found = read(sheet)
    assert (found.product, found.ignored) == (CALLRAIL, ("Company",))
    said = [(one.name, one.way.dynamic, one.way.strategy, one.way.name or one.way.value) for one in found.scenarios]
    assert said == [
        ("Website Pool", True, "always", ""),
        ("Ads", False, "url_parameter", "gclid"),
        ("Yard sign", False, "always", ""),
        ("Spring", False, "landing_page", "/spring-offer"),
    ]
    assert len(found.scenarios[0].numbers) == 2
    assert [one.way.offline for one in found.scenarios] == [False, False, True, False]
    assert [(one.line, "switched off" in one.said) for one in found.problems] == [(5, True)]
    answer = {
        "page": 1,
        "trackers": [
            {
                "id": "TRK1", "name": "Pool", "type": "session", "status": "active",
                "destination_number": "+13125550123",
                "tracking_numbers": ["+13122020001", "+13122020002"], "swap_targets": ["+18005550199"],
                "source": {"type": "all"}, "company": {"id": "COM1", "name": "Harbor"},
            },
            {
                "id": "TRK2", "name": "Offer", "type": "source", "status": "active",
                "call_flow": {"type": "basic", "destination_number": "+13125550123"},
                "tracking_numbers": ["+13122020006"], "swap_targets": ["+18005550199"],
                "source": {"type": "landing_url", "landing_url": "https://shop.example/spring-offer"},
            },
        ],
    }  # fmt: skip
    by_api = read(json.dumps(answer))
    assert by_api.product == CALLRAIL
    assert [one.way for one in by_api.scenarios] == [found.scenarios[0].way, found.scenarios[3].way]


def test_calltrackingmetrics() -> None:
    found = read(
        "Name\tTracking Number\tTracking Source\tReceiving Number\tTarget Number\n"
        "Google\t+13122020001\tGoogle Organic\t+13125550123\t+18005550199\n"
        "Bing\t+13122020002\tBing Organic\t+13125550123\t+18005550199\n"
        "TV\t+13122020003\tTV\t+13125550123\t\n"
    )
    assert found.product == CTM
    assert [len(one.numbers) for one in found.scenarios] == [2, 1]
    search, spot = found.scenarios
    assert (search.way.strategy, search.way.value, len(search.notes)) == ("channel", "organic_search", 2)
    assert spot.way.offline


def test_roistat_keeps_ids_and_prefixes() -> None:
    sheet = (
        "Номер;ID сценария;Сценарий;Тип;Заменяемые номера;Селекторы;Формат номера;Переадресация;Префикс\n"
        "74952220001;3;Москва;Динамический;84952220099;phone;8 (XXX) XXX-XX-XX;74952220077;\n"
        "74952220002;3;Москва;Динамический;84952220099;phone;8 (XXX) XXX-XX-XX;74952220077;\n"
        "78122220003;;;Статический;;;;74952220077;7812\n"
        "74952220004;;;Статический;;;;74952220077;\n"
    ).encode("utf-16")
    found = read(sheet, defaults=Defaults("RU", target="+74952220099"))
    assert found.product == ROISTAT
    moscow, petersburg, older = found.scenarios
    assert (moscow.name, moscow.way.alias, moscow.way.dynamic, moscow.way.mask) == (
        "Москва",
        "3",
        True,
        "8 (XXX) XXX-XX-XX",
    )
    assert moscow.way.targets == (Target("number", "+74952220099"), Target("selector", ".phone"))
    assert (petersburg.way.page_prefix, petersburg.way.targets) == ("7812", ())
    assert older.way.page_prefix == "7495", "pages of the older logic ask for it by its beginning"
    script = {"data": [{"id": 7, "options": {"calltracking_type": "dynamic", "phone_format": "8 (XXX) XXX-XX-XX",
              "css_selector": ["phone"], "redirect": {"type": "phone", "value": "74951234567"},
              "replaceable_numbers": ["84952220099"], "segments": [["source", "like%", "organic"]]},
              "script_id": 7, "phones": ["74952220001"]}]}  # fmt: skip
    (one,) = read(json.dumps(script), defaults=Defaults("RU")).scenarios
    assert (one.way.alias, one.way.strategy, one.way.value) == ("7", "channel", "organic_search")
    assert one.way.destination == "+74951234567"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_encodings_and_separators(encoding: str, sign: str) -> None:
    text = HEADERS + f"{number(1)},Büro,8005550199,static,always,,,3125550123,25,,,\n"
    (one,) = read(text.replace(",", sign).encode(encoding)).scenarios
    assert (one.name, one.way.targets) == ("Büro", (OURS,))


def test_numbers_as_spreadsheets_leave_them() -> None:
    for written in (
        '="+13122020001"',
        "'+13122020001",
        "13122020001.0",
        "(312) 202-0001",
        "1 312.202.0001",
        "=13122020001",
    ):
        assert phone(written, "US") == number(1), written
    assert phone("74952220001", "US") == "+74952220001"
    with pytest.raises(ValueError, match="spreadsheet has shortened"):
        phone("1.31220E+10", "US")


def test_rows_that_cannot_be_kept_say_why() -> None:
    found = read(
        HEADERS
        + row(1, POOL) + row(1, GOOGLE) + ",nobody,8005550199,static,,,,,,,,\n" + "12,,8005550199,static,,,,,,,,\n"
        + row(2, POOL.replace("dynamic", "magic")) + row(3, POOL.replace(",25,", ",999,"))
        + row(4, GOOGLE.replace("URL parameter", "moon phase")) + "800-555-0199,,8005550199,static,,,,,,,,\n"
        + row(5, POOL.replace("800-555-0199", "a")) + row(6, "8005550199,static,landing page,,no path,,25,,,")
    )  # fmt: skip
    assert found.count == 1
    said = [(one.line, one.said) for one in found.problems]
    assert [line for line, _said in said] == [3, 4, 5, 6, 7, 8, 9, 10, 11]
    for (_line, text), word in zip(
        said, ("row 2 already", "no number", "few digits", "dynamic or static", "between 5 and 120", "no strategy",
               "very number", "phone number", "path"), strict=True,
    ):  # fmt: skip
        assert word in text, (word, text)


def test_a_source_nobody_knows_is_kept_with_a_note() -> None:
    (one,) = read(
        "Tracking Number,Tracking Source,Target Number\n3122020001,Spring Mailing 7,8005550199\n", CTM
    ).scenarios
    assert (one.way.strategy, one.way.value) == ("source", "Spring Mailing 7")
    assert "Spring Mailing 7" in one.notes[0]
    assert origin("utm_campaign=spring*") == ("url_parameter", "utm_campaign", "spring", "", False)
    assert origin("https://www.yelp.com/") == ("referral", "", "yelp.com", "", False)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf  \n", "empty"),
        (b"PK\x03\x04 a workbook", "spreadsheet"),
        (b"number\0,name\n1,2", "no text file"),
        (b"x" * (MOST_BYTES + 1), "larger than 2 MB"),
        (b"number\n", "headers and no rows"),
        (("number\n" + "3122020001\n" * (MOST_ROWS + 1)).encode(), "more than 5000 rows"),
        (("number,name\n" + "1,2\n" * 100_000).encode(), "more than 5000 rows"),
        (b"[" * 50_000, "JSON"),
        (b"[1, 2]", "No list of numbers"),
        (b'number,name\n"3122020001,' + b"x" * 200_000, "cannot be read"),
        (("a," * 300 + "\n1\n").encode(), "columns"),
    ],
)
def test_hostile_files_are_refused_with_a_sentence(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(data)


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: (HEADERS + text).encode("utf-8", "replace")))
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_a_plan_or_a_sentence(data: bytes) -> None:
    try:
        found = read(data)
    except Unreadable:
        return
    lines = table(decode(data)).rows
    assert found.count + len(found.problems) >= len(lines) or not lines


def test_what_turns_the_direction_of_writing_is_left_out() -> None:
    (one,) = read("number,name,target\n3122020001,\u202eevil\x07,8005550199\n").scenarios
    assert one.name == "evil"
    (one,) = read(
        json.dumps([{"number": "3122020001", "na\u202eme": "\ud800e\x00vil", "target": "8005550199"}])
    ).scenarios
    assert one.name == "evil"


def test_unknown_columns_are_listed_and_none_is_lost() -> None:
    found = table("number,target,Budget,Owner\n1,2,3,4\n")
    assert columns(found, OWN).ignored == ("Budget", "Owner")


WAYS = st.builds(
    Way,
    targets=st.sampled_from([(), (OURS,), (OURS, Target("selector", ".phone"))]),
    dynamic=st.booleans(),
    strategy=st.sampled_from(["always", "direct", "web_search"]),
    destination=st.sampled_from(["+13125550123", "+13125550124"]),
    alias=st.sampled_from(["", "3", "5"]),
)


@given(st.lists(WAYS, max_size=30), st.integers())
@settings(max_examples=100, deadline=None)
def test_groups_partition_the_numbers_whatever_their_order(ways: list[Way], seed: int) -> None:
    numbers = [PlannedNumber(place + 2, number(place), "", way) for place, way in enumerate(ways)]
    groups = group(numbers)
    assert sorted(one.line for some in groups for one in some.numbers) == [one.line for one in numbers]
    assert len(groups) == len(set(ways))
    assert all({one.way for one in some.numbers} == {some.way} for some in groups)
    assert len({some.name for some in groups}) == len(groups)
    shuffled = numbers[:]
    random.Random(seed).shuffle(shuffled)
    assert group(shuffled) == groups


def test_spelling_does_not_make_another_way() -> None:
    one, other = GOOGLE, GOOGLE.replace("(800) 555-0199", "+1.800.555.0199").replace("+1 312 555 0123", "3125550123")
    assert len(read(HEADERS + row(1, one) + row(2, other)).scenarios) == 1
    alias = replace(US)
    assert len(read(HEADERS + row(1, one + "3") + row(2, other + "5"), defaults=alias).scenarios) == 2
