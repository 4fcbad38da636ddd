"""Where a caller's number is from, by its country and area code, and how that compares with where a visitor is.

The table of areas takes 100 MB of memory, so it is read only once there is a visitor whose region or city is known,
which takes a location file with cities.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

# What the table of areas appends to a city's name: "Chicago, IL".
_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia",
    "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
    "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire",
    "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota",
    "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont",
    "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "ON": "Ontario",
    "PE": "Prince Edward Island", "QC": "Quebec", "SK": "Saskatchewan",
}  # fmt: skip
_REGIONAL = ("US", "CA")  # where every area code belongs to one state or province


@dataclass(frozen=True, slots=True)
class Area:
    """`country`: ISO 3166-1 alpha-2. `city` may be a region's name where the table knows no more. "" is unknown."""

    country: str = ""
    region: str = ""
    city: str = ""


def compare(caller: str, country: str, region: str, city: str) -> str:
    """`city`, `region`, `country`, `other_region`, `other_country`, or "" where either is unknown.

    `caller` is E.164, or "" when withheld; the visitor's place is in English, as location files have it.
    """
    if not caller.startswith("+") or not country:
        return ""
    area = area_of(caller, detailed=bool(region or city))
    if not area.country:
        return ""
    if area.country != country:
        return "other_country"
    if city and _same(city, area.city):
        return "city"
    if region and (_same(region, area.region) or _same(region, area.city)):
        return "region"
    if region and area.region and country in _REGIONAL:
        return "other_region"
    return "country"


@lru_cache(maxsize=1024)
def area_of(e164: str, *, detailed: bool) -> Area:
    """Where a number is from. Mobile numbers of most countries say no more than the country."""
    try:
        number = phonenumbers.parse(e164)
    except phonenumbers.NumberParseException:
        return Area()
    country = phonenumbers.region_code_for_number(number) or ""
    if not detailed:
        return Area(country)
    from phonenumbers import geocoder  # see the module's docstring

    city, _, state = geocoder.description_for_number(number, "en").partition(", ")
    if country not in _REGIONAL:
        return Area(country, "", city)
    return Area(country, _STATES[state], city) if state in _STATES else Area(country, city)


def _same(one: str, other: str) -> bool:
    return bool(one) and one.casefold() == other.casefold()
