"""A scenario that replaces nothing by itself: pages call it by an alias (W7)."""

from __future__ import annotations

import html as escaping
import re
from typing import Any

from django.conf import settings

from callspring.scenarios import deleting
from callspring.scenarios.actions import call_also
from callspring.scenarios.aliases import MOST_ALIASES
from callspring.scenarios.models import Scenario, ScenarioAlias
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import site_decoder
from tests.console.pages import text
from tests.console.test_wizard import ROUTING, Wizard
from tests.stories import TARGET

HOSTILE = '</textarea><script>x("1")'


class PageChosen(Wizard):
    def tagging(self, number: Any) -> str:
        """The address of the tagging step, with a number chosen and a destination."""
        numbers = {"title": "Moscow", "kind": "local", "country": "US", "owned": str(number.pk)}
        return self.go(self.go(self.begin("scenario"), **numbers), title="Moscow", **ROUTING)

    def said_at(self, response: Any, field: str) -> str:
        found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</p>', response.content.decode(), re.DOTALL)
        return escaping.unescape(found[1]) if found else ""

    def step(self, aliases: str, **changes: str) -> dict[str, str]:
        return {"title": "Moscow", "site": str(self.site().pk), "target-0": "", "aliases": aliases} | changes

    def opened(self, scenario: Scenario) -> str:
        return str(self.owner.get(f"/tracking-numbers/{scenario.pk}/edit/").headers["Location"]).replace(
            "/numbers/", "/tagging/"
        )

    def test_an_alias_is_enough_and_pages_find_it(self) -> None:
        (number,) = self.numbers(1)
        tagging = self.tagging(number)
        answer = self.send(tagging, **self.step(""))
        assert "or below an alias" in self.said_at(answer, "target-0")
        with self.captureOnCommitCallbacks(execute=True):
            assert self.go(tagging, "enable", **self.step(" moscow \r\n\r\n12\nmoscow")) == "/tracking-numbers/"
        made = Scenario.objects.get()
        assert (made.enabled, made.targets.count()) == (True, 0)
        published = site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes())
        assert published.aliases == {"moscow": made.pk, "12": made.pk}

        again = self.opened(made)
        assert re.search(r">\s*moscow\s+12</textarea>", self.owner.get(again).content.decode())
        with self.captureOnCommitCallbacks(execute=True):
            self.go(again, "save", **self.step("12\nkazan"))
        published = site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes())
        assert published.aliases == {"12": made.pk, "kazan": made.pk}
        assert made.numbers.get() == number

    def test_the_last_alias_of_one_without_targets_stays(self) -> None:
        made = self.campaign()
        call_also(made, "5")
        again = self.opened(made)
        assert self.said_at(self.send(again, **self.step("")), "target-0")
        self.go(again, "save", **self.step("", **{"target-0": TARGET}))
        assert not made.aliases.exists()

    def test_what_is_already_called_so_is_named(self) -> None:
        other, gone, theirs = self.campaign(title="Kazan"), self.campaign(title="Gone"), self.campaign(self.elsewhere)
        for scenario, alias in ((other, "kazan"), (gone, "gone"), (theirs, "theirs")):
            call_also(scenario, alias)
        deleting.delete(gone)
        tagging = self.tagging(self.numbers(1)[0])
        for taken in ("kazan", str(other.pk)):
            said = self.said_at(self.send(tagging, **self.step(taken)), "aliases")
            assert said == f"“{taken}” means the scenario “Kazan” already. Choose another alias."
        self.go(tagging, "save", **self.step(f"gone\ntheirs\n{theirs.pk}"))
        made = Scenario.objects.get(company=self.company, name="Moscow")
        assert {one.alias for one in made.aliases.all()} == {"gone", "theirs", str(theirs.pk)}
        assert ScenarioAlias.objects.get(company=self.elsewhere).scenario == theirs

    def test_hostile_aliases(self) -> None:
        tagging = self.tagging(self.numbers(1)[0])
        for aliases, said in (
            ("x" * 41, "is too long"),
            ("\n".join(map(str, range(10**6, 10**6 + MOST_ALIASES + 1))), f"at most {MOST_ALIASES} aliases"),
            ("x\n" * 3000, "at most 2000 characters"),
            ("x\x00", "Null characters"),
        ):
            assert said in self.said_at(self.send(tagging, **self.step(aliases)), "aliases")
        assert "Choose the site" in self.said_at(self.send(tagging, **self.step("radio", site="")), "site")
        strange = f"{HOSTILE}\n\x07\n\u202eevil\n{'9' * 40}\n٣"
        assert self.go(tagging, "save", **self.step(strange)) == "/tracking-numbers/"
        made = Scenario.objects.get()
        assert [one.alias for one in made.aliases.all()] == [HOSTILE, "evil", "9" * 40, "٣"]
        page = self.owner.get(self.opened(made)).content.decode()
        assert HOSTILE not in page
        assert escaping.escape(HOSTILE) in page

    def test_an_outsider_gives_no_name(self) -> None:
        made = self.campaign()
        call_also(made, "5")
        again = self.opened(made)
        assert self.outsider.get(again).status_code == 404
        assert self.send_as(again).status_code == 404
        mine = self.campaign(self.elsewhere)
        opened = str(self.outsider.get(f"/tracking-numbers/{mine.pk}/edit/").headers["Location"])
        theirs = {"title": "X", "site": str(self.site().pk), "target-0": "", "aliases": "6"}
        answer = self.outsider.post(opened.replace("/numbers/", "/tagging/"), theirs | {"go": "save"})
        assert answer.status_code == 200
        assert "“5”" not in text(answer)
        assert [(one.alias, one.scenario) for one in ScenarioAlias.objects.all()] == [("5", made)]

    def send_as(self, address: str) -> Any:
        return self.outsider.post(address, self.step("6") | {"go": "save"})
