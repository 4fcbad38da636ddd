"""Settings of another product become scenarios: looked at, made switched off, undone; and an outsider tries."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from callspring.console import uploads
from callspring.jobs.run import run_due
from callspring.numbers.actions import adopt
from callspring.numbers.models import Connection, Number, NumberOrder
from callspring.scenarios import deleting
from callspring.scenarios.actions import call_also, set_enabled
from callspring.scenarios.importing import arrivals, carrying_out
from callspring.scenarios.models import ImportedNumber, Scenario, ScenarioAlias, SettingsImport, WantedNumber
from callspring.scenarios.publishing import publish_surely
from callspring.scenarios.readiness import lacks
from tests.console.pages import Pages, text
from tests.ownership import record_of

AWAY = [f"+1312202{place:04d}" for place in range(20)]
HEADERS = "number,target,type,strategy,parameter,destination,alias\n"
RINGS = "+13125550123"


class Importers(Pages):
    def file(self, rows: list[tuple[str, str]]) -> str:
        return HEADERS + "".join(f"{e164},{way}\n" for e164, way in rows)

    def send(self, content: str | bytes, name: str = "numbers.csv", client: Any = None) -> Any:
        data = content.encode() if isinstance(content, str) else content
        file = SimpleUploadedFile(name, data, "text/csv")
        return (client or self.owner).post("/tracking-numbers/import/", {"file": file})

    def begun(self, content: str | bytes) -> str:
        answer = self.send(content)
        assert answer.status_code == 302, text(answer)
        return str(answer.headers["Location"])

    def press(self, address: str, go: str, **fields: str) -> Any:
        shown = self.owner.get(address).context["form"]
        form = {name: shown[name].value() or "" for name in shown.fields} | fields | {"go": go}
        return self.owner.post(address, form, follow=True)

    def ten(self) -> str:
        """Ten numbers set up in two ways: the first two are here and free, the third is used by another scenario."""
        self.free = self.numbers(2)
        self.used = self.campaign(title="Busy").numbers.get()
        e164s = [*(one.e164 for one in self.free), self.used.e164, *AWAY[:7]]
        ways = (f"8005550199,dynamic,,,{RINGS},", f"8005550199,static,url parameter,gclid,{RINGS},")
        return self.file([(e164, ways[place in (1, 9)]) for place, e164 in enumerate(e164s)])

    def test_ten_numbers_in_two_ways_are_looked_at_made_and_undone(self) -> None:
        address = self.begun(self.ten())
        said = text(self.owner.get(address))
        assert "10 numbers set up in 2 ways → 2 scenarios" in said
        assert "Used by “Busy” here: it stays there." in said
        assert "7 not here yet" in said
        assert Scenario.objects.filter(company=self.company).count() == 1, "to look makes nothing"
        orders = NumberOrder.objects.count()
        self.press(address, "create")
        pool, ads = Scenario.objects.filter(company=self.company).exclude(name="Busy")
        assert (pool.name, pool.enabled, pool.target) == ("Every visitor", False, "+18005550199")
        assert [one.e164 for one in pool.numbers.all()] == [self.free[0].e164]
        assert [one.e164 for one in arrivals.awaited(pool)] == AWAY[:6]
        assert [(rule.strategy, rule.name) for rule in ads.rules.all()] == [("url_parameter", "gclid")] * 2
        assert (NumberOrder.objects.count(), WantedNumber.objects.count()) == (orders, 0), "nothing is bought"
        assert Number.objects.get(pk=self.used.pk).scenario == self.used.scenario
        assert "Undo the import" in text(self.owner.get(address))
        self.owner.post(f"{address}undo/")
        assert list(Scenario.objects.filter(company=self.company).values_list("name", flat=True)) == ["Busy"]
        assert all(
            one.scenario is None and one.state == "active"
            for one in Number.objects.filter(pk__in=[n.pk for n in self.free])
        )
        assert not ImportedNumber.objects.exists()

    def test_ten_in_one_way_make_one_and_in_ten_ways_ten(self) -> None:
        for seconds, count in ((lambda _place: 20, 1), (lambda place: 20 + place, 10)):
            rows = "".join(f"{AWAY[place]},8005550199,dynamic,{RINGS},{seconds(place)}\n" for place in range(10))
            self.press(self.begun("number,target,type,destination,ring_seconds\n" + rows), "create")
            made = SettingsImport.objects.first()
            assert made is not None
            assert made.scenarios.count() == count
            assert (made.state, made.text) == ("made", ""), "the file is not kept"
            carrying_out.undo(made)

    def test_a_site_is_published_once_however_many_scenarios_are_made(self) -> None:
        rows = "".join(f"{AWAY[place]},8005550199,dynamic,{RINGS},{20 + place}\n" for place in range(10))
        address = self.begun("number,target,type,destination,ring_seconds\n" + rows)
        with self.captureOnCommitCallbacks() as callbacks:
            self.press(address, "create")
        published = [one for one in callbacks if getattr(one, "func", None) is publish_surely]
        assert len(published) == 2, "the site, and the company's numbers"

    def test_what_was_changed_or_switched_on_stays_when_the_rest_is_undone(self) -> None:
        address = self.begun(self.ten())
        self.press(address, "create")
        pool, ads = Scenario.objects.filter(company=self.company).exclude(name="Busy")
        set_enabled(pool, True)
        said = text(self.owner.post(f"{address}undo/", follow=True))
        assert "1 scenario is gone." in said
        assert "“Every visitor”" in said
        assert not Scenario.objects.filter(pk=ads.pk).exists()
        assert Scenario.objects.filter(pk=pool.pk).exists()
        set_enabled(pool, False)
        Scenario.objects.filter(pk=pool.pk).update(name="Mine now")
        self.owner.post(f"{address}undo/")
        assert Scenario.objects.filter(pk=pool.pk).exists()
        Scenario.objects.filter(pk=pool.pk).update(name="Every visitor")
        self.call(self.free[0].__class__.objects.get(pk=self.free[0].pk))
        self.owner.post(f"{address}undo/")
        assert Scenario.objects.filter(pk=pool.pk).exists(), "its calls need it"

    def test_numbers_go_in_as_they_arrive(self) -> None:
        address = self.begun(
            self.file([(AWAY[0], f"8005550199,dynamic,,,{RINGS},"), (AWAY[1], f"8005550199,static,,,{RINGS},")])
        )
        self.press(address, "create")
        pool, one = Scenario.objects.filter(company=self.company)
        assert "It has no numbers yet." in " ".join(lacks(pool))
        adopt(Connection.objects.get(company=self.company), AWAY[:1])
        assert "1 number went into its scenario." in text(self.owner.post(address, {"go": "place"}, follow=True))
        assert [number.e164 for number in pool.numbers.all()] == AWAY[:1]
        adopt(Connection.objects.get(company=self.elsewhere), AWAY[1:2])
        assert arrivals.place() == 0, "what another company has is not ours"
        Number.objects.filter(e164=AWAY[1]).update(company=self.company)
        arrivals.place()
        number = Number.objects.get(e164=AWAY[1])
        assert (number.scenario, number.rule) == (one, one.rules.get())
        assert arrivals.place() == 0, "twice is once"

    def test_a_deleted_scenario_gets_nothing(self) -> None:
        self.press(self.begun(self.file([(AWAY[0], f"8005550199,dynamic,,,{RINGS},")])), "create")
        deleting.delete(Scenario.objects.get(company=self.company))
        adopt(Connection.objects.get(company=self.company), AWAY[:1])
        assert arrivals.place() == 0

    def test_ids_of_the_other_product_become_aliases_and_prefixes_scenarios(self) -> None:
        call_also(self.campaign(title="Busy"), "5")
        sheet = "Number;Script ID;Replaceable numbers;Calltracking type;Redirect;Prefix\n"
        sheet += f"{AWAY[0]};3;8005550199;dynamic;{RINGS};\n{AWAY[1]};5;8005550199;dynamic;{RINGS};\n"
        sheet += f"{AWAY[2]};;;static;{RINGS};\n{AWAY[3]};;;static;{RINGS};1847\n"
        address = self.begun(sheet)
        said = text(self.owner.get(address))
        assert "export from Roistat" in said
        assert "goes on meaning “Busy”" in said
        self.press(address, "create")
        aliases = dict(ScenarioAlias.objects.values_list("alias", "scenario__name"))
        assert aliases["5"] == "Busy"
        assert set(aliases) == {"3", "5", "prefix-1312", "prefix-1847"}
        older = ScenarioAlias.objects.get(alias="prefix-1312").scenario
        assert lacks(older) == ["It has no numbers yet. Add some first."]

    def test_the_gaps_of_a_file_are_filled_by_what_is_chosen(self) -> None:
        address = self.begun("number,type\n" + "\n".join(f"{e164},dynamic" for e164 in AWAY[:3]) + "\nbroken,dynamic\n")
        said = text(self.owner.get(address))
        assert "3 numbers set up in 1 way → 0 scenarios" in said
        assert "does not say what it replaces" in said
        assert "does not say where its calls ring" in said
        assert "1 row stays behind" in said
        assert "“broken” is not a phone number" in said
        said = text(self.press(address, "create"))
        assert "There is nothing to import yet" in said
        assert not Scenario.objects.exists()
        self.press(address, "look", target="800 555 0199", destination="312-555-0123")
        assert "→ 1 scenario" in text(self.owner.get(address)), "what was chosen is kept"
        self.press(address, "create")
        made = Scenario.objects.get()
        assert (made.target, made.flow["destination"], made.site) == ("+18005550199", RINGS, self.site())

    def test_a_destination_that_would_go_round_is_refused(self) -> None:
        (ours,) = self.numbers(1)
        said = text(self.owner.get(self.begun(self.file([(AWAY[0], f"8005550199,dynamic,,,{ours.e164},")]))))
        assert "would go round" in said
        assert "→ 0 scenarios" in said

    def test_it_is_carried_out_once(self) -> None:
        address = self.begun(self.file([(AWAY[0], f"8005550199,dynamic,,,{RINGS},")]))
        self.press(address, "create")
        assert "imported already" in text(self.owner.post(address, {"go": "create"}, follow=True))
        assert Scenario.objects.count() == 1

    def test_hostile_files_are_refused_at_the_form(self) -> None:
        for content, said in (
            (b"PK\x03\x04", "spreadsheet"),
            (b"a\0b", "no text"),
            (b"x" * 2_000_001, "larger"),
            (b"", "empty"),
        ):
            answer = self.send(content)
            assert said in text(answer), said
        assert not SettingsImport.objects.exists()
        answer = self.owner.post("/tracking-numbers/import/")
        assert "Choose the file." in text(answer)
        page = self.owner.get(self.begun("number,<b>x</b>,name\n=cmd|'/c calc'!A1,1,<script>alert(1)</script>\n"))
        assert b"<script>alert" not in page.content
        assert b"<b>x" not in page.content

    def test_a_request_that_is_far_too_long_is_not_read(self) -> None:
        most, uploads.MOST = uploads.MOST, 1000
        try:
            assert self.send(b"x" * 5000).status_code in (400, 413)
        finally:
            uploads.MOST = most

    def test_drafts_expire(self) -> None:
        address = self.begun(self.file([(AWAY[0], "8005550199,dynamic,,,,")]))
        SettingsImport.objects.update(created_at=timezone.now() - timedelta(days=8))
        assert self.owner.get(address).status_code == 404
        self.begun(self.file([(AWAY[1], "8005550199,dynamic,,,,")]))
        assert SettingsImport.objects.count() == 1
        self.press(f"/tracking-numbers/import/{SettingsImport.objects.get().pk}/", "discard")
        assert not SettingsImport.objects.exists()

    def test_the_job_places_and_forgets(self) -> None:
        self.begun(self.file([(AWAY[0], "8005550199,dynamic,,,,")]))
        SettingsImport.objects.update(created_at=timezone.now() - timedelta(days=8))
        arrivals._place_all({})
        run_due()
        assert not SettingsImport.objects.exists()

    def test_the_old_settings_lead_to_the_new_page(self) -> None:
        said = text(self.owner.get("/settings/numbers/", follow=True))
        assert "Numbers are set up in scenarios now." in said
        assert "Send the list of your numbers" in said

    def test_an_outsider_gets_and_changes_nothing(self) -> None:
        address = self.begun(self.ten())
        before = record_of(self.company)
        for path in (address, f"{address}undo/"):
            assert self.outsider.get(path).status_code in (404, 405)
            assert self.outsider.post(path, {"go": "create"}).status_code == 404
            assert self.analyst.post(path, {"go": "create"}).status_code == 403
            assert self.stranger.post(path, {"go": "create"}).headers["Location"].startswith("/sign-in/")
        theirs = self.send(self.file([(self.free[0].e164, f"8005550199,dynamic,,,{RINGS},")]), client=self.outsider)
        page = self.outsider.get(theirs.headers["Location"])
        assert "1 not here yet" in text(page), "that another company has it is nobody's business"
        shown = page.context["form"]
        form = {name: shown[name].value() or "" for name in shown.fields} | {"go": "create"}
        self.outsider.post(theirs.headers["Location"], form)
        assert Scenario.objects.filter(company=self.elsewhere).count() == 1
        assert arrivals.place() == 0
        assert record_of(self.company) == before
