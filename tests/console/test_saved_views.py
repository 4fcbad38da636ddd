"""Saved views of the call log: a person's own, the company's, and what outsiders find."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from callspring.accounts.models import Membership, User
from callspring.console import saved_views
from callspring.console.models import PageChoice, SavedView
from tests.console.pages import Pages, text


class Views(Pages):
    def setUp(self) -> None:
        super().setUp()
        self.number = self.campaign().numbers.get()
        self.call(self.number, at=timezone.now() - timedelta(minutes=5), status="busy")

    def keep(
        self, name: str = "Busy", on: str = "?status=busy", client: Client | None = None, **more: str
    ) -> SavedView:
        response = (client or self.owner).post("/calls/views/", {"name": name, "on": on, **more})
        assert response.status_code == 302, response.status_code
        return SavedView.objects.latest("pk")

    def do(self, view: SavedView, deed: str, client: Client | None = None, **more: str) -> Any:
        return (client or self.owner).post(f"/calls/views/{view.pk}/", {"do": deed, "on": "?status=busy", **more})

    def menu(self, client: Client | None = None) -> list[str]:
        html = (client or self.owner).get("/calls/?view=all").content.decode()
        (nav,) = re.findall(r'<nav aria-label="Saved views">(.*?)</nav>', html, re.DOTALL)
        return re.findall(r"<span>([^<]*)</span>", nav)[1:]


class Saving(Views):
    def test_it_keeps_the_filters_in_one_form(self) -> None:
        view = self.keep(on="?seen=x&before=1.2&status=busy&nonsense=1&period=7&source=%00&view=9&caller=(312)%20555")
        assert view.query == "period=7&status=busy&caller=312555"
        assert (view.user, view.company, view.page, view.shared) == (self.alice, self.company, "calls", False)
        page = self.owner.get(f"/calls/?{view.query}&view={view.pk}")
        assert "<h1>Busy</h1>" in page.content.decode()
        assert "Save the filters as they are now" not in text(page)
        assert "Save the filters as they are now" in self.page("calls", query=f"?status=failed&view={view.pk}")

    def test_own_views_are_ones_own_and_shared_ones_everybodys(self) -> None:
        self.keep("Mine")
        self.keep("Ours", shared="yes")
        assert self.menu() == ["Mine", "Ours"]
        assert self.menu(self.analyst) == ["Ours"]
        self.keep("Ours", client=self.analyst)  # everybody has names of their own
        assert self.menu(self.analyst) == ["Ours", "Ours"]

    def test_a_name_is_needed_and_used_once(self) -> None:
        self.keep("Busy")
        for name, said in (("  \0 ", "Give the view a name."), (" Busy ", "There is a view named “Busy” already.")):
            response = self.owner.post("/calls/views/", {"name": name, "on": "?status=busy"}, follow=True)
            assert said in text(response)
        assert SavedView.objects.count() == 1
        assert SavedView.objects.get().name == "Busy"

    def test_names_and_filters_are_bounded(self) -> None:
        view = self.keep("x" * 500, on="?" + "&".join(f"source={number}{'s' * 90}" for number in range(19)))
        assert len(view.name) == saved_views.NAME
        many = "&".join(f"{name}={number}{'s' * 150}" for number in range(19) for name in ("source", "medium"))
        response = self.owner.post("/calls/views/", {"name": "Many", "on": many}, follow=True)
        assert "too many filters" in text(response)
        SavedView.objects.bulk_create(
            SavedView(company=self.company, user=self.alice, page="calls", name=str(number))
            for number in range(saved_views.MOST)
        )
        response = self.owner.post("/calls/views/", {"name": "One more", "on": ""}, follow=True)
        assert "Delete one first" in text(response)

    def test_a_name_is_shown_as_text(self) -> None:
        view = self.keep("<script>alert(1)</script>", shared="yes")
        for client in (self.owner, self.analyst):
            html = client.get(f"/calls/?view={view.pk}").content.decode()
            assert "<script>alert" not in html
            assert "&lt;script&gt;alert" in html


class Changing(Views):
    def test_rename_and_undo(self) -> None:
        view = self.keep()
        after = self.do(view, "rename", name="Engaged", on=f"?status=busy&view={view.pk}")
        page = self.owner.get(after.headers["Location"])
        assert "“Busy” is now called “Engaged”." in text(page)
        undo = dict(re.findall(r'name="(do|name)" value="([^"]*)"', page.content.decode().split("cs-undo")[1][:900]))
        assert undo == {"name": "Busy", "do": "rename"}
        self.do(view, undo["do"], name=undo["name"])
        assert self.menu() == ["Busy"]
        self.owner.get("/calls/")  # says that it is called Busy again
        assert "cs-undo" not in self.owner.get("/calls/").content.decode()  # and no more after that

    def test_delete_and_undo(self) -> None:
        view = self.keep()
        self.do(view, "first")
        page = self.owner.get(self.do(view, "delete").headers["Location"])
        assert "The view “Busy” is deleted." in text(page)
        assert self.menu() == []
        assert self.owner.get("/calls/").status_code == 200  # and does not open with it
        self.do(view, "restore")
        assert self.menu() == ["Busy"]
        assert self.owner.get("/calls/").status_code == 302

    def test_undo_when_the_name_has_been_given_away(self) -> None:
        view = self.keep()
        self.do(view, "delete")
        self.keep()
        assert "There is a view named “Busy” already." in text(
            self.owner.get(self.do(view, "restore").headers["Location"])
        )
        assert self.menu() == ["Busy"]

    def test_deleted_ones_go_for_good_after_a_day(self) -> None:
        view = self.keep()
        self.do(view, "delete")
        SavedView.objects.update(deleted_at=timezone.now() - timedelta(hours=25))
        self.keep("Another")
        assert not SavedView.objects.filter(pk=view.pk).exists()

    def test_the_page_opens_with_a_persons_first_view_and_nobody_elses(self) -> None:
        view = self.keep(shared="yes", first="yes")
        assert self.owner.get("/calls/").headers["Location"] == f"/calls/?status=busy&view={view.pk}"
        assert self.owner.get("/calls/?view=all").status_code == 200
        assert self.owner.get("/calls/", headers={"HX-Request": "true"}).status_code == 200
        assert self.analyst.get("/calls/").status_code == 200
        self.do(view, "first", self.analyst)
        assert self.analyst.get("/calls/").status_code == 302
        self.do(view, "share")  # private again: it opens for its own person only
        assert self.owner.get("/calls/").status_code == 302
        assert self.analyst.get("/calls/").status_code == 200
        self.do(view, "all")
        assert self.owner.get("/calls/").status_code == 200

    def test_update_takes_the_filters_of_the_page(self) -> None:
        view = self.keep()
        self.do(view, "update", on="?status=failed&sort=longest")
        view.refresh_from_db()
        assert view.query == "status=failed&sort=longest"


class Others(Views):
    def test_a_teammate_may_use_a_shared_view_and_not_change_it(self) -> None:
        view = self.keep(shared="yes")
        for deed in ("rename", "delete", "update", "share"):
            assert self.do(view, deed, self.analyst, name="Evil").status_code == 403, deed
        assert self.menu() == ["Busy"]
        html = self.analyst.get(f"/calls/?view={view.pk}").content.decode()
        assert 'value="delete"' not in html

    def test_owners_may_change_what_is_shared(self) -> None:
        view = self.keep(client=self.analyst, shared="yes")
        self.do(view, "rename", name="Engaged")
        assert self.menu(self.analyst) == ["Engaged"]
        self.bob.delete()
        assert self.menu() == ["Engaged"]  # a shared view outlives its person
        self.do(view, "delete")
        assert self.menu() == []

    def test_a_teammates_own_view_is_not_there(self) -> None:
        view = self.keep()
        for deed in ("first", "rename", "delete", "restore"):
            assert self.do(view, deed, self.analyst, name="Evil").status_code == 404, deed
        assert "<h1>Calls</h1>" in self.analyst.get(f"/calls/?view={view.pk}").content.decode()

    def test_an_outsider_finds_nothing_and_changes_nothing(self) -> None:
        view = self.keep(shared="yes")
        for deed in ("first", "all", "rename", "delete", "restore", "update", "share"):
            assert self.do(view, deed, self.outsider, name="Evil").status_code == 404, deed
        assert self.menu(self.outsider) == []
        assert "Busy" not in self.outsider.get(f"/calls/?view={view.pk}").content.decode().split("</h1>")[0]
        view.refresh_from_db()
        assert (view.name, view.query, view.deleted_at) == ("Busy", "status=busy", None)
        assert not PageChoice.objects.exists()

    def test_strangers_are_sent_to_sign_in_and_nonsense_to_nothing(self) -> None:
        view = self.keep()
        for address in ("/calls/views/", f"/calls/views/{view.pk}/", "/calls/columns/"):
            assert self.stranger.post(address).headers["Location"].startswith("/sign-in/")
            assert self.owner.get(address).status_code == 405
        assert self.do(view, "explode").status_code == 404
        assert (
            self.owner.post("/calls/columns/", {"on": "//evil.example/?status=busy"})
            .headers["Location"]
            .startswith("/calls/?")
        )

    def test_of_two_companies_each_has_its_own(self) -> None:
        Membership.objects.create(user=self.alice, company=self.elsewhere, role=Membership.Role.OWNER)
        self.owner.post("/company/", {"company": self.company.pk})
        view = self.keep(shared="yes", first="yes")
        self.owner.post("/company/", {"company": self.elsewhere.pk})
        assert self.menu() == []
        assert self.owner.get("/calls/").status_code == 200
        assert self.do(view, "delete").status_code == 404
        assert User.objects.get(pk=self.alice.pk)
