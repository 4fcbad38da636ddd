"""What loading the page for real adds to a test of the snippet. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from callspring.sites.browsing.chromium import Visited
from callspring.sites.page.markup import parts
from callspring.sites.page.places import Targets, places
from callspring.sites.page.scripts import read_address
from callspring.sites.snippet_test import MOST_TARGETS, Code, Finding, Level, Sought

_CAME = frozenset({"200", "304"})
# What was said of the HTML as served, where a browser knows better.
_SCRIPT = frozenset({Code.SCRIPT_MISSING, Code.SCRIPT_MISSING_JS, Code.CONTAINER_WITHOUT, Code.CONTAINER_UNREAD})
_NUMBERS = frozenset({Code.TARGET_FOUND, Code.TARGET_MISSING})


def judge_visit(visited: Visited, sought: Sought) -> list[Finding]:
    """Whether the script came and asked, and where the numbers are once the page's scripts have run."""
    return [_script(visited, sought), *_numbers(visited, sought)]


def merged(served: Collection[Finding], loaded: Collection[Finding]) -> list[Finding]:
    """Both, without what the browser has proved wrong."""
    ran = any(one.code is Code.BROWSER_RAN for one in loaded)
    counted = any(one.code in {Code.BROWSER_TARGET, Code.BROWSER_TARGET_MISSING} for one in loaded)
    gone = (_SCRIPT if ran else frozenset()) | (_NUMBERS if counted else frozenset())
    kept = [one for one in served if one.code not in gone]
    return [*kept[:1], *loaded, *kept[1:]]


def _script(visited: Visited, sought: Sought) -> Finding:
    ours = {url: how for url, how in visited.asked.items() if read_address(url)[1] == sought.key}
    if not ours:
        return Finding(Code.BROWSER_WITHOUT, Level.PROBLEM)
    came = [url for url, how in ours.items() if how in _CAME]
    if not came:
        url, how = next(iter(ours.items()))
        return Finding(Code.BROWSER_BLOCKED, Level.PROBLEM, {"address": url, "how": how})
    asking = f"{read_address(came[0])[0]}/v1/visit"
    how = visited.asked.get(asking, "")
    if how in _CAME:
        return Finding(Code.BROWSER_RAN, Level.GOOD)
    return Finding(Code.BROWSER_SILENT, Level.PROBLEM, {"address": asking, "how": how or "-"})


def _numbers(visited: Visited, sought: Sought) -> Iterator[Finding]:
    found = places(parts(visited.html), Targets(sought.spellings))
    for target in list(sought.spellings)[:MOST_TARGETS]:
        kinds = found.found.get(target)
        if kinds:
            yield Finding(Code.BROWSER_TARGET, Level.GOOD, {"target": target, "total": kinds.total(), **kinds})
        else:
            level = Level.NOTE if found.found else Level.WARNING
            yield Finding(Code.BROWSER_TARGET_MISSING, level, {"target": target})
