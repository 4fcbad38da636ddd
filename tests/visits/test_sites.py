"""The table itself: that nothing in it is unreachable, twice, or written as the code cannot read it."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

from callspring.visits import sites
from callspring.visits.sites import CLICK_IDS, MEDIUMS, Kind, site_at, site_tagged
from callspring.visits.touch import CHANNEL_LABELS, Channel

TABLE = tomllib.loads(Path(sites.__file__).with_name("channels.toml").read_text(encoding="utf-8"))


def _hosts() -> list[tuple[Kind, str, str]]:
    return [(kind, name, host) for kind in Kind for name, hosts in TABLE[kind].items() for host in hosts]


def test_every_entry_is_found_by_a_host_it_describes() -> None:
    for kind, name, pattern in _hosts():
        host = pattern.removeprefix("*.").replace(".*", ".co.uk")
        below = ("", "a.b.") if pattern.startswith("*.") else ("", "www.")
        for prefix in below:
            site = site_at(prefix + host)
            assert site is not None, pattern
            assert (site.kind, site.name) == (kind, name), pattern


def test_no_host_is_listed_twice() -> None:
    counts = Counter(pattern for _, _, pattern in _hosts())
    assert [pattern for pattern, count in counts.items() if count > 1] == []


def test_hosts_are_written_as_they_are_compared() -> None:
    for _, _, pattern in _hosts():
        assert re.fullmatch(r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(\.\*)?", pattern.replace("_", "")), pattern
        assert not pattern.startswith("www."), pattern


def test_mediums_are_written_as_they_are_compared_and_mean_one_thing() -> None:
    written = [medium for mediums in TABLE["mediums"].values() for medium in mediums]
    assert len(written) == len(set(written)) == len(MEDIUMS)
    assert all(medium == medium.lower() and "_" not in medium and " " not in medium for medium in written)


def test_click_ids_are_written_as_they_are_compared() -> None:
    assert all(name == name.lower() for name in CLICK_IDS)


def test_aliases_lead_to_a_site_and_hide_none() -> None:
    named = {name for _, name, _ in _hosts()}
    for alias in TABLE["aliases"]:
        assert alias not in named, alias
        assert alias == alias.lower().replace("_", "-").replace(" ", "-")
        assert site_tagged(alias)[1] is not None, alias


def test_keyword_parameters_belong_to_search_engines() -> None:
    assert set(TABLE["keywords"]) <= set(TABLE["search"])


def test_every_channel_has_a_label_of_its_own() -> None:
    assert set(CHANNEL_LABELS) == set(Channel)
    assert len(set(CHANNEL_LABELS.values())) == len(Channel)
    assert all(len(channel) <= 24 for channel in Channel)  # the record's column


def test_what_is_remembered_of_hosts_is_bounded() -> None:
    for i in range(6000):
        site_at(f"h{i}.example")
        site_tagged(f"t{i}")
    assert site_at.cache_info().currsize <= 4096
    assert site_tagged.cache_info().currsize <= 1024
