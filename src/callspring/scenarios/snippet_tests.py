"""Testing the snippet: asked for by people, done by a job, the newest results kept.

It stands here and not in `callspring.sites` because what ought to be on a page are the scenarios' target numbers.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from callspring import __version__
from callspring.accounts.models import Company
from callspring.config import Config
from callspring.jobs.actions import enqueue
from callspring.jobs.registry import GiveUp, job
from callspring.scenarios.models import SwapTarget
from callspring.scenarios.sites import change_site
from callspring.scenarios.tagging import spellings
from callspring.sites.browsing.chromium import BrowserFailed, BrowserNotStarted, find, has_sandbox, visit
from callspring.sites.browsing.filter import Filter
from callspring.sites.deep_test import judge_visit, merged
from callspring.sites.fetching.address import read, typed
from callspring.sites.fetching.fetcher import Fetched, Fetcher
from callspring.sites.fetching.refusal import Refused, sentence
from callspring.sites.fetching.wire import Deadline
from callspring.sites.hosts import parse_host
from callspring.sites.models import Site, SnippetTest
from callspring.sites.page.scripts import RUNNING, Container, Snippet, in_container
from callspring.sites.page.text import decode
from callspring.sites.queries import sites, snippet_tests
from callspring.sites.snippet_test import Brought, Code, Finding, Level, Page, Sought, judge, worst
from callspring.stores.snippet_versions import newest
from callspring.visits.address import clean
from callspring.visits.queries import visits

log = logging.getLogger(__name__)

TEST = "scenarios.test_snippet"
KEPT = 20  # of a company
AT_ONCE = 3
MOST_A_MINUTE = 10
# A test that takes longer than its fetches may has died with its process.
PATIENCE = timedelta(minutes=3)
LOAD_SECONDS = 25.0
State = SnippetTest.State
_one_browser = threading.Lock()


@transaction.atomic
def ask(company: Company, text: str, *, deep: bool = False) -> SnippetTest:
    """Have the page at the address that somebody typed tested, soon, with `deep` in a browser too.

    Raises `ValidationError` keyed by field.
    """
    try:
        address = typed(text, _config().test_origins)
    except Refused as refusal:
        raise ValidationError({"address": [sentence(refusal.reason, refusal.detail)]}) from None
    _refuse_too_many(company)
    test = SnippetTest.objects.create(company=company, address=str(address), deep=deep and can_test_deeply())
    kept = snippet_tests(company).values_list("pk", flat=True)[:KEPT]
    SnippetTest.objects.filter(company=company).exclude(pk__in=list(kept)).delete()
    enqueue(TEST, {"test": test.pk}, key=f"snippet-test:{test.pk}")
    return test


def allow_host(test: SnippetTest, site: Site) -> None:
    """Let the script show numbers on the host that was tested. Raises `ValidationError` keyed by field."""
    change_site(site, site.name, [*site.hosts, test.host])


def is_over(test: SnippetTest) -> bool:
    """Whether nothing more will come of it."""
    return test.state == State.DONE or timezone.now() - test.created_at > PATIENCE


def can_test_deeply() -> bool:
    """Whether there is a browser to load pages in."""
    return bool(find(_config().chromium))


def fetcher() -> Fetcher:
    """As the operator has set it up."""
    return Fetcher(_config().test_origins, f"Callspring/{__version__} (Test snippet; +{_config().console_url})")


@job(TEST, tries=2)
def do_test(payload: dict[str, Any]) -> None:
    """Do one test and keep what it found."""
    test = SnippetTest.objects.select_related("company").filter(pk=payload["test"]).exclude(state=State.DONE).first()
    if test is None:
        return
    try:
        carry_out(test, fetcher())
    except Exception as error:  # whatever it is: the person who waits is told
        log.exception("the test of %s failed", test.address)
        _keep(test, [Finding(Code.FAILED, Level.PROBLEM)])
        raise GiveUp(f"{type(error).__name__}: {error}") from error


def carry_out(test: SnippetTest, fetcher: Fetcher) -> None:
    """Fetch the page and what it takes to judge it, and keep the findings."""
    _say(test, State.FETCHING)
    try:
        page = Page(fetcher.fetch(read(test.address, fetcher.origins)))
    except Refused as refusal:
        values = {"reason": refusal.reason, "detail": refusal.detail, "hop": refusal.hop}
        _keep(test, [Finding(Code.REFUSED, Level.PROBLEM, values)])
        return
    _say(test, State.READING)
    test.host = _host(page)
    test.site = next((site for site in sites(test.company) if test.host in site.hosts), None)
    brought = _look_further(page, test.company.key, fetcher)
    sought = _sought(test, page, brought)
    found = judge(page, sought, brought)
    if test.deep and found[0].code is Code.REACHED:
        _say(test, State.LOADING)
        found = merged(found, _load(page, sought))
    _keep(test, [*found, *_of_the_record(test)] if found[0].code is Code.REACHED else found)


def _refuse_too_many(company: Company) -> None:
    """Else we could be used to knock at somebody's door all day."""
    Company.objects.select_for_update().get(pk=company.pk)
    now = timezone.now()
    recent = snippet_tests(company).filter(created_at__gt=now - timedelta(minutes=1)).count()
    running = snippet_tests(company).filter(created_at__gt=now - PATIENCE).exclude(state=State.DONE).count()
    if running >= AT_ONCE:
        raise ValidationError({"address": [_("Several tests are under way already. Wait until they are done.")]})
    if recent >= MOST_A_MINUTE:
        said = _("%(most)d tests have been made within a minute. Wait a little, then try again.")
        raise ValidationError({"address": [said % {"most": MOST_A_MINUTE}]})


