"""The call flow editor in Django's test client: a flow is put together, tried, refused, published, brought back."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone

from callspring.accounts.models import Membership, User
from callspring.console import jobs
from callspring.console.models import FlowDraft
from callspring.flows.flow import Flow, Forward, read
from callspring.flows.steps import Dial, Menu, every_step
from callspring.numbers.models import Number
from callspring.scenarios import sounds
from callspring.scenarios.models import FlowVersion, Scenario, Sound
from callspring.scenarios.publishing import publish_all
from callspring.stores.blobs.port import NoSuchBlob
from callspring.stores.snapshot.files import publish, site_file
from callspring.stores.snapshot.published import PublishedSite
from tests.console.hostile import HOSTILE
from tests.console.pages import Pages, text
from tests.console.sounds import a_wave
from tests.doors import companies, e164, open_doors
from tests.stories import TARGET
from tests.voice.carriers import CARRIERS

Form = dict[str, Any]
SALES = "+13122020101"
STATE = re.compile(r'name="state" value="([0-9.]+)"')
EVIL = HOSTILE["tag"]


class Flows(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.scenario = self.campaign()
        (self.spare,) = self.numbers(1)
        self.at = f"/tracking-numbers/{self.scenario.pk}/flow/"
        folder = TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        settled = override_settings(CONFIG=replace(settings.CONFIG, var=Path(folder.name)))
        settled.enable()
        self.addCleanup(settled.disable)

    def do(self, do: str, **form: Any) -> Any:
        sent = {"do": do, **form}
        sent.setdefault("state", self.state())
        return self.owner.post(self.at + "change/", sent, headers={"HX-Request": "true"})

    def state(self) -> str:
        found = STATE.search(self.owner.get(self.at).content.decode())
        assert found
        return found[1]

    def publish(self, state: str = "") -> Any:
        form = {"state": state or self.state()}
        with self.captureOnCommitCallbacks(execute=True):
            return self.owner.post(self.at + "publish/", form, headers={"HX-Request": "true"})

    def live(self) -> Any:
        return read(Scenario.objects.get(pk=self.scenario.pk).flow)

    def draft(self) -> Flow:
        found = read(FlowDraft.objects.get(user=self.alice, scenario=self.scenario).flow)
        assert isinstance(found, Flow)
        return found

    def add_menu(self) -> int:
        """A menu above the dial of a simple flow, whose key 1 rings somebody else."""
        menu: Form = {
            "prompt-text": "For sales, press 1.",
            "main-keys": ["1", "2"],
            "main-tries": 2,
            "main-seconds": 6,
        }
        answer = self.do("save", kind="menu", place="0-0-1", **menu)
        assert "Draft" in text(answer), text(answer)
        (found,) = [step.id for step in every_step(self.draft().steps) if isinstance(step, Menu)]
        return found

    def add_dial(self, place: str, to: str = SALES) -> Any:
        rows: Form = {"rows-count": 1, "rows-0-to": to, "rows-0-weight": 1}
        return self.do("save", kind="dial", place=place, **rows, **{"main-order": "all", "main-ring_seconds": 20})


class Editor(Flows):
    def test_a_simple_flow_opens_as_its_steps_and_stays_until_it_is_published(self) -> None:
        page = self.page("scenario_flow", self.scenario.pk)
        assert "Ring somebody" in page
        assert "Hang up" in page
        menu = self.add_menu()
        self.add_dial(f"{menu}-0-0")
        assert isinstance(self.live(), Forward), "a draft changes nothing for callers"
        assert "Draft" not in self.page("scenario_flow", self.scenario.pk, client=self.browser(self.new_manager()))
        assert "Version 2 is published" in text(self.publish())
        flow = self.live()
        assert [type(step).__name__ for step in flow.steps] == ["Menu", "Dial", "HangUp"]
        assert flow.steps[0].keys[0].steps[0].to[0].to == SALES
        assert flow.version == 2
        assert [(one.version, one.author) for one in FlowVersion.objects.order_by("version")] == [
            (1, None), (2, self.alice),
        ]  # fmt: skip
        assert not FlowDraft.objects.exists()

    def new_manager(self) -> User:
        mike = User.objects.create_user("mike@example.com", name="Mike")
        Membership.objects.create(user=mike, company=self.company, role=Membership.Role.MANAGER)
        return mike

    def test_a_caller_meets_what_was_published(self) -> None:
        """Through the snapshot's file and the voice door, as a carrier asks."""
        menu = self.add_menu()
        self.add_dial(f"{menu}-0-0")
        self.publish()
        path = site_file(settings.CONFIG.snapshots, self.scenario.site_id or 0)
        route = msgspec.json.decode(path.read_bytes(), type=PublishedSite).routes[self.scenario.numbers.get().e164]

        async def call(folder: Path) -> None:
            async with open_doors(folder) as house:
                first, _ = companies()
                publish(house.config.snapshots, msgspec.structs.replace(first, routes={e164(201): route}))
                house.doors.snapshot.refresh()
                carrier = CARRIERS["sandbox"](house)
                told = await carrier.ask()
                assert (told.do, told.text) == ("ask", "For sales, press 1.")
                assert (await carrier.pressed("1", told.result_url)).to == SALES

        with TemporaryDirectory() as folder:
            asyncio.run(call(Path(folder)))

    def test_what_would_end_in_silence_is_refused_and_named(self) -> None:
        ending = self.live()
        assert isinstance(ending, Forward)
        self.do("delete", step=2)
        answer = text(self.publish())
        assert "nobody answers (+18005550199) → the call ends in silence" in answer
        assert isinstance(self.live(), Forward)
        self.do("undo")
        assert not FlowDraft.objects.exists(), "undone to the beginning: there is no draft"

    def test_our_own_numbers_cannot_be_rung_not_even_those_that_came_later(self) -> None:
        own = self.scenario.numbers.get().e164
        assert "would go round" in text(self.add_dial("0-0-2", own))
        self.add_dial("0-0-2", SALES)
        Number.objects.filter(pk=self.spare.pk).update(e164=SALES)
        assert "would go round" in text(self.publish())
        assert isinstance(self.live(), Forward)

    def test_problems_stand_at_their_fields(self) -> None:
        said = self.add_dial("0-0-1", "12").content.decode()
        assert re.search(r'id="id_rows-0-to_error">[^<]', said)
        hours: Form = {
            "main-zone": "America/Chicago",
            "rows-count": 1,
            "rows-0-days": "mon",
            "rows-0-start": "9 am",
        }
        assert "Write the time as 09:30." in text(self.do("save", kind="hours", place="0-0-1", **hours))
        shares: Form = {"rows-count": 2, "rows-0-percent": 50, "rows-1-percent": 40}
        assert "have to make up 100" in text(self.do("save", kind="split", place="0-0-1", **shares))
        assert "Write what is said" in text(self.do("save", kind="say", place="0-0-1"))
        assert not FlowDraft.objects.exists()

    def test_steps_move_into_branches_and_out_and_keep_what_hangs_below(self) -> None:
        menu = self.add_menu()
        self.do("up", step=1)  # the dial, into key 2 of the menu above it
        found = self.draft().steps[0]
        assert isinstance(found, Menu)
        assert [len(key.steps) for key in found.keys] == [0, 1]
        changed: Form = {
            "prompt-text": "Press 2.",
            "main-keys": ["2", "3"],
            "main-tries": 1,
            "main-seconds": 6,
        }
        self.do("save", step=menu, **changed)
        found = self.draft().steps[0]
        assert isinstance(found, Menu)
        assert [(key.key, len(key.steps)) for key in found.keys] == [("2", 1), ("3", 0)]
        self.do("move", step=1, place="0-0-2")
        assert [step.id for step in self.draft().steps] == [menu, 1, 2]
        assert isinstance(self.draft().steps[1], Dial)

    def test_a_page_that_shows_an_older_state_changes_nothing(self) -> None:
        old = self.state()
        self.add_menu()
        before = self.draft()
        assert "changed elsewhere" in text(self.do("delete", state=old, step=1))
        assert "changed elsewhere" in text(self.publish(state=old))
        assert self.draft() == before

    def test_a_version_is_brought_back(self) -> None:
        self.add_menu()
        self.publish()
        self.do("bring", version=1)
        assert isinstance(self.live(), Flow)
        self.publish()
        assert [type(step).__name__ for step in self.live().steps] == ["Dial", "HangUp"]
        assert self.live().version == 3
        simple = {"destination": TARGET, "ring_seconds": "30"}
        self.owner.post(f"/tracking-numbers/{self.scenario.pk}/routing/", simple)
        last = FlowVersion.objects.latest("version")
        assert (last.version, last.author, last.flow["type"]) == (4, self.alice, "forward")

    def test_the_dry_run_follows_the_draft(self) -> None:
        hours: Form = {
            "main-zone": "America/Chicago", "rows-count": 1, "rows-0-days": ["mon", "tue"], "rows-0-start": "9:00",
            "rows-0-end": "17:00",
        }  # fmt: skip
        self.do("save", kind="hours", place="0-0-1", **hours)
        step = self.draft().steps[0].id
        self.do("save", kind="voicemail", place=f"{step}-1-0", **{"prompt-text": "Closed.", "main-max_seconds": 60})
        asked = {"caller": "617 555 0142", "day": "2026-03-08", "time": "23:10", "keys": "", "answers": ""}
        said = text(self.owner.get(self.at + "try/", asked))
        assert "Boston Sunday 8 March, 23:10 (America/Chicago)" in said
        assert "“Closed.” Beep: a message of up to 60 seconds is recorded" in said
        monday = asked | {"day": "2026-03-09", "time": "10:00", "answers": TARGET}
        assert "answers, and they talk" in text(self.owner.get(self.at + "try/", monday))
        assert "A caller from:" in text(self.owner.get(self.at + "try/", asked | {"caller": "what"}))

    def test_a_number_without_a_scenario_gets_a_flow(self) -> None:
        number = self.spare
        self.at = f"/numbers/{number.pk}/flow/"
        self.do("save", kind="hang_up", place="0-0-0", **{"prompt-text": "Goodbye."})
        self.publish()
        number.refresh_from_db()
        assert isinstance(read(number.flow), Flow)
        in_use = self.scenario.numbers.get()
        assert self.owner.get(f"/numbers/{in_use.pk}/flow/").headers["Location"] == self.at.replace(
            f"/numbers/{number.pk}/", f"/tracking-numbers/{self.scenario.pk}/"
        )

    def test_the_simple_forms_say_that_there_is_more(self) -> None:
        routing = f"/tracking-numbers/{self.scenario.pk}/routing/"
        assert "several steps" not in text(self.owner.get(routing))
        self.add_menu()
        self.publish()
        assert "What you save here takes its place" in text(self.owner.get(routing))
        first = self.owner.get(f"/tracking-numbers/{self.scenario.pk}/edit/", follow=True).redirect_chain[-1][0]
        page = self.owner.get(re.sub(r"[a-z]+/$", "routing/", first)).content.decode()
        assert f'<a href="{self.at}">Edit the call flow</a>' in page

    def test_readers_see_and_cannot_change(self) -> None:
        page = self.analyst.get(self.at + "?edit=1").content.decode()
        assert "Ring somebody" in page
        assert 'method="post" action="/tracking' not in page
        assert self.analyst.post(self.at + "change/", {"do": "delete", "step": 1}).status_code == 403

    def test_hostile_text_stays_text(self) -> None:
        self.do("save", kind="match", place="0-0-1", **{"main-name": EVIL[:60], "main-callers": "+13125550142"})
        self.do("save", kind="say", place="0-0-1", **{"prompt-text": EVIL})
        for address in (self.at, self.at + "try/"):
            html = self.owner.get(address).content.decode()
            assert "<script>evil" not in html
            assert "<cs-evil" not in html
            assert "&lt;script&gt;evil()" in html


