"""A company at which everybody who can write anything writes hostile text: visitors, callers, the carrier, its people.

What comes from outside comes through the doors (`hostile_outside`), the spool and the ingester; what people write is
sent by their browsers; what the carrier says comes from its API.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle, islice
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.test import Client, override_settings
from django.utils import timezone

from callspring.accounts.models import Account, Company, Membership, User
from callspring.console.models import Draft
from callspring.console.urls import urlpatterns
from callspring.console.wizard.steps import form_for, steps
from callspring.inbox.models import Message, Thread
from callspring.ingest.run import Ingester
from callspring.jobs.models import Job
from callspring.jobs.run import run_due
from callspring.maintenance.queries import pools
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection
from callspring.reports.alerts import warn_owners
from callspring.scenarios.actions import track_campaign, track_users
from callspring.scenarios.importing.carrying_out import begin
from callspring.scenarios.importing.tables import Unreadable
from callspring.scenarios.models import Scenario
from callspring.scenarios.publishing import publish_company
from callspring.sites.models import Site
from tests.carriers.loopback import Answer
from tests.carriers.twilio_account import TwilioAccount
from tests.console.hostile import HOSTILE, MARK, fitting, mark, marked
from tests.console.hostile_calls import call_written_about, calls_set_up
from tests.console.hostile_outside import DOORS, GREETING, Outside, caller_of
from tests.console.pages import Pages
from tests.console.sounds import a_wave
from tests.stories import TARGET

FORM = "application/x-www-form-urlencoded"
OTHER_TARGET = "+18005550166"
INVITED = '"<cs-evil>"@example.com'  # quoted, as RFC 5321 has it
# Where a text of an address is looked up: the parameter's name in `console.urls`, and the model it names.
FOUND: dict[str, str] = {
    "thread_id": "inbox.Thread",
    "message_id": "inbox.Message",
    "call_id": "calls.Call",
    "recording_id": "calls.Recording",
    "scenario_id": "scenarios.Scenario",
    "site_id": "sites.Site",
    "test_id": "sites.SnippetTest",
    "key_id": "accounts.ApiKey",
    "view_id": "console.SavedView",
    "member_id": "accounts.Membership",
    "invitation_id": "accounts.Invitation",
    "network_id": "accounts.StaffNetwork",
    "number_id": "accounts.StaffNumber",
    "own_number_id": "numbers.Number",
    "connection_id": "numbers.Connection",
    "draft_id": "console.Draft",
    "sound_id": "scenarios.Sound",
    "port_in_id": "numbers.PortIn",
    "import_id": "scenarios.SettingsImport",
    "change_id": "calls.SettingsChange",
    "blocked_id": "accounts.BlockedCaller",
    "alert_id": "inbox.MissedCallAlert",
    "visit_number": "visits.Visit",
}
NAMED_BY = {"visit_number": "number"}  # the others are primary keys


class HostileStory(Pages):
    """`names` are the hostile texts; `connection` is the company's Twilio account."""

    names: ClassVar[list[str]] = [*HOSTILE]
    connection: Connection

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        account = cls._at_twilio()
        cls.connection = _connected(cls.company, account)
        numbers = [f"+1312204{place:04d}" for place in range(2 * len(cls.names))]
        adopt(cls.connection, numbers)
        for e164 in numbers:
            account.own(e164)
        _set_up(cls.company, cls.connection, cls.names)
        Membership.objects.filter(user=cls.alice).update(email_copies=True)
        publish_company(cls.company.pk)
        Outside(account, cls.company.key, cls.connection.pk).come(cls.names, numbers[0])
        ingester = Ingester(settings.CONFIG.spools)
        for later in (0, 40):  # by then credits are final
            while ingester.step(time.time() + later):
                pass
        cls._people_write(account)
        _work()
        warn_owners(timezone.now())
        _work()

    @classmethod
    def _at_twilio(cls) -> TwilioAccount:
        """A carrier that is hostile too, and a state folder of our own."""
        account = TwilioAccount(marked("carrier", "tag"))
        account.__enter__()
        cls.addClassCleanup(account.__exit__, None, None, None)
        var = Path(tempfile.mkdtemp(prefix="callspring-hostile-"))
        cls.addClassCleanup(shutil.rmtree, var, ignore_errors=True)
        apis, origins = {"twilio": account.url}, (cls._a_website(),)
        config = replace(settings.CONFIG, var=var, doors_url=DOORS, carrier_apis=apis, test_origins=origins)
        settled = override_settings(CONFIG=config, EMAIL_BACKEND="callspring.mail.folder.FolderBackend")
        settled.enable()
        cls.addClassCleanup(settled.disable)
        for place, name in enumerate(cls.names):
            account.for_sale[f"+1312206{place:04d}"] = (fitting("locality", name, 200), fitting("region", name, 200))
            url = f'https://old.example/{mark("voiceurl", name)}"><cs-evil>'
            account.own(f"+1312205{place:04d}", friendly_name=fitting("friendly", name, 64), voice_url=url)
        return account

    @classmethod
    def _a_website(cls) -> str:
        """The origin of a site whose page is hostile to whoever tests it."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), Website)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        cls.addClassCleanup(server.server_close)
        cls.addClassCleanup(server.shutdown)
        return f"http://127.0.0.1:{server.server_port}"

    @classmethod
    def _people_write(cls, account: TwilioAccount) -> None:
        """In every form whose text is kept."""
        browser = Client()
        browser.force_login(cls.alice)

        def send(path: str, **form: str) -> None:
            answer = browser.post(path, urlencode(form, errors="surrogatepass"), content_type=FORM)
            assert answer.status_code in (200, 204, 302), (path, answer.status_code)

        for place, name in enumerate(cls.names):
            thread = Thread.objects.get(company=cls.company, contact=caller_of(name))
            send(f"/inbox/{thread.pk}/note/", body=fitting("note", name, 5_000))
            send(f"/inbox/{thread.pk}/reply/", body=fitting("reply", name, 1_600))
            send(f"/inbox/{thread.pk}/name/", name=fitting("thread", name, 80))
            send("/calls/views/", name=fitting("view", name, 60), shared="yes", on="/calls/?source=" + HOSTILE[name])
            label = fitting("label", name, 80)
            send("/settings/staff/networks/", network=f"198.51.100.{place}", label=label)
            send("/settings/staff/numbers/", e164=f"+1312207{place:04d}", label=label)
            call_written_about(send, cls.company, name, place)
            send("/settings/integrations/api-keys/", label=label)
            site = fitting("site", name, 120)
            send("/settings/integrations/sites/", **{"new-name": site, "new-hosts": f"shop{place}.example"})
            _imported(cls.company, cls.alice, name)
        for way, name in zip(cycle(("campaign", "offline", "scenario")), cls.names, strict=False):
            _drafted(browser, way, name)
        for scenario, name in zip(Scenario.objects.filter(company=cls.company), cls.names, strict=False):
            _flow_written(browser, f"/tracking-numbers/{scenario.pk}/flow/", name)
        origin = settings.CONFIG.test_origins[0]
        for name in ("tag", "double"):  # more at a time are refused
            send("/settings/integrations/test/", address=f"{origin}/{mark('tested', name)}?{quote(HOSTILE[name])}")
        calls_set_up(send, str(cls.alice.pk))
        label = fitting("line", "tag", 80)
        send("/settings/carriers/connect/", carrier="twilio", account=account.sid, secret=account.token, label=label)
        send("/settings/people/", email=INVITED, role="agent")
        send("/profile/", name=fitting("person", "tag", 120), copies=str(cls.company.pk))
        send("/settings/company/", name=fitting("company", "tag", 120), zone="UTC")
        said = json.dumps({"code": 21999, "message": marked("refusal", "tag"), "status": 400}).encode()
        account.misbehave(Answer(400, said), method="POST")

    def every_address(self) -> Iterator[str]:
        """Each page of the console about this company, for everything that it has."""
        for pattern in urlpatterns:
            yield from self._addresses("/" + str(pattern.pattern))

    def named_addresses(self) -> Iterator[tuple[str, str]]:
        """One address of each page, with the page's name."""
        for pattern in urlpatterns:
            yield from ((str(pattern.name), one) for one in islice(self._addresses("/" + str(pattern.pattern)), 1))

    def _addresses(self, route: str) -> Iterator[str]:
        """A route with every id in its place: message and batch ids belong to what stands before them."""
        if "<uuid:batch_id>" in route or "<str:" in route:
            return  # nobody ordered anything here; tokens say nothing
        if "<slug:step>" in route:
            for draft in Draft.objects.filter(company=self.company):
                yield from (f"/tracking-numbers/drafts/{draft.pk}/{step.name}/?check=1" for step in steps(draft))
            return
        if "<uuid:message_id>" in route:
            for message in Message.objects.filter(company=self.company, kind=Message.Kind.TEXT_OUT):
                yield f"/inbox/{message.thread_id}/messages/{message.pk}/retry/"
            return
        if "<" not in route:
            yield route
            return
        before, _, rest = route.partition("<")
        parameter, _, after = rest.partition(">")
        for pk in ids_of(self.company, parameter.partition(":")[2]):
            yield f"{before}{pk}{after}"

    def marked_text(self) -> dict[str, set[str]]:
        """Every text in the record that has a mark, by `app.Model.field`."""
        found: dict[str, set[str]] = {}
        for model in apps.get_models():
            if model.__module__.startswith("callspring."):
                for row in model._default_manager.values():
                    for field, value in row.items():
                        texts = {text for text in _texts(value) if MARK.search(text)}
                        if texts:
                            found.setdefault(f"{model._meta.label}.{field}", set()).update(texts)
        return found


