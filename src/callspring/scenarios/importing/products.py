"""Whose export a file is, and which of its columns says what. Pure.

Headers differ between versions, languages and people who edited the file, so they are compared by their letters and
digits alone, and each meaning has several. Sources: CallRail API v3 "trackers", CallTrackingMetrics API v1 "numbers",
Roistat API "calltracking/script" and "calltracking/phone", and the same words as their pages show them.
"""

from __future__ import annotations

from dataclasses import dataclass

from callspring.scenarios.importing.tables import Table

OWN, CALLRAIL, CTM, ROISTAT = "csv", "callrail", "calltrackingmetrics", "roistat"
LABELS = {OWN: "CSV", CALLRAIL: "CallRail", CTM: "CallTrackingMetrics", ROISTAT: "Roistat"}

# What our own file has; `docs/moving.md` explains each.
OWN_COLUMNS = (
    "number", "name", "scenario", "target", "type", "strategy", "parameter", "value", "destination", "ring_seconds",
    "mask", "prefix", "alias", "page_prefix",
)  # fmt: skip
_COMMON = {
    "number": "number phone phonenumber trackingnumber trackingnumbers телефон номер номертелефона",
    "name": "name numbername label description название имя",
    "destination": "destination destinationnumber forwardto forwardsto forwardingnumber ringto rings",
    "target": "target targets targetnumber swaptarget swaptargets numberonpage selector selectors",
    "kind": "type kind trackingtype",
    "ring": "ringseconds ringtime ringtimeout timeout",
    "status": "status state enabled isenabled",
}
_COLUMNS: dict[str, dict[str, str]] = {
    OWN: _COMMON | {
        "scenario": "scenario scenarioname", "strategy": "strategy rule condition",
        "parameter": "parameter urlparameter",
        "value": "value rulevalue", "source": "source", "mask": "mask format displayformat",
        "prefix": "prefix textprefix",
        "alias": "alias aliasid scenarioid", "page_prefix": "pageprefix phoneprefix",
    },
    CALLRAIL: _COMMON | {
        "number": f"{_COMMON['number']} trackingphonenumber",
        "name": "name trackername numbername",
        "source": "source sourcename sourcetype trackingsource",
        "value": "sourcelandingurl sourcewebreferrer sourcelandingparams landingpage landingurl referrer",
        "destination": f"{_COMMON['destination']} callflowdestinationnumber routeto",
        "kind": "type trackertype trackingtype",
    },
    CTM: _COMMON | {
        "number": f"{_COMMON['number']} digits",
        "name": "name numbername",
        "source": "source sourcename trackingsource trackingsourcename",
        "value": "sourcelandingurl sourcereferringurl landingurl referringurl",
        "destination": f"{_COMMON['destination']} receivingnumber receivingnumbers routingtarget dialnumber",
        "target": "targetnumber targetnumbers swapnumber numbertoreplace replaces",
        "kind": "type sourcetype position onsite",
    },
    ROISTAT: _COMMON | {
        "number": f"{_COMMON['number']} phones substitutionnumber подменныйномер номера",
        "scenario": "scenario scenarioname script scriptname scripttitle сценарий названиесценария",
        "alias": "scenarioid scriptid idсценария",
        "source": "source staticsource optionsstaticsource marker channel источник маркер",
        "segments": "segments optionssegments",
        "kind": "type calltrackingtype optionscalltrackingtype тип типколлтрекинга",
        "target": "replaceablenumbers optionsreplaceablenumbers заменяемыйномер заменяемыеномера",
        "selector": "cssselector optionscssselector selector selectors селектор селекторы",
        "mask": "phoneformat optionsphoneformat mask format формат форматномера",
        "destination": f"{_COMMON['destination']} redirect redirectnumber optionsredirectvalue переадресация",
        "page_prefix": "prefix phoneprefix roistatphoneprefix префикс",
    },
}  # fmt: skip
_SIGNS: dict[str, str] = {
    OWN: "strategy parameter ringseconds pageprefix urlparameter",
    CALLRAIL: "swaptarget swaptargets trackername trackertype callflow callflowtype sourcetype companyid "
    "trackingnumbers campaignname whispermessage",
    CTM: "receivingnumber receivingnumbers trackingsource callsetting filterid formatted targetnumbers routing",
    ROISTAT: "scriptid scenarioid replaceablenumbers optionsreplaceablenumbers optionscalltrackingtype cssselector "
    "optionscssselector calltrackingtype phoneformat optionsphoneformat staticsource сценарий подменныйномер префикс "
    "substitutionnumber",
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each meaning stands (of several the first that is filled counts), and headers that mean nothing."""

    product: str
    places: dict[str, tuple[int, ...]]
    ignored: tuple[str, ...]

    def of(self, cells: tuple[str, ...], meaning: str) -> str:
        """What a row says; "" where it says nothing."""
        return next((cells[place] for place in self.places.get(meaning, ()) if cells[place]), "")


def detect(table: Table) -> str:
    """Whose export this most likely is; our own columns where nothing says otherwise."""
    names = {bare(header) for header in table.headers}

    def likeness(product: str) -> tuple[int, int]:
        known = {word for words in _COLUMNS[product].values() for word in words.split()}
        return len(names & set(_SIGNS[product].split())), len(names & known)

    best = max((OWN, CALLRAIL, CTM, ROISTAT), key=likeness)
    return best if likeness(best)[0] else OWN


def columns(table: Table, product: str) -> Columns:
    """What the columns of a product's export mean."""
    names = [bare(header) for header in table.headers]
    places = {
        meaning: tuple(place for word in words.split() for place, name in enumerate(names) if name == word)
        for meaning, words in _COLUMNS[product].items()
    }
    used = {place for found in places.values() for place in found}
    ignored = tuple(header for place, header in enumerate(table.headers) if header and place not in used)
    return Columns(product, places, ignored)


def bare(header: str) -> str:
    """Letters and digits alone: `Tracking Number(s)` and `tracking_numbers` are the same."""
    return "".join(sign for sign in header.casefold() if sign.isalnum())
