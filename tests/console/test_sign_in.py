"""Signing in with a password or a link, out, and choosing the company."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from callspring.accounts.actions import create_company, sign_in_link
from callspring.accounts.models import SignInLink
from callspring.console.attempts import PER_ADDRESS, PER_PERSON, PER_PERSON_ANYWHERE, may_try
from tests.console.pages import PASSWORD, Pages, text

SIGN_IN = "/sign-in/"


def try_password(client: Client, password: str, email: str = "alice@example.com", **more: str) -> tuple[int, str]:
    response = client.post(SIGN_IN, {"email": email, "password": password, **more})
    return response.status_code, text(response) if response.status_code != 302 else response.headers["Location"]


class Passwords(Pages):
    def test_the_right_one_leads_to_the_dashboard(self) -> None:
        assert try_password(self.stranger, PASSWORD) == (302, "/")
        assert "Dashboard" in self.page("dashboard", client=self.stranger)

    def test_capitals_in_the_address_do_not_matter(self) -> None:
        assert try_password(self.stranger, PASSWORD, email="Alice@Example.com")[0] == 302

    def test_a_wrong_one_does_not_say_which_half_is_wrong(self) -> None:
        known = try_password(self.stranger, "wrong")
        assert "do not match" in known[1]
        unknown = try_password(self.stranger, "wrong", email="nobody@example.com")
        assert known[1] == unknown[1]

    def test_an_empty_form_names_both_fields(self) -> None:
        assert try_password(self.stranger, "", email="")[1].count("This field is required.") == 2

    def test_after_five_wrong_ones_even_the_right_one_waits(self) -> None:
        for _ in range(PER_PERSON):
            assert try_password(self.stranger, "wrong")[0] == 200
        status, said = try_password(self.stranger, PASSWORD)
        assert status == 429
        assert "Too many tries" in said

    def test_somebody_else_at_the_same_address_may_still_try(self) -> None:
        for _ in range(PER_PERSON + 1):
            try_password(self.stranger, "wrong", email="bob@example.com")
        assert try_password(self.stranger, PASSWORD)[0] == 302

    def test_one_address_cannot_try_everybody(self) -> None:
        for number in range(PER_ADDRESS):
            try_password(self.stranger, "wrong", email=f"{number}@example.com")
        assert try_password(self.stranger, "wrong", email="one-more@example.com")[0] == 429

    def test_the_many_addresses_of_one_connection_are_one(self) -> None:
        for number in range(PER_ADDRESS):
            assert may_try(f"{number}@example.com", f"2001:db8::{number:x}")
        assert not may_try("one-more@example.com", "2001:db8::ffff")
        assert may_try("one-more@example.com", "2001:db8:0:1::1")

    def test_many_strangers_do_not_make_it_forget_who_is_tried(self) -> None:
        for number in range(PER_PERSON_ANYWHERE):
            assert may_try("alice@example.com", f"192.0.2.{number}")
        for number in range(1000):
            may_try(f"{number}@example.com", f"198.51.{number // 250}.{number % 250}")
        assert not may_try("alice@example.com", "203.0.113.1")

    def test_success_starts_the_count_afresh(self) -> None:
        for _ in range(PER_PERSON - 1):
            try_password(self.stranger, "wrong")
        assert try_password(self.stranger, PASSWORD)[0] == 302
        assert try_password(Client(), "wrong")[0] == 200

    def test_it_leads_back_to_the_page_that_was_asked_for(self) -> None:
        asked = self.stranger.get("/calls/?status=busy")
        assert asked.headers["Location"] == "/sign-in/?next=/calls/%3Fstatus%3Dbusy"
        assert try_password(self.stranger, PASSWORD, next="/calls/?status=busy") == (302, "/calls/?status=busy")

    def test_it_leads_to_no_other_website(self) -> None:
        for evil in ("https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"):
            assert try_password(Client(), PASSWORD, next=evil) == (302, "/")

    def test_signing_out_needs_a_press_on_the_button(self) -> None:
        assert self.owner.get("/sign-out/").status_code == 405
        assert self.owner.post("/sign-out/").status_code == 302
        assert self.owner.get("/").status_code == 302


class Links(Pages):
    def link(self, minutes: int = 10) -> str:
        return reverse("console:sign_in_link", args=[sign_in_link(self.alice, minutes)])

    def test_looking_at_it_uses_nothing_up(self) -> None:
        link = self.link()
        for _ in range(3):
            assert self.stranger.get(link).status_code == 200
        assert self.stranger.head(link).status_code == 405
        assert SignInLink.objects.get().used_at is None
        assert self.stranger.get("/").status_code == 302

    def test_pressing_the_button_signs_in_once(self) -> None:
        link = self.link()
        assert self.stranger.post(link).headers["Location"] == "/"
        assert "Dashboard" in self.page("dashboard", client=self.stranger)
        again = Client().post(link)
        assert again.status_code == 410
        assert "used already" in text(again)

    def test_an_old_or_invented_one_says_so(self) -> None:
        link = self.link()
        SignInLink.objects.update(expires_at=SignInLink.objects.get().expires_at - timedelta(days=1))
        for address in (link, "/sign-in/link/invented/"):
            assert Client().post(address).status_code == 410

    def test_it_cannot_be_used_from_another_website(self) -> None:
        strict = Client(enforce_csrf_checks=True)
        refused = strict.post(self.link())
        assert refused.status_code == 403
        assert "open too long" in text(refused)
        assert SignInLink.objects.get().used_at is None


class Switching(Pages):
    def test_between_companies(self) -> None:
        second = create_company(self.company.account, "Second", zone="Europe/Berlin", owner=self.alice)
        assert "Harbor & Pine" in self.page("company")
        self.owner.post("/company/", {"company": second.pk})
        assert "Europe/Berlin" in self.page("calls")
        self.owner.post("/company/", {"company": self.company.pk})
        assert "America/Chicago" in self.page("calls")

    def test_never_into_a_company_of_others(self) -> None:
        self.owner.post("/company/", {"company": self.elsewhere.pk})
        assert "Elsewhere" not in self.page("dashboard")

    def test_somebody_without_a_company_is_told_so(self) -> None:
        self.alice.memberships.all().delete()
        response = self.owner.get("/")
        assert response.status_code == 403
        assert "no company yet" in text(response)
