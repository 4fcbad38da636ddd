"""What a test of the snippet finds out: from a page as it was served to findings. Pure.

A finding is a code with values; what it says to people stands in `console.snippet_words`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callspring.sites.fetching.fetcher import Fetched
from callspring.sites.page import policy
from callspring.sites.page.markup import Part, Start, Text, parts
from callspring.sites.page.places import Targets, places
from callspring.sites.page.scripts import RUNNING, Container, Snippet, Where, containers, snippets
from callspring.sites.page.text import decode

_HTML = frozenset({"text/html", "application/xhtml+xml", ""})
MOST_TARGETS = 10
_FEW_LETTERS = 200  # of a page that has next to no text before its scripts run


class Level(StrEnum):
    """How good or bad a finding is."""

    GOOD = "good"
    NOTE = "note"
    WARNING = "warning"
    PROBLEM = "problem"


class Code(StrEnum):
    """Everything that a test can find."""

    REFUSED = "refused"
    FAILED = "failed"
    REACHED = "reached"
    HTTP_ERROR = "http_error"
    NOT_HTML = "not_html"
    SENT_ON = "sent_on"
    SCRIPT_RIGHT = "script_right"
    SCRIPT_IN_CONTAINER = "script_in_container"
    SCRIPT_MISSING = "script_missing"
    SCRIPT_MISSING_JS = "script_missing_js"
    SCRIPT_COMMENT = "script_comment"
    SCRIPT_NOSCRIPT = "script_noscript"
    SCRIPT_WAITS = "script_waits"
    SCRIPT_SEVERAL = "script_several"
    SCRIPT_HOLDS_UP = "script_holds_up"
    SCRIPT_PINNED = "script_pinned"
    SCRIPT_PINNED_OTHER = "script_pinned_other"
    SCRIPT_MIXED = "script_mixed"
    SCRIPT_OWN_ADDRESS = "script_own_address"
    SCRIPT_NOT_SERVED = "script_not_served"
    KEY_OTHER = "key_other"
    KEY_UNKNOWN = "key_unknown"
    CONTAINER_WITHOUT = "container_without"
    CONTAINER_UNREAD = "container_unread"
    POLICY_LETS = "policy_lets"
    POLICY_SCRIPT = "policy_script"
    POLICY_NONCE = "policy_nonce"
    POLICY_CONNECT = "policy_connect"
    NO_SCENARIO = "no_scenario"
    TARGET_FOUND = "target_found"
    TARGET_MISSING = "target_missing"
    STRANGERS = "strangers"
    HOST_ALLOWED = "host_allowed"
    HOST_UNKNOWN = "host_unknown"
    VISIT_SEEN = "visit_seen"
    VISIT_NONE = "visit_none"
    BROWSER_RAN = "browser_ran"
    BROWSER_BLOCKED = "browser_blocked"
    BROWSER_SILENT = "browser_silent"
    BROWSER_WITHOUT = "browser_without"
    BROWSER_TARGET = "browser_target"
    BROWSER_TARGET_MISSING = "browser_target_missing"
    BROWSER_ONLY_LISTED = "browser_only_listed"
    BROWSER_NOT_STARTED = "browser_not_started"
    BROWSER_FAILED = "browser_failed"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the result; `values` are what JSON can hold."""

    code: Code
    level: Level
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sought:
    """What ought to be on the page: the company's key, the doors' origin, and target → spellings of its scenarios.

    `others` are the keys of other companies of this installation, of those that the page has; `version` is the newest
    one of the script.
    """

    key: str
    doors_url: str
    spellings: Mapping[str, Collection[str]]
    others: Collection[str] = ()
    version: str = ""