def _sought(test: SnippetTest, page: Page, brought: Brought) -> Sought:
    """What this site's pages ought to have; on a host that is no site's yet, what any of them ought to."""
    found = SwapTarget.objects.filter(
        kind=SwapTarget.Kind.NUMBER, scenario__company=test.company, scenario__enabled=True
    ).order_by("scenario__position", "scenario_id", "position")
    if test.site is not None:
        found = found.filter(scenario__site=test.site)
    targets = dict.fromkeys(found.values_list("value", flat=True))
    keys = {one.key for found in (page.snippets, *brought.containers.values()) for one in found or ()}
    others = Company.objects.filter(key__in=keys).exclude(pk=test.company_id).values_list("key", flat=True)
    forms = {target: spellings(target) for target in targets}
    return Sought(test.company.key, _config().doors_url, forms, frozenset(others), newest().name)


def _look_further(page: Page, key: str, fetcher: Fetcher) -> Brought:
    """Into tag managers where the page itself has no script; at a script that comes from another address than ours."""
    ours = [one for one in page.snippets if one.key == key and one.where in RUNNING]
    inside: dict[Container, Collection[Snippet] | None] = {}
    for container in page.containers if not ours else ():
        fetched = _try(fetcher, container.url)
        code = decode(fetched.body, fetched.header("content-type")) if fetched else None
        inside[container] = None if code is None else in_container(code, container)
        ours += [one for one in inside[container] or () if one.key == key]
    elsewhere = ours[0].url if ours and ours[0].base != _config().doors_url else ""
    return Brought(inside, {elsewhere: _is_snippet(_try(fetcher, elsewhere))} if elsewhere else {})


def _try(fetcher: Fetcher, url: str) -> Fetched | None:
    """What is there, None when it cannot be had."""
    try:
        fetched = fetcher.fetch(read(url, fetcher.origins))
    except Refused:
        return None
    return fetched if fetched.status == 200 else None


def _is_snippet(fetched: Fetched | None) -> bool:
    """Whether what is served there is our script: it asks this path for numbers."""
    return fetched is not None and b"/v1/visit" in fetched.body


def _load(page: Page, sought: Sought) -> list[Finding]:
    """What a browser finds. One at a time: each takes as much memory as all else here together."""
    config, listed_alone = _config(), not has_sandbox()
    if listed_alone and page.fetched.address.origin not in config.test_origins:
        return [Finding(Code.BROWSER_ONLY_LISTED, Level.WARNING)]
    with _one_browser:
        deadline = Deadline(LOAD_SECONDS)
        passage = Filter(config.test_origins, config.doors_url, deadline, only_listed=listed_alone)
        try:
            with passage.running():
                return judge_visit(visit(find(config.chromium), page.url, passage.port, deadline), sought)
        except BrowserNotStarted as failure:
            log.warning("the browser does not start: %s", failure)
            why = "sandbox" if "sandbox" in str(failure).lower() else "other"
            return [Finding(Code.BROWSER_NOT_STARTED, Level.WARNING, {"why": why})]
        except BrowserFailed as failure:
            log.warning("the browser failed on %s: %s", page.url, failure)
            return [Finding(Code.BROWSER_FAILED, Level.WARNING)]


def _host(page: Page) -> str:
    try:
        return parse_host(page.fetched.address.origin)
    except ValueError:
        return ""


def _of_the_record(test: SnippetTest) -> list[Finding]:
    """What we know without the page: whether the host is allowed, and whether visits come from the site."""
    if test.site is None:
        return [Finding(Code.HOST_UNKNOWN, Level.PROBLEM, {"host": test.host})]
    found = [Finding(Code.HOST_ALLOWED, Level.GOOD, {"host": test.host, "site": test.site.name})]
    last = visits(test.company).filter(site=test.site).first()
    if last is None:
        return [*found, Finding(Code.VISIT_NONE, Level.NOTE, {"site": test.site.name})]
    seen = {"site": test.site.name, "at": last.started_at.isoformat()}
    return [*found, Finding(Code.VISIT_SEEN, Level.GOOD, seen)]


def _say(test: SnippetTest, state: SnippetTest.State) -> None:
    test.state = state
    SnippetTest.objects.filter(pk=test.pk).update(state=state)


def _keep(test: SnippetTest, found: list[Finding]) -> None:
    """One that was pushed out meanwhile stays out."""
    SnippetTest.objects.filter(pk=test.pk).update(
        state=State.DONE,
        level=worst(found),
        findings=[{"code": one.code, "level": one.level, "values": _clean(one.values)} for one in found],
        host=test.host,
        site=test.site,
        finished_at=timezone.now(),
    )
    test.refresh_from_db()


def _clean(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parts of pages are in them: without characters that no page of ours and no database should meet."""
    return {name: _cleaned(value) for name, value in values.items()}


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, 500)
    return [_cleaned(each) for each in value] if isinstance(value, list) else value


def _config() -> Config:
    config: Config = settings.CONFIG
    return config
