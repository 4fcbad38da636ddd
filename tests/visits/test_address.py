from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from callspring.visits import address
from tests.visits.hostile import ANY_TEXT


def test_splits_a_landing_address() -> None:
    assert address.split("https://www.Shop.Example:8443/boilers/new?a=1&b=2#top") == (
        "www.shop.example",
        "/boilers/new",
        "a=1&b=2",
    )


def test_a_path_is_a_slash_at_least() -> None:
    assert address.split("http://shop.example") == ("shop.example", "/", "")
    assert address.split("http://shop.example?a=1") == ("shop.example", "/", "a=1")


def test_names_passwords_ports_and_final_dots_are_left_out() -> None:
    assert address.split("https://me:secret@shop.example.:443/")[0] == "shop.example"
    assert address.split("http://[2001:DB8::1]:8000/x")[0] == "[2001:db8::1]"


def test_what_is_not_a_web_address_is_nothing() -> None:
    for text in (
        "",
        "shop.example",
        "about:blank",
        "file:///etc/passwd",
        "/go?to=https://x.example/",
        "://",
        "null",
    ):
        assert address.split(text) == ("", "", "")


def test_a_host_with_impossible_characters_is_nothing() -> None:
    for host in ("<script>", "a b", "shop.example\\", "ümlaut.example", "a" * 254, "["):
        assert address.split(f"https://{host}/x")[0] == ""


def test_decodes_only_what_is_encoded() -> None:
    assert address.parameters("a=b&c=d%20e+f&%61=g&h&=i&j==k") == [
        ("a", "b"),
        ("c", "d e f"),
        ("a", "g"),
        ("h", ""),
        ("j", "=k"),
    ]


def test_broken_escapes_are_shown_and_not_raised() -> None:
    assert address.parameters("a=%&b=%zz&c=%ff") == [("a", "%"), ("b", "%zz"), ("c", "\ufffd")]


def test_characters_that_deceive_readers_or_break_stores_go() -> None:
    assert address.clean("a\x00b\x1b[31m\u202ec\ud800d\n\u2028\ufeffe", 100) == "ab[31mcde"
    assert address.clean("Zoë\u00a0💡 日本", 100) == "Zoë\u00a0💡 日本"


def test_at_most_thirty_parameters_are_read() -> None:
    pairs = address.parameters("&".join(f"p{i}={i}" for i in range(50)))
    assert pairs == [(f"p{i}", str(i)) for i in range(30)]


@given(ANY_TEXT)
def test_any_text_can_be_read_as_an_address(text: str) -> None:
    for candidate in (text, "https://" + text, "https://h.example/?" + text, "http://[" + text):
        host, path, query = address.split(candidate)
        assert len(host) <= 253
        assert host.isascii()
        assert len(path) <= address.PATH_LIMIT
        path.encode()
        assert query in candidate


@given(ANY_TEXT)
def test_any_query_gives_bounded_text_that_can_be_stored(query: str) -> None:
    pairs = address.parameters(query)
    assert len(pairs) <= address.PARAMETER_LIMIT
    for name, value in pairs:
        assert 0 < len(name) <= address.NAME_LIMIT
        assert len(value) <= address.VALUE_LIMIT
        assert "\x00" not in (name + value)
        (name + value).encode()


@given(st.lists(st.tuples(st.text("abcxyz_", min_size=1, max_size=8), st.text(max_size=20)), max_size=8))
def test_what_browsers_encode_comes_back(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    query = urlencode([(name, value.encode("utf-8", "replace")) for name, value in pairs])
    expected = [(n, address.clean(v.encode("utf-8", "replace").decode(), 512)) for n, v in pairs]
    assert address.parameters(query) == expected