class Page:
    """A page as it was served, read once."""

    def __init__(self, fetched: Fetched) -> None:
        self.fetched, self.url = fetched, str(fetched.address)
        self.parts: list[Part] = []
        if not problems_of_answer(fetched):
            self.parts = list(parts(decode(fetched.body, fetched.header("content-type"))))
        self.snippets = snippets(self.parts, self.url)
        self.containers = containers(self.parts, self.url)

    def policies(self) -> list[policy.Policy]:
        """Those of the headers, then those that the page itself names."""
        own = [meta.attributes.get("content", "") for meta in _metas(self, "content-security-policy")]
        return policy.read([*self.fetched.all("content-security-policy"), *own])


@dataclass(frozen=True, slots=True)
class Brought:
    """What looking into the page's tag managers, and asking for a script at another address than ours, brought.

    `containers`: each with our script's copies in it, or None where it could not be read. `served`: address of a
    script → whether it is there.
    """

    containers: Mapping[Container, Collection[Snippet] | None] = field(default_factory=dict)
    served: Mapping[str, bool] = field(default_factory=dict)


def problems_of_answer(fetched: Fetched) -> list[Finding]:
    """Why what came is no page to look at; empty when it is one."""
    if fetched.status >= 300 or fetched.status == 204:
        return [Finding(Code.HTTP_ERROR, Level.PROBLEM, {"status": fetched.status})]
    kind = fetched.header("content-type").partition(";")[0].strip().lower()
    if kind not in _HTML:
        return [Finding(Code.NOT_HTML, Level.PROBLEM, {"kind": kind[:80]})]
    return []


def judge(page: Page, sought: Sought, brought: Brought) -> list[Finding]:
    """All there is to say about the page, in the order in which people read it."""
    reached = {"address": page.url, "hops": len(page.fetched.hops) - 1}
    found = [Finding(Code.REACHED, Level.GOOD, reached)]
    problems = problems_of_answer(page.fetched)
    if problems:
        return problems
    found += _sent_on(page)
    here = [*page.snippets, *(one for inside in brought.containers.values() for one in inside or ())]
    found += _script(page, here, sought, brought)
    found += _policy(page, here, sought)
    found += _numbers(page, sought)
    return found


def worst(found: Collection[Finding]) -> Level:
    """How the whole of it went."""
    order = (Level.PROBLEM, Level.WARNING)
    return next((level for level in order if any(one.level is level for one in found)), Level.GOOD)


def _metas(page: Page, name: str) -> Iterator[Start]:
    for part in page.parts:
        if isinstance(part, Start) and part.name == "meta" and part.attributes.get("http-equiv", "").lower() == name:
            yield part


def _sent_on(page: Page) -> Iterator[Finding]:
    for meta in _metas(page, "refresh"):
        to = re.search(r"url\s*=\s*[\"']?([^\"'\s]{1,500})", meta.attributes.get("content", ""), re.IGNORECASE)
        if to:
            yield Finding(Code.SENT_ON, Level.WARNING, {"address": to[1]})
            return


def _script(page: Page, here: Collection[Snippet], sought: Sought, brought: Brought) -> Iterator[Finding]:
    ours = [one for one in here if one.key == sought.key]
    running = [one for one in ours if one.where in RUNNING]
    strange = {one.key: one for one in here if one.key != sought.key and one.where in RUNNING}
    if running:
        yield from _running(page, running, sought, brought)
    elif ours:
        codes = {Where.COMMENT: Code.SCRIPT_COMMENT, Where.NOSCRIPT: Code.SCRIPT_NOSCRIPT}
        code = codes.get(ours[0].where, Code.SCRIPT_WAITS)
        yield Finding(code, Level.WARNING if code is Code.SCRIPT_WAITS else Level.PROBLEM)
    elif not strange:
        yield from _missing(page, brought)
    for key in strange:
        code = Code.KEY_OTHER if key in sought.others else Code.KEY_UNKNOWN
        yield Finding(code, Level.WARNING if running else Level.PROBLEM, {"key": key})


