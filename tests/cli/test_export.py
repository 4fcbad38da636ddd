"""`callspring export fallback`: what rings the business while nothing of ours runs."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.db import DatabaseError
from django.test import override_settings

from callspring.cli.main import main
from callspring.numbers import fallback_documents
from callspring.numbers.carrier import AtCarrier
from callspring.numbers.connecting import destination
from callspring.numbers.models import Connection, Number
from tests.stories import Story

STATIC = "https://static.example/fallback/{number}.xml"


class Export(Story):
    @pytest.fixture(autouse=True)
    def _console(self, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys, self.folder, self.monkeypatch = capsys, tmp_path / "static" / "fallback", monkeypatch

    def setUp(self) -> None:
        super().setUp()
        self.campaign()
        Connection.objects.update(carrier="twilio")
        self.number = Number.objects.get(company=self.company, scenario__isnull=False)

    def export(self, *words: str) -> tuple[int, str]:
        code = main(["export", "fallback", str(self.folder), *words])
        said = self.capsys.readouterr()
        return code, said.out + said.err

    def there(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self.folder.iterdir()}

    def document(self) -> bytes:
        return self.there()[f"{self.number.e164}.xml"]

    def test_a_document_stands_where_the_carrier_is_told_to_ask(self) -> None:
        """And rings the business in the carrier's markup, with no address of ours in it."""
        assert self.export()[0] == 0
        with override_settings(CONFIG=replace(settings.CONFIG, fallback_url=STATIC)):
            told = AtCarrier(self.number.connection).webhooks(self.number.e164, destination(self.number))
        served = self.folder / unquote(urlsplit(told.voice_fallback).path).removeprefix("/fallback/")
        response = ElementTree.fromstring(served.read_bytes())
        (dial,) = response
        (number,) = dial
        assert (response.tag, dial.tag, number.tag, number.text) == (
            "Response",
            "Dial",
            "Number",
            destination(self.number),
        )
        assert dial.attrib == {"answerOnBridge": "true", "timeout": "60"}
        assert number.attrib == {}
        assert stat.S_IMODE(served.stat().st_mode) & 0o444 == 0o444

    def test_only_what_has_changed_is_written(self) -> None:
        self.export()
        before = {path: path.stat().st_mtime_ns for path in self.folder.iterdir()}
        assert "0 written, 0 removed" in self.export()[1]
        assert {path: path.stat().st_mtime_ns for path in self.folder.iterdir()} == before

    def test_a_check_says_what_is_stale_and_changes_nothing(self) -> None:
        name = f"{self.number.e164}.xml"
        assert (self.export("--check")[0], self.folder.exists()) == (1, False)
        self.export()
        assert self.export("--check") == (0, f"All 1 documents in {self.folder} are as they should be.\n")
        before = self.document()
        scenario = self.number.scenario
        assert scenario is not None
        scenario.flow = {**scenario.flow, "destination": "+18005550111"}
        scenario.save()
        assert self.export("--check") == (1, f"stale     {name}\n")
        assert self.document() == before
        self.export()
        assert b"+18005550111" in self.document()

    def test_what_is_needless_goes_and_what_is_not_ours_stays(self) -> None:
        self.export()
        strange = self.folder / "+13129999999.xml"
        strange.write_text("somebody else's")
        Number.objects.filter(pk=self.number.pk).update(state=Number.State.RELEASED)
        assert self.export("--check") == (1, f"needless  {self.number.e164}.xml\n")
        assert (self.export()[0], len(self.there())) == (2, 3)  # all of them at once would be a mistake
        assert self.export("--empty")[0] == 0
        assert sorted(self.there()) == ["+13129999999.xml", "index.json"]

    def test_another_folders_index_is_left_alone(self) -> None:
        self.folder.mkdir(parents=True)
        for content in ("<html>", '{"documents": {"../../etc/passwd": ""}}', '{"documents": []}'):
            (self.folder / "index.json").write_text(content)
            code, said = self.export()
            assert (code, "folder of its own" in said) == (2, True)
            assert self.there() == {"index.json": content.encode()}

    def test_without_the_database_the_folder_stays_as_it_was(self) -> None:
        self.export()
        before = self.there()

        def away() -> dict[str, bytes]:
            raise DatabaseError("away")

        self.monkeypatch.setattr(fallback_documents, "documents", away)
        assert self.export()[0] == 2
        assert self.there() == before

    def test_a_disk_that_is_full_leaves_whole_documents(self) -> None:
        self.export()
        before = self.there()
        Number.objects.filter(pk=self.number.pk).update(e164="+13125550199")
        self.monkeypatch.setattr("os.fsync", _full)
        code, said = self.export()
        assert (code, "No space left" in said) == (2, True)
        assert self.there() == before

    def test_the_sandbox_needs_none(self) -> None:
        Connection.objects.update(carrier="sandbox")
        assert self.export()[0] == 0
        assert self.there() == {"index.json": b'{\n "documents": {}\n}\n'}


def _full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")