class Website(BaseHTTPRequestHandler):
    """Answers every request with all there is."""

    def do_GET(self) -> None:
        """A page."""
        texts = "".join(HOSTILE.values())
        names = (quote(text[:200], errors="replace") for text in HOSTILE.values())
        scripts = "".join(f'<script src="/cs/{name}.js"></script>' for name in names)
        said = f"<!doctype html><title>{texts}</title>{scripts}<a href='tel:+18005550199'>{texts}"
        page = said.encode("utf-8", "replace")
        self.send_response(200)
        self.send_header("Content-Type", 'text/html; charset="<cs-evil>"')
        self.send_header("Content-Security-Policy", "script-src <cs-evil> 'sha256-\"><cs-evil>'")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: object) -> None: ...  # noqa: A002


def ids_of(company: Company, parameter: str) -> list[Any]:
    """The ids of all that a parameter of an address can name. A new parameter has to be added to `FOUND`."""
    if parameter == "pool_id":  # the scenarios that have a pool
        return list(pools(company).values_list("pk", flat=True))
    model: type[Model] = apps.get_model(FOUND[parameter])
    return list(model._default_manager.filter(company=company).values_list(NAMED_BY.get(parameter, "pk"), flat=True))


def _imported(company: Company, user: User, name: str) -> None:
    """A file whose every cell is hostile is kept for its preview, or refused."""
    text = HOSTILE[name].replace('"', '""')
    rows = f'number,name,strategy,{mark("header", name)}\n+13122099999,"{text}",always,"{text}"\n"{text}","{text}",,'
    with suppress(Unreadable):
        begin(company, user, fitting("file", name, 120), rows.encode("utf-8", "replace"))


