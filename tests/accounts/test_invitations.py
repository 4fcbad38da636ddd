"""Invitations: for one address, good once, for seven days, and gone with whoever made them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import TransactionTestCase
from django.utils import timezone

from callspring.accounts.actions import create_company
from callspring.accounts.invitations import (
    AddressTaken,
    accept,
    accept_as_new,
    in_force,
    invite,
    open_invitations,
    revoke,
    send_again,
)
from callspring.accounts.members import change_role, remove
from callspring.accounts.models import Account, Invitation, Membership, User
from callspring.accounts.roles import Role
from callspring.jobs.models import Job
from tests.races import at_once
from tests.stories import Story

NEW = "eve@example.com"
PASSWORD = "a long enough password"


def link(token: str) -> str:
    return token


class Invitations(Story):
    def setUp(self) -> None:
        super().setUp()
        self.owner = Membership.objects.get(user=self.alice)

    def test_somebody_new_joins_once(self) -> None:
        token = invite(self.owner, " Eve@Example.com ", Role.AGENT, link)
        membership = accept_as_new(token, "Eve", PASSWORD)
        assert membership is not None
        assert (membership.company, membership.role, membership.email_copies) == (self.company, "agent", False)
        assert (membership.user.email, membership.user.check_password(PASSWORD)) == (NEW, True)
        assert accept_as_new(token, "Eve", PASSWORD) is None
        assert in_force(token) is None

    def test_an_owner_gets_copies_of_the_inbox(self) -> None:
        membership = accept_as_new(invite(self.owner, NEW, Role.OWNER, link), "Eve", PASSWORD)
        assert membership is not None
        assert membership.email_copies
        assert self.owner.email_copies

    def test_only_a_digest_is_stored_and_the_mail_is_asked_for(self) -> None:
        token = invite(self.owner, NEW, Role.AGENT, lambda token: f"https://here.example/join/{token}/")
        assert token not in str(Invitation.objects.values())
        mail = Job.objects.get(kind="mail.send").payload
        assert mail["to"] == NEW
        assert mail["subject"] == "Join Harbor & Pine on Callspring"
        assert "Alice invites you to join Harbor & Pine on Callspring as agent." in mail["text"]
        assert token in mail["text"]
        assert token in mail["html"]

    def test_a_hostile_name_makes_no_header_and_no_markup(self) -> None:
        self.alice.name = "<b>Al</b>\r\nBcc: x@evil.example"
        self.alice.save()
        invite(self.owner, NEW, Role.AGENT, link)
        mail = Job.objects.get(kind="mail.send").payload
        assert "\n" not in mail["subject"]
        assert "<b>" not in mail["html"]

    def test_it_is_for_one_address(self) -> None:
        token = invite(self.owner, "charlie@example.com", Role.OWNER, link)
        assert accept(token, self.bob) is None
        with pytest.raises(AddressTaken):
            accept_as_new(token, "Not Charlie", PASSWORD)
        self.charlie.refresh_from_db()
        assert self.charlie.name == "Charlie"
        membership = accept(token, self.charlie)
        assert membership is not None
        assert membership.role == Role.OWNER
        assert accept(token, self.charlie) is None

    def test_a_new_one_for_the_same_address_ends_the_old(self) -> None:
        first = invite(self.owner, NEW, Role.AGENT, link)
        second = invite(self.owner, NEW, Role.ANALYST, link)
        third = send_again(self.owner, open_invitations(self.company).get(), link)
        assert (in_force(first), in_force(second)) == (None, None)
        found = in_force(third)
        assert found is not None
        assert found.role == Role.ANALYST

    def test_it_grows_old_and_can_be_sent_again(self) -> None:
        token = invite(self.owner, NEW, Role.AGENT, link)
        found = in_force(token)
        assert found is not None
        assert timedelta(days=6, hours=23) < found.expires_at - timezone.now() <= timedelta(days=7)
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert in_force(token) is None
        assert accept_as_new(token, "Eve", PASSWORD) is None
        assert not User.objects.filter(email=NEW).exists()
        assert in_force(send_again(self.owner, open_invitations(self.company).get(), link))

    def test_a_revoked_one_is_dead(self) -> None:
        token = invite(self.owner, NEW, Role.AGENT, link)
        invitation = open_invitations(self.company).get()
        revoke(self.owner, invitation)
        assert accept_as_new(token, "Eve", PASSWORD) is None
        for act in (lambda: revoke(self.owner, invitation), lambda: send_again(self.owner, invitation, link)):
            with pytest.raises(ValueError, match="accepted or revoked meanwhile"):
                act()

    def test_members_need_no_invitation(self) -> None:
        with pytest.raises(ValueError, match=r"bob@example\.com is a member of this company already"):
            invite(self.owner, "Bob@example.com", Role.OWNER, link)

    def test_who_became_a_member_meanwhile_keeps_their_role(self) -> None:
        token = invite(self.owner, "charlie@example.com", Role.OWNER, link)
        Membership.objects.create(user=self.charlie, company=self.company, role=Role.AGENT)
        membership = accept(token, self.charlie)
        assert membership is not None
        assert membership.role == Role.AGENT

    def test_managers_make_no_owners(self) -> None:
        manager = Membership.objects.get(user=self.bob)
        for role, refused in (
            (Role.MANAGER, {Role.OWNER}),
            (Role.ANALYST, set(Role)),
            (Role.AGENT, set(Role)),
        ):
            manager.role = role
            manager.save()
            for wanted in Role:
                if wanted in refused:
                    with pytest.raises(ValueError, match="Ask an owner"):
                        invite(manager, NEW, wanted, link)
                else:
                    invite(manager, NEW, wanted, link)

    def test_the_outsider_cannot_touch_it(self) -> None:
        invite(self.owner, NEW, Role.AGENT, link)
        charlie, ours = Membership.objects.get(user=self.charlie), open_invitations(self.company).get()
        assert not open_invitations(self.elsewhere).exists()
        with pytest.raises(ValueError, match="meanwhile"):
            revoke(charlie, ours)
        with pytest.raises(ValueError, match="meanwhile"):
            send_again(charlie, ours, link)

    def test_an_invented_token_invites_nobody(self) -> None:
        invite(self.owner, NEW, Role.AGENT, link)
        for token in ("", "x", Invitation.objects.get().digest, "\ud800", "\x00"):
            assert in_force(token) is None

    def test_no_way_back_in_is_left_by_who_leaves(self) -> None:
        bob = Membership.objects.get(user=self.bob)
        bob.role = Role.MANAGER
        bob.save()
        leaving: list[Callable[[], None]] = [
            lambda: change_role(self.owner, bob, Role.AGENT),
            lambda: remove(self.owner, bob),
        ]
        for leave in leaving:
            Membership.objects.filter(pk=bob.pk).update(role=Role.MANAGER)
            bob.refresh_from_db()
            token = invite(bob, NEW, Role.MANAGER, link)
            leave()
            assert in_force(token) is None

    def test_who_is_owner_no_more_has_no_way_back_to_that(self) -> None:
        bob = Membership.objects.get(user=self.bob)
        Membership.objects.filter(pk=bob.pk).update(role=Role.OWNER)
        bob.refresh_from_db()
        owner = invite(bob, "bob-too@example.com", Role.OWNER, link)
        agent = invite(bob, NEW, Role.AGENT, link)
        change_role(self.owner, bob, Role.MANAGER)
        assert in_force(owner) is None
        assert in_force(agent) is not None, "which a manager may invite too"

    def test_managers_replace_no_invitation_of_an_owner(self) -> None:
        token = invite(self.owner, NEW, Role.OWNER, link)
        manager = Membership.objects.get(user=self.bob)
        manager.role = Role.MANAGER
        manager.save()
        with pytest.raises(ValueError, match="Ask an owner"):
            invite(manager, NEW, Role.AGENT, link)
        assert in_force(token) is not None

    def test_who_was_removed_a_moment_ago_invites_nobody(self) -> None:
        bob = Membership.objects.get(user=self.bob)
        Membership.objects.filter(pk=bob.pk).update(role=Role.MANAGER)
        before = Membership.objects.select_related("company", "user").get(pk=bob.pk)  # as a request has it
        remove(self.owner, bob)
        with pytest.raises(ValueError, match="not a member of this company any more"):
            invite(before, NEW, Role.MANAGER, link)
        assert not open_invitations(self.company).exists()


class Races(TransactionTestCase):
    def setUp(self) -> None:
        self.alice = User.objects.create_user("alice@example.com", name="Alice")
        self.company = create_company(Account.objects.create(name="A"), "A", owner=self.alice)
        self.owner = Membership.objects.get()

    def test_two_who_invite_the_same_address_at_once_make_one_invitation(self) -> None:
        tokens = at_once([lambda: invite(self.owner, NEW, Role.AGENT, link)] * 4)
        assert all(isinstance(token, str) for token in tokens), tokens
        assert open_invitations(self.company).count() == 1
        assert sum(in_force(str(token)) is not None for token in tokens) == 1

    def test_one_link_makes_one_person(self) -> None:
        token = invite(self.owner, NEW, Role.AGENT, link)
        got = at_once([lambda: accept_as_new(token, "Eve", PASSWORD)] * 4)
        assert sum(isinstance(one, Membership) for one in got) == 1, got
        assert all(one is None or isinstance(one, Membership | AddressTaken) for one in got), got
        assert Membership.objects.filter(user__email=NEW).count() == 1

    def test_the_database_itself_refuses_a_second_open_one(self) -> None:
        invite(self.owner, NEW, Role.AGENT, link)
        again = Invitation(company=self.company, email=NEW, role="agent", digest="x", expires_at=timezone.now())
        with pytest.raises(IntegrityError), transaction.atomic():
            again.save()
        revoke(self.owner, open_invitations(self.company).get())
        again.save()
