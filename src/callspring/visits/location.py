"""Where an address is, by a location file in the MaxMind DB format.

Three layouts are read: MaxMind's cities and countries (nested, with names by language; DB-IP's own files
have it too), the flat one of the cities that are published from DB-IP's data, and the country file with a
country code alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address
from pathlib import Path
from socket import AF_INET, inet_pton
from typing import NamedTuple

import maxminddb

from callspring.visits.address import clean

NAME_LIMIT = 80  # as many as the record holds

# How IPv4 addresses begin that are nobody's in particular: their first two bytes.
_PRIVATE = frozenset(
    [bytes((first, second)) for first in (0, 10, 127) for second in range(256)]
    + [bytes((172, second)) for second in range(16, 32)]
    + [bytes((169, 254)), bytes((192, 168))]
)


class Location(NamedTuple):
    """`country`: ISO 3166-1 alpha-2, upper case. `region` and `city`: English names. "" for what is
    unknown.
    """

    country: str = ""
    region: str = ""
    city: str = ""


NOWHERE = Location()


class Locator:
    """Answers from one location file, which is mapped into memory; without a file everything is nowhere.

    Making one raises `FileNotFoundError` for a path without a file and `maxminddb.InvalidDatabaseError` for
    a file in another format; asking never raises.
    """

    def __init__(self, path: Path | None) -> None:
        # MODE_MMAP_EXT insists on the C extension, which answers fifteen times as fast as the Python one.
        self._reader = maxminddb.open_database(path, maxminddb.MODE_MMAP_EXT) if path else None

    def locate(self, ip: str) -> Location:
        """Where `ip` is. Private addresses, unknown ones, and what is no address at all, are nowhere."""
        if self._reader is None:
            return NOWHERE
        try:
            address = _public(ip)
            return location(self._reader.get(address)) if address else NOWHERE
        # No address; IPv6 in a file for IPv4; a damaged record.
        except (OSError, ValueError, maxminddb.InvalidDatabaseError):
            return NOWHERE


def _public(ip: str) -> str | IPv6Address | None:
    """What to ask the file for; None for addresses that are nobody's in particular. Raises `OSError`, `ValueError`.

    The reader would also take "1.2.3" or "010.0.0.1", and read them as C does; `inet_pton` takes neither.
    """
    if ":" not in ip:
        return None if inet_pton(AF_INET, ip)[:2] in _PRIVATE else ip
    address = IPv6Address(ip[:64])
    if address.ipv4_mapped:
        return _public(str(address.ipv4_mapped))
    return address if int(address) >> 125 == 1 else None  # 2000::/3 is all that has been given out (RFC 4291, IANA)


def location(record: object) -> Location:
    """What a file's record for an address says. Records of no layout we know are nowhere."""
    if not isinstance(record, dict):
        return NOWHERE
    if "country_code" in record:
        code = record["country_code"]
        if len(record) == 1 and isinstance(code, str):
            return _country_alone(code)
        return Location(_country(code), _name(record.get("state1")), _name(record.get("city")))
    country = _at(record, "country") or _at(record, "registered_country")
    regions = record.get("subdivisions")
    region = regions[0] if isinstance(regions, list) and regions else None  # the largest comes first
    return Location(_country(country.get("iso_code")), _english(region), _english(record.get("city")))


@lru_cache(maxsize=512)
def _country_alone(code: str) -> Location:
    return Location(_country(code))


def _at(record: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = record.get(key)
    return value if isinstance(value, Mapping) else {}


def _english(place: object) -> str:
    return _name(_at(place, "names").get("en")) if isinstance(place, Mapping) else ""


def _country(code: object) -> str:
    code = _name(code).upper()
    return code if len(code) == 2 else ""


def _name(value: object) -> str:
    return clean(value, NAME_LIMIT) if isinstance(value, str) else ""