def _drafted(browser: Client, way: str, name: str) -> None:
    """Something is typed into every field of a scenario's draft, and left there."""
    first = browser.get(f"/tracking-numbers/new/{way}/").headers["Location"]
    draft = Draft.objects.get(pk=int(first.split("/")[3]))
    typed = {"title": fitting("draft", name, 500)}
    for place, step in enumerate(steps(draft)):
        fields = {field: fitting("typed", name, 300) for field in form_for(draft, step.name).fields}
        said = urlencode(typed | fields | {"go": "nowhere", "version": str(place)}, errors="surrogatepass")
        answer = browser.post(f"/tracking-numbers/drafts/{draft.pk}/{step.name}/", said, content_type=FORM)
        assert answer.status_code in (200, 302), (way, step.name, answer.status_code)


def _flow_written(browser: Client, at: str, name: str) -> None:
    """A call flow with the text wherever one writes something, and a recording that is called so; published."""
    sound = SimpleUploadedFile(fitting("sound", name, 60) + ".wav", a_wave(len(name) / 10), "audio/wav")
    for form in (
        {"kind": "say", "prompt-text": fitting("prompt", name, 900), "prompt-language": "en-US", "prompt-file": sound},
        {"kind": "match", "main-name": fitting("list", name, 60), "main-callers": "+13125550142"},
        {"kind": "area", "rows-count": "1", "rows-0-prefixes": "+1617", "rows-0-name": fitting("area", name, 60)},
        {"kind": "text_back", "main-text": fitting("back", name, 480)},
    ):
        sent = {"place": "0-0-1", "do": "save", "state": _state(browser, at), **form}
        if name != "surrogates":  # no multipart form can carry them
            assert browser.post(at + "change/", sent).status_code in (200, 302), (name, form)
    browser.post(at + "publish/", {"state": _state(browser, at)})


def _state(browser: Client, at: str) -> str:
    """Of the flow as the page shows it."""
    found = re.search(r'name="state" value="([0-9.]+)"', browser.get(at).content.decode())
    assert found, at
    return found[1]


def _connected(company: Company, account: TwilioAccount) -> Connection:
    Account.objects.filter(pk=company.account_id).update(mode=Account.Mode.OWN_CARRIER)
    return Connection.objects.create(
        company=company, carrier="twilio", label="Twilio", account=account.sid, secret=account.token
    )


def _set_up(company: Company, connection: Connection, names: list[str]) -> None:
    """A pool for every visitor, and a campaign for each text whose title it can be."""
    site = Site.objects.get(company=company)
    numbers = list(connection.numbers.all())
    track_users(
        company, site=site, title=marked("scenario", "tag"), target=TARGET, peak=16, numbers=numbers,
        destination=TARGET, voicemail=True, greeting=GREETING,
    )  # fmt: skip
    for place, name in enumerate(sorted(set(names) - {"nuls", "surrogates"})):  # no form lets these through
        (number,) = adopt(connection, [f"+1312208{place:04d}"])
        title, value = fitting("scenario", name, 120), fitting("value", name, 200)
        wanted: dict[str, Any] = {"strategy": "url_parameter", "name": "ref", "value": value, "number": number}
        track_campaign(company, site=site, title=title, target=OTHER_TARGET, destination=TARGET, **wanted)


def _work() -> None:
    """Do all jobs, also those that want to wait."""
    for _ in range(30):
        Job.objects.filter(state=Job.State.QUEUED).update(run_at=timezone.now())
        if not run_due():
            return


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from (*_texts(key), *_texts(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
