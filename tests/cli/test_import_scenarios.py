"""`callspring import scenarios`: the preview says what it comes to and keeps nothing, `--yes` makes it, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from callspring.cli.main import main
from callspring.scenarios.models import Scenario, SettingsImport
from callspring.sites.models import Site
from tests.stories import Story

HEADERS = "number,target,type,strategy,parameter,destination\n"
POOL, GOOGLE = ",800-555-0199,dynamic,,,312-555-0123\n", ",800-555-0199,static,URL parameter,gclid,312-555-0123\n"
TEN = HEADERS + "".join(f"+1 312 202 {place:04}{GOOGLE if place == 9 else POOL}" for place in range(10))


class Importing(Story):
    @pytest.fixture(autouse=True)
    def _shell(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        self.capsys, self.file = capsys, tmp_path / "numbers.csv"

    def run_it(self, text: str | bytes, *words: str, key: str = "") -> tuple[int, str]:
        self.file.write_bytes(text.encode() if isinstance(text, str) else text)
        code = main(["import", "scenarios", str(self.file), "--company", key or self.company.key, *words])
        said = self.capsys.readouterr()
        return code, said.out + said.err

    def test_the_preview_says_what_it_comes_to_and_keeps_nothing(self) -> None:
        code, said = self.run_it(TEN)
        assert code == 0
        assert said.startswith("10 numbers set up in 2 ways → 2 scenarios\n10 not here yet\n")
        assert "Every visitor: 9 × Dynamic: a pool, Always swap" in said
        assert "gclid: 1 × Static, URL parameter gclid" in said
        assert "line 2: (312) 202-0000  Not here yet" in said
        assert "--yes makes it" in said
        assert not Scenario.objects.exists()
        assert not SettingsImport.objects.exists()

    def test_yes_makes_them_off_and_the_page_can_undo_it(self) -> None:
        free = self.numbers(1)[0]
        with self.captureOnCommitCallbacks(execute=True):
            code, said = self.run_it(TEN + free.e164 + POOL, "--yes")
        assert code == 0
        assert "2 scenarios are made. They are off." in said
        assert [(one.company, one.enabled) for one in Scenario.objects.all()] == [(self.company, False)] * 2
        free.refresh_from_db()
        assert free.scenario is not None
        kept = SettingsImport.objects.get()
        assert (kept.state, kept.user, kept.text, kept.name) == ("made", None, "", "numbers.csv")

    def test_what_stays_behind_is_named_with_its_line(self) -> None:
        code, said = self.run_it(HEADERS + f"+13122020001{POOL}1.31E+10{POOL}+13122020001{POOL},x,,,,\n")
        assert code == 1
        assert "1 number set up in 1 way → 1 scenario" in said
        assert "line 3: 1.31E+10: " in said
        assert "line 4: +13122020001: This number stands in row 2 already." in said
        assert "line 5: The row has no number." in said

    def test_what_the_file_does_not_say_is_said_on_the_line(self) -> None:
        Site.objects.create(company=self.company, name="Second", hosts=["second.example"])
        bare = "number,type,colour\n+13122020001,dynamic,red\n"
        code, said = self.run_it(bare)
        assert code == 1
        assert "Not made: Choose the website that it is for." in said
        assert "Nothing was taken from these columns: colour" in said
        words = ("--site", "second.example", "--target", "800 555 0199", "--destination", "(312) 555-0123", "--yes")
        with self.captureOnCommitCallbacks(execute=True):
            code, said = self.run_it(bare, *words)
        assert (code, Scenario.objects.get().site) == (0, Site.objects.get(name="Second"))

    def test_nothing_readable_nothing_made(self) -> None:
        theirs = self.site(self.elsewhere)
        theirs.name = "Theirs"
        theirs.save()
        for text, words, sentence in (
            (b"", (), ""),
            ("only words", (), ""),
            (TEN, ("--site", "Theirs"), "not one of this company's websites"),
            (TEN, ("--from", "excel"), "there is no product"),
            (TEN, ("--target", "12"), "phone number"),
            (HEADERS + "x,,,,,\n", ("--yes",), "nothing to import yet"),
        ):
            code, said = self.run_it(text, *words)
            assert code == 2, (text, said)
            assert sentence in said, said
        assert main(["import", "scenarios", str(self.file) + "x", "--company", self.company.key]) == 2
        assert self.run_it(TEN, key="ck_nobody")[0] == 2
        assert not SettingsImport.objects.exists()

    def test_another_companys_number_counts_as_nowhere_and_stays_theirs(self) -> None:
        """The outsider's number stands in our file."""
        theirs = self.numbers(1, self.elsewhere)[0]
        with self.captureOnCommitCallbacks(execute=True):
            code, said = self.run_it(HEADERS + theirs.e164 + POOL, "--yes")
        assert code == 0
        assert "Not here yet" in said
        theirs.refresh_from_db()
        assert (theirs.company, theirs.scenario) == (self.elsewhere, None)

    def test_a_strangers_text_steers_no_terminal(self) -> None:
        _code, said = self.run_it(HEADERS + "+13122020001,\x1b[2J\x1b]0;x\x07,dynamic,,,312-555-0123\n")
        assert "\x1b" not in said
        assert "\x07" not in said
