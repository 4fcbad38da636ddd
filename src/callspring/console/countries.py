"""Countries in which carriers sell numbers, for the search form."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

COUNTRIES: dict[str, Promise] = {
    "US": _("United States"),
    "CA": _("Canada"),
    "GB": _("United Kingdom"),
    "IE": _("Ireland"),
    "AU": _("Australia"),
    "NZ": _("New Zealand"),
    "AT": _("Austria"),
    "BE": _("Belgium"),
    "BR": _("Brazil"),
    "BG": _("Bulgaria"),
    "CL": _("Chile"),
    "CO": _("Colombia"),
    "HR": _("Croatia"),
    "CZ": _("Czechia"),
    "DK": _("Denmark"),
    "EE": _("Estonia"),
    "FI": _("Finland"),
    "FR": _("France"),
    "DE": _("Germany"),
    "HK": _("Hong Kong"),
    "HU": _("Hungary"),
    "IL": _("Israel"),
    "IT": _("Italy"),
    "JP": _("Japan"),
    "LT": _("Lithuania"),
    "LU": _("Luxembourg"),
    "MX": _("Mexico"),
    "NL": _("Netherlands"),
    "NO": _("Norway"),
    "PL": _("Poland"),
    "PT": _("Portugal"),
    "PR": _("Puerto Rico"),
    "RO": _("Romania"),
    "SG": _("Singapore"),
    "SK": _("Slovakia"),
    "ZA": _("South Africa"),
    "ES": _("Spain"),
    "SE": _("Sweden"),
    "CH": _("Switzerland"),
}


def country_choices(usual: str) -> list[tuple[str, Promise | str]]:
    """All of them, the company's own first."""
    rest = [(code, name) for code, name in COUNTRIES.items() if code != usual]
    return [(usual, COUNTRIES.get(usual, usual)), *rest]