class Sounds(Flows):
    def send(self, content: bytes, name: str = "Welcome.wav") -> Any:
        file = SimpleUploadedFile(name, content, "audio/wav")
        return self.do("save", kind="say", place="0-0-1", **{"prompt-text": "Welcome.", "prompt-file": file})

    def test_a_recording_is_kept_heard_and_published_for_the_doors(self) -> None:
        content = a_wave()
        self.send(content)
        sound = Sound.objects.get()
        assert (sound.title, sound.seconds) == ("Welcome", 1.0)
        assert self.owner.get(f"/flow-sounds/{sound.pk}/").content == content
        assert self.outsider.get(f"/flow-sounds/{sound.pk}/").status_code == 404
        assert not settings.CONFIG.sounds.exists(), "nothing is published before the flow is"
        self.publish()
        assert (settings.CONFIG.sounds / sound.name).read_bytes() == content
        assert self.live().steps[0].prompt.sound == sound.name
        (settings.CONFIG.sounds / sound.name).unlink()
        publish_all()
        assert (settings.CONFIG.sounds / sound.name).read_bytes() == content, "a backup had none of it"

    def test_what_carriers_do_not_play_is_refused(self) -> None:
        for content, said in (
            (b"\x1aE\xdf\xa3webm" * 100, "no WAV or MP3 file"),
            (b"<script>evil()</script>", "no WAV or MP3 file"),
            (a_wave(121), "too long"),
            (b"RIFF" + b"\0" * 5_300_000, "too large"),
            (a_wave(1, 96_000), "8,000 to 48,000 Hz"),
        ):
            assert said in text(self.send(content)), said
        assert not Sound.objects.exists()

    def test_a_recording_survives_what_else_is_wrong_with_the_form(self) -> None:
        file = SimpleUploadedFile("Hello.wav", a_wave(), "audio/wav")
        answer = self.do("save", kind="menu", place="0-0-1", **{"prompt-text": "Press 1.", "prompt-file": file})
        assert "Choose the keys" in text(answer)
        assert f'value="{Sound.objects.get().name}" selected' in answer.content.decode()

    def test_another_companys_recording_cannot_be_played(self) -> None:
        self.send(a_wave())
        theirs = Sound.objects.get()
        Sound.objects.filter(pk=theirs.pk).update(company=self.elsewhere)
        assert "Its recording is gone" in text(self.publish())
        answer = self.do("save", kind="say", place="0-0-1", **{"prompt-text": "x", "prompt-sound": theirs.name})
        assert "Select a valid choice" in text(answer)

    def test_what_nothing_has_played_for_a_while_is_removed_with_its_file(self) -> None:
        for seconds, at in ((1, "published"), (2, "drafted"), (3, "unused"), (4, "new"), (5, "shared")):
            sounds.keep(self.company, a_wave(seconds), at, None)
        kept = {sound.title: sound for sound in Sound.objects.all()}
        Sound.objects.exclude(title="new").update(at=timezone.now() - timedelta(days=sounds.UNUSED_DAYS + 1))
        sounds.keep(self.elsewhere, a_wave(5), "shared", None)
        self.do("save", kind="say", place="0-0-1", **{"prompt-text": "x", "prompt-sound": kept["published"].name})
        self.publish()
        self.do("save", kind="say", place="0-0-1", **{"prompt-text": "x", "prompt-sound": kept["drafted"].name})
        sounds.publish_sounds([sound.name for sound in kept.values()])
        jobs.clean_sounds({})
        jobs.clean_sounds({})
        left = set(Sound.objects.filter(company=self.company).values_list("title", flat=True))
        assert left == {"published", "drafted", "new"}
        files = {file.name for file in settings.CONFIG.sounds.iterdir()}
        assert files == {sound.name for sound in kept.values()} - {kept["unused"].name}
        with pytest.raises(NoSuchBlob):
            sounds.content(kept["unused"])
        assert sounds.content(kept["shared"]) == a_wave(5), "another company plays the same file"
