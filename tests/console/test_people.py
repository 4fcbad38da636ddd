"""Settings → People and Staff, joining, and the own profile."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core import mail
from django.test import Client, override_settings
from django.utils import timezone

from callspring.accounts.models import Invitation, Membership, StaffNetwork, StaffNumber, User
from callspring.accounts.roles import Role
from callspring.console.attempts import PER_PERSON
from tests.console.mailed import link_in, work_off
from tests.console.pages import PASSWORD, Pages, text

NEW = "eve@example.com"
ANOTHER = "another good password"


@override_settings(EMAIL_BACKEND="django.core.mail.backends.locmem.EmailBackend")
class Joining(Pages):
    def invite(self, email: str = NEW, role: str = "agent", client: Client | None = None) -> str:
        """The path of the link that the inviter is shown."""
        answer = (client or self.owner).post("/settings/people/", {"email": email, "role": role})
        (address,) = re.findall(r'id="join-link"[^>]*>([^<]*)<', answer.content.decode())
        return str(urlsplit(address).path)

    def test_the_mail_and_the_page_have_the_same_link(self) -> None:
        shown = self.invite()
        work_off()
        (sent,) = mail.outbox
        assert sent.to == [NEW]
        assert link_in(str(sent.body)) == shown
        assert shown.split("/")[2] not in self.page("people")

    def test_somebody_new_sees_the_inbox_and_no_more(self) -> None:
        link = self.invite()
        assert "Alice invites eve@example.com as agent." in text(self.stranger.get(link))
        answer = self.stranger.post(link, {"name": "Eve", "password": ANOTHER}, follow=True)
        assert answer.redirect_chain == [("/", 302), ("/inbox/", 302)]
        assert "Welcome to Harbor & Pine." in text(answer)
        for closed in ("/tracking-numbers/", "/numbers/", "/settings/company/", "/settings/people/"):
            assert self.stranger.get(closed).status_code == 403
        assert self.page("calls", client=self.stranger)
        assert Client().get(link).status_code == 410

    def test_looking_at_it_uses_nothing_up(self) -> None:
        link = self.invite()
        for _ in range(3):
            assert self.stranger.get(link).status_code == 200
        assert self.stranger.head(link).status_code == 405
        assert Invitation.objects.get().accepted_at is None

    def test_a_weak_password_is_refused(self) -> None:
        link = self.invite()
        for weak, said in (("short", "too short"), ("password1234", "too common"), ("", "This field is required.")):
            assert said in text(self.stranger.post(link, {"name": "Eve", "password": weak}))
        assert "This field is required." in text(self.stranger.post(link, {"name": " \n ", "password": ANOTHER}))
        assert not User.objects.filter(email=NEW).exists()

    def test_somebody_with_an_account_signs_in_first(self) -> None:
        self.charlie.set_password(PASSWORD)
        self.charlie.save()
        link = self.invite("charlie@example.com", "manager")
        page = self.stranger.get(link)
        (way,) = re.findall(r'href="(/sign-in/[^"]*)"', page.content.decode())
        answer = self.stranger.post(way, {"email": "charlie@example.com", "password": PASSWORD, "next": link})
        assert answer.headers["Location"] == link
        assert self.stranger.post(link).headers["Location"] == "/"
        assert "Welcome to Harbor & Pine." in self.page("dashboard", client=self.stranger)
        assert Membership.objects.get(user=self.charlie, company=self.company).role == Role.MANAGER

    def test_the_page_does_not_say_whether_the_address_has_an_account(self) -> None:
        pages = [text(Client().get(self.invite(email))).replace(email, "") for email in (NEW, "charlie@example.com")]
        assert pages[0] == pages[1]

    def test_an_account_is_not_taken_over_by_a_new_password(self) -> None:
        link = self.invite("charlie@example.com")
        answer = self.stranger.post(link, {"name": "Evil", "password": ANOTHER})
        assert "sign in first" in text(answer)
        self.charlie.refresh_from_db()
        assert (self.charlie.name, self.charlie.check_password(ANOTHER)) == ("Charlie", False)
        for _ in range(PER_PERSON):
            answer = self.stranger.post(link, {"name": "Evil", "password": ANOTHER})
        assert answer.status_code == 429

    def test_somebody_else_who_is_signed_in_cannot_use_it(self) -> None:
        link = self.invite()
        assert "You are signed in as charlie@example.com. Sign out" in text(self.outsider.get(link))
        assert "Sign out" in text(self.outsider.post(link))
        assert not Membership.objects.filter(user=self.charlie, company=self.company).exists()
        assert self.outsider.post("/sign-out/", {"next": link}).headers["Location"] == link
        assert "Choose a password" in text(self.outsider.get(link))

    def test_a_dead_link_says_so_and_no_more(self) -> None:
        link = self.invite()
        Invitation.objects.update(expires_at=timezone.now())
        for dead in (link, "/join/invented/"):
            for answer in (self.stranger.get(dead), self.stranger.post(dead, {"name": "E", "password": ANOTHER})):
                assert answer.status_code == 410
                assert "This invitation does not work" in text(answer)
                assert NEW not in text(answer)

    def test_nobodys_mailbox_is_filled_through_us(self) -> None:
        for _ in range(PER_PERSON):
            self.invite()
        assert "Too many invitations" in text(self.owner.post("/settings/people/", {"email": NEW, "role": "agent"}))
        pk = Invitation.objects.get().pk
        answer = self.owner.post(f"/settings/people/invitations/{pk}/resend/", follow=True)
        assert "Too many invitations" in text(answer)


class People(Pages):
    def change(self, who: User, what: str, **form: str) -> str:
        member = Membership.objects.get(user=who, company=self.company)
        return text(self.owner.post(f"/settings/people/{member.pk}/{what}/", form, follow=True))

    def test_the_list(self) -> None:
        page = self.page("people")
        assert "Alice you alice@example.com" in page
        assert "bob@example.com" in page
        assert "charlie@example.com" not in page

    def test_when_somebody_was_last_here(self) -> None:
        assert "not yet" in self.page("people")
        self.page("calls", client=self.analyst)
        assert "not yet" not in self.page("people")
        seen = Membership.objects.get(user=self.bob).seen_at
        self.page("calls", client=self.analyst)
        assert Membership.objects.get(user=self.bob).seen_at == seen
        Membership.objects.update(seen_at=timezone.now() - timedelta(hours=2))
        seen = Membership.objects.get(user=self.bob).seen_at
        self.page("calls", client=self.analyst)
        assert Membership.objects.get(user=self.bob).seen_at != seen

    def test_another_role_counts_with_the_next_click(self) -> None:
        self.page("dashboard", client=self.analyst)
        assert "Bob: Agent from now on." in self.change(self.bob, "role", role="agent")
        assert self.analyst.get("/").headers["Location"] == "/inbox/"
        assert self.analyst.get("/numbers/").status_code == 403

    def test_removal_counts_with_the_next_click(self) -> None:
        assert "Bob is no longer a member" in self.change(self.bob, "remove")
        for address in ("/", "/calls/", "/settings/company/", "/profile/"):
            answer = self.analyst.get(address)
            assert answer.status_code == 403
            assert "You belong to no company yet" in text(answer)
            assert "Harbor" not in text(answer)

    def test_the_last_owner_stays(self) -> None:
        assert "A company needs an owner" in self.change(self.alice, "remove")
        assert "A company needs an owner" in self.change(self.alice, "role", role="agent")

    def test_an_owner_who_steps_down_is_led_to_where_they_may_be(self) -> None:
        self.change(self.bob, "role", role="owner")
        assert "from now on" in self.change(self.alice, "role", role="agent")
        assert self.owner.get("/settings/people/").status_code == 403

    def test_a_role_that_does_not_exist(self) -> None:
        member = Membership.objects.get(user=self.bob)
        for role in ("", "god", "Owner"):
            assert self.owner.post(f"/settings/people/{member.pk}/role/", {"role": role}).status_code == 404

    def test_ids_that_no_database_has(self) -> None:
        for address in ("people/{}/remove/", "people/invitations/{}/revoke/", "staff/networks/{}/remove/"):
            for number in (2**31, 2**63, 10**40):
                assert self.owner.post("/settings/" + address.format(number)).status_code == 404

    def test_a_managers_page_offers_no_owner(self) -> None:
        self.change(self.bob, "role", role="manager")
        html = self.analyst.get("/settings/people/").content.decode()
        assert 'value="owner"' not in html
        assert html.count("/remove/") == 1  # himself
        refused = self.analyst.post("/settings/people/", {"email": NEW, "role": "owner"})
        assert "Select a valid choice" in text(refused)
        owner = Membership.objects.get(user=self.alice)
        answer = self.analyst.post(f"/settings/people/{owner.pk}/remove/", follow=True)
        assert "Only an owner can change or remove an owner" in text(answer)

    def test_pending_invitations(self) -> None:
        self.owner.post("/settings/people/", {"email": NEW, "role": "agent"})
        assert "by Alice Agent good until" in self.page("people")
        Invitation.objects.update(expires_at=timezone.now())
        assert "too old" in self.page("people")
        pk = Invitation.objects.get().pk
        assert "shown this once" in text(self.owner.post(f"/settings/people/invitations/{pk}/resend/"))
        self.owner.post(f"/settings/people/invitations/{pk}/revoke/")
        assert NEW not in self.page("people", client=self.owner).replace(f"The invitation of {NEW} is revoked", "")


class Staff(Pages):
    def add(self, network: str, client: Any = None) -> str:
        data = {"network": network, "label": "Office"}
        return text((client or self.owner).post("/settings/staff/networks/", data, follow=True))

    def test_an_address_and_a_number(self) -> None:
        assert "No addresses yet" in self.page("staff")
        assert "192.0.2.7/32 is listed" in self.add("192.0.2.7")
        form = {"e164": "(312) 555-0155", "label": "Front desk"}
        assert "The number is listed" in text(self.owner.post("/settings/staff/numbers/", form, follow=True))
        page = self.page("staff", client=self.analyst)
        assert "192.0.2.7/32 Office" in page
        assert "(312) 555-0155 Front desk" in page
        assert StaffNumber.objects.get().e164 == "+13125550155"
        self.owner.post(f"/settings/staff/networks/{StaffNetwork.objects.get().pk}/remove/")
        self.owner.post(f"/settings/staff/numbers/{StaffNumber.objects.get().pk}/remove/")
        page = self.page("staff")
        assert "No addresses yet" in page
        assert "No numbers yet" in page

    def test_wide_ones_are_warned_of(self) -> None:
        assert "very wide" not in self.add("10.1.0.0/16")
        assert "10.0.0.0/8 is very wide: 16,777,216 addresses." in self.add("10.0.0.0/8")
        assert "2001:d00::/24 is very wide: 2^104 addresses." in self.add("2001:db8::/24")

    def test_what_cannot_be_listed_is_said_at_the_field(self) -> None:
        assert "That is everybody" in self.add("0.0.0.0/0")
        assert "“<b>” is no IP address" in self.add("<b>")
        assert not StaffNetwork.objects.exists()
        refused = self.owner.post("/settings/staff/numbers/", {"e164": "12"})
        assert "is a number that nobody can have" in text(refused) or "too few digits" in text(refused)

    def test_the_current_address_is_the_visitors_and_not_the_proxys(self) -> None:
        def own(**headers: str) -> list[str]:
            html = self.owner.get("/settings/staff/", **headers).content.decode()  # type: ignore[arg-type]
            return re.findall(r'type="hidden" name="network" value="([^"]*)"', html)

        assert own() == ["127.0.0.1"]
        assert own(HTTP_X_FORWARDED_FOR="203.0.113.5") == ["203.0.113.5"]
        assert own(HTTP_X_FORWARDED_FOR="203.0.113.5", REMOTE_ADDR="198.51.100.1") == ["198.51.100.1"]
        assert own(HTTP_X_FORWARDED_FOR="2001:db8::5") == ["2001:db8::/64"]
        self.add("203.0.113.5")
        assert own(HTTP_X_FORWARDED_FOR="203.0.113.5") == []


class Profile(Pages):
    def change(self, current: str, new: str) -> str:
        return text(self.owner.post("/profile/password/", {"current": current, "password": new}, follow=True))

    def test_name_and_copies(self) -> None:
        assert Membership.objects.get(user=self.alice).email_copies
        self.owner.post("/profile/", {"name": " Alice  B.\r\nBcc: x "})
        self.alice.refresh_from_db()
        assert self.alice.name == "Alice B. Bcc: x"
        assert not Membership.objects.get(user=self.alice).email_copies
        self.owner.post("/profile/", {"name": "Alice", "copies": [str(self.company.pk)]})
        assert Membership.objects.get(user=self.alice).email_copies

    def test_copies_of_somebody_elses_inbox(self) -> None:
        form = {"name": "Charlie", "copies": [str(self.company.pk)]}
        assert self.outsider.post("/profile/", form).status_code == 200
        assert Membership.objects.get(user=self.charlie).email_copies
        assert not Membership.objects.get(user=self.bob).email_copies

    def test_a_changed_password_ends_every_other_session(self) -> None:
        elsewhere = self.browser(self.alice)
        assert "This is not your password" in self.change("wrong", ANOTHER)
        assert "too short" in self.change(PASSWORD, "short")
        assert elsewhere.get("/calls/").status_code == 200
        assert "Your password is changed" in self.change(PASSWORD, ANOTHER)
        assert self.owner.get("/calls/").status_code == 200
        assert elsewhere.get("/calls/").headers["Location"].startswith("/sign-in/")

    def test_the_current_password_cannot_be_guessed(self) -> None:
        for _ in range(PER_PERSON):
            self.change("wrong", ANOTHER)
        assert "Too many tries" in self.change(PASSWORD, ANOTHER)

    def test_who_has_no_password_needs_not_know_it(self) -> None:
        assert "You have no password yet" in self.page("profile", client=self.analyst)
        answer = self.analyst.post("/profile/password/", {"password": ANOTHER}, follow=True)
        assert "Your password is changed" in text(answer)
