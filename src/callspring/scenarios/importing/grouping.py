"""Numbers that are configured the same way make one scenario: ten numbers set up in two ways make two. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from callspring.numbers.e164 import country_of
from callspring.scenarios.importing.planned import PlannedNumber, PlannedScenario, Way
from callspring.scenarios.tagging import parts

NAME_LENGTH = 100  # leaves room for a counter in a scenario's title


def group(numbers: Iterable[PlannedNumber]) -> tuple[PlannedScenario, ...]:
    """One scenario for each way, in the order of the file; whatever order the numbers come in, the same."""
    of_way: dict[Way, list[PlannedNumber]] = defaultdict(list)
    for number in numbers:
        of_way[number.way].append(number)
    groups = [sorted(some, key=lambda one: (one.line, one.e164)) for some in of_way.values()]
    groups.sort(key=lambda some: (some[0].line, some[0].e164, some[0].way))
    taken: set[str] = set()
    return tuple(PlannedScenario(_free(_title(some), taken), some[0].way, tuple(some)) for some in groups)


def prefix_of(e164: str) -> str:
    """With what pages ask for a number by its beginning: country and area code, `7495`; of a toll-free one `1800`."""
    country, area, _rest = parts(e164)
    return f"{country.lstrip('+')}{area}" if country_of(e164) else country.lstrip("+")


def _title(numbers: list[PlannedNumber]) -> str:
    """What the file calls the scenario, or all its numbers; else what its rule says."""
    way, names = numbers[0].way, {one.name for one in numbers if one.name}
    if way.title:
        return way.title[:NAME_LENGTH]
    if len(names) == 1 and all(one.name for one in numbers):
        return names.pop()[:NAME_LENGTH]
    return _rule_title(way)[:NAME_LENGTH]


def _rule_title(way: Way) -> str:
    if way.page_prefix and not way.targets:
        return _("Numbers that begin with %(prefix)s") % {"prefix": way.page_prefix}
    if way.strategy == "always":
        if way.offline:
            return _("Offline")
        return _("Every visitor") if way.dynamic else _("Always swap")
    said = {"direct": _("Direct visits"), "web_search": _("Web search"), "referral": way.value or _("Other websites")}
    parameter = f"{way.name}={way.value}" if way.value else way.name
    return said.get(way.strategy) or (parameter if way.strategy == "url_parameter" else way.value.replace("_", " "))


def _free(title: str, taken: set[str]) -> str:
    """The title, with a counter where it was given before."""
    name, counter = title, 1
    while name.casefold() in taken:
        counter += 1
        name = f"{title} ({counter})"
    taken.add(name.casefold())
    return name