def _running(page: Page, running: list[Snippet], sought: Sought, brought: Brought) -> Iterator[Finding]:
    first = running[0]
    if first.where is Where.CONTAINER:
        yield Finding(Code.SCRIPT_IN_CONTAINER, Level.GOOD, {"container": first.container})
    else:
        yield Finding(Code.SCRIPT_RIGHT, Level.GOOD)
    if len(running) > 1:
        yield Finding(Code.SCRIPT_SEVERAL, Level.WARNING, {"times": len(running)})
    if first.holds_up:
        yield Finding(Code.SCRIPT_HOLDS_UP, Level.WARNING)
    if first.version == sought.version != "":
        yield Finding(Code.SCRIPT_PINNED, Level.NOTE)
    elif first.version:
        yield Finding(Code.SCRIPT_PINNED_OTHER, Level.WARNING, {"version": first.version})
    if page.url.startswith("https:") and first.base.startswith("http:"):
        yield Finding(Code.SCRIPT_MIXED, Level.PROBLEM, {"address": first.url})
    if first.base != sought.doors_url:
        served = brought.served.get(first.url, False)
        code, level = (Code.SCRIPT_OWN_ADDRESS, Level.GOOD) if served else (Code.SCRIPT_NOT_SERVED, Level.PROBLEM)
        yield Finding(code, level, {"address": first.url})


def _missing(page: Page, brought: Brought) -> Iterator[Finding]:
    """Where it may still be: in what only a browser sees, or in a container."""
    for container, inside in brought.containers.items():
        if inside is None:
            yield Finding(Code.CONTAINER_UNREAD, Level.WARNING, {"container": container.name})
        else:
            yield Finding(Code.CONTAINER_WITHOUT, Level.NOTE, {"container": container.name})
    code = Code.SCRIPT_MISSING_JS if _is_built_by_scripts(page) else Code.SCRIPT_MISSING
    yield Finding(code, Level.PROBLEM)


def _is_built_by_scripts(page: Page) -> bool:
    """Whether there is next to nothing to read, but a script."""
    letters = sum(len(part.text.strip()) for part in page.parts if isinstance(part, Text))
    return letters < _FEW_LETTERS and any(isinstance(part, Start) and part.name == "script" for part in page.parts)


def _policy(page: Page, here: Collection[Snippet], sought: Sought) -> Iterator[Finding]:
    """For the copy that runs; where there is none, for the one that would be put there."""
    own = [one for one in here if one.key == sought.key and one.where in RUNNING]
    snippet = own[0] if own else Snippet(sought.key, sought.doors_url, Where.TAG)
    policies = page.policies()
    script = policy.Script(snippet.url, snippet.nonce, snippet.integrity, by_script=snippet.where is not Where.TAG)
    blocked = policy.blocks_script(policies, page.url, script)
    if blocked:
        code = Code.POLICY_SCRIPT if blocked.add else Code.POLICY_NONCE
        yield Finding(code, Level.PROBLEM, _lacks(blocked))
    asking = policy.blocks_asking(policies, page.url, f"{snippet.base}/v1/visit")
    if asking:
        yield Finding(Code.POLICY_CONNECT, Level.PROBLEM, _lacks(asking))
    if not blocked and not asking:
        yield Finding(Code.POLICY_LETS, Level.GOOD, {"has_policy": bool(policies)})


def _lacks(blocked: policy.Blocked) -> dict[str, str]:
    return {"directive": blocked.directive, "add": blocked.add, "has": blocked.has}


def _numbers(page: Page, sought: Sought) -> Iterator[Finding]:
    if not sought.spellings:
        yield Finding(Code.NO_SCENARIO, Level.WARNING)
    found = places(page.parts, Targets(sought.spellings))
    for target in list(sought.spellings)[:MOST_TARGETS]:
        kinds = found.found.get(target)
        if kinds:
            yield Finding(Code.TARGET_FOUND, Level.GOOD, {"target": target, "total": kinds.total(), **kinds})
        else:
            level = Level.NOTE if found.found else Level.WARNING
            yield Finding(Code.TARGET_MISSING, level, {"target": target})
    if found.strangers:
        yield Finding(Code.STRANGERS, Level.NOTE, {"numbers": found.strangers})
