"""Roles and removal: managers leave owners alone, and a company always keeps an owner."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import TransactionTestCase

from callspring.accounts.actions import create_company
from callspring.accounts.members import change_role, members, remove
from callspring.accounts.models import Account, Membership, User
from callspring.accounts.roles import ABOUT, PERMITTED, VERBS, Role, Verb, gives, permits
from tests.races import at_once
from tests.stories import Story

PAGE = Path(__file__).parents[2] / "docs" / "people.md"


def test_the_table_of_roles() -> None:
    assert set(PERMITTED) == set(ABOUT) == set(Role)
    assert set(VERBS) == set(Verb)
    assert PERMITTED[Role.OWNER] == set(Verb)
    assert {verb for verb in Verb if permits(Role.AGENT, verb)} == {Verb.SEE_CALLS, Verb.ACT_IN_INBOX}
    changing = {Verb.ACT_IN_INBOX, Verb.CHANGE_SETUP, Verb.MANAGE_PEOPLE, Verb.MONEY}
    assert not changing & PERMITTED[Role.ANALYST]
    assert not any(permits("invented", verb) for verb in Verb)


def test_nobody_gives_what_they_do_not_have() -> None:
    """Else two of them could make each other more than they are."""
    for role in Role:
        for given in gives(role):
            assert PERMITTED[given] <= PERMITTED[role], (role, given)


def test_the_documentation_has_the_same_table() -> None:
    lines = ["| | " + " | ".join(str(role.label).lower() for role in Role) + " |"]
    lines.append("| --- |" + " --- |" * len(Role))
    for verb, said in VERBS.items():
        lines.append(f"| {said} | " + " | ".join("yes" if permits(role, verb) else "–" for role in Role) + " |")
    assert "\n".join(lines) in PAGE.read_text()


class Members(Story):
    def setUp(self) -> None:
        super().setUp()
        self.owner, self.member = (Membership.objects.get(user=who) for who in (self.alice, self.bob))

    def test_another_role_and_out(self) -> None:
        change_role(self.owner, self.member, Role.AGENT)
        self.member.refresh_from_db()
        assert self.member.role == Role.AGENT
        remove(self.owner, self.member)
        assert [one.user for one in members(self.company)] == [self.alice]
        assert User.objects.filter(pk=self.bob.pk).exists()
        with pytest.raises(ValueError, match="not a member of the company any more"):
            remove(self.owner, self.member)

    def test_the_last_owner_stays(self) -> None:
        refused: list[Callable[[], None]] = [
            lambda: remove(self.owner, self.owner),
            lambda: change_role(self.owner, self.owner, Role.AGENT),
        ]
        for act in refused:
            with pytest.raises(ValueError, match="A company needs an owner"):
                act()
        change_role(self.owner, self.member, Role.OWNER)
        change_role(self.owner, self.owner, Role.AGENT)
        assert [(one.user, one.role) for one in members(self.company)] == [(self.bob, "owner"), (self.alice, "agent")]

    def test_managers_leave_owners_alone(self) -> None:
        change_role(self.owner, self.member, Role.MANAGER)
        second = Membership.objects.create(user=self.charlie, company=self.company, role=Role.OWNER)
        refused: list[Callable[[], None]] = [
            lambda: remove(self.member, second),
            lambda: change_role(self.member, second, Role.AGENT),
            lambda: change_role(self.member, self.member, Role.OWNER),
        ]
        for act in refused:
            with pytest.raises(ValueError, match="Only an owner"):
                act()

    def test_a_role_that_was_taken_away_a_moment_ago_counts(self) -> None:
        change_role(self.owner, self.member, Role.MANAGER)
        before = Membership.objects.get(pk=self.member.pk)
        change_role(self.owner, self.member, Role.AGENT)
        with pytest.raises(ValueError, match="Only an owner"):
            remove(before, before)

    def test_the_outsider_changes_nobody(self) -> None:
        outsider = Membership.objects.get(user=self.charlie)
        refused: list[Callable[[], None]] = [
            lambda: remove(outsider, self.member),
            lambda: change_role(outsider, self.member, Role.OWNER),
        ]
        for act in refused:
            with pytest.raises(ValueError, match="not a member"):
                act()


class Race(TransactionTestCase):
    def test_two_owners_who_remove_each_other_leave_one(self) -> None:
        alice, bob = (User.objects.create_user(f"{name}@example.com") for name in ("alice", "bob"))
        company = create_company(Account.objects.create(name="A"), "A", owner=alice)
        Membership.objects.create(user=bob, company=company, role=Role.OWNER)
        one, other = Membership.objects.order_by("pk")
        got = at_once([lambda: remove(one, other), lambda: remove(other, one)])
        assert sorted(type(each).__name__ for each in got) == ["NoneType", "ValueError"], got
        assert Membership.objects.filter(company=company, role=Role.OWNER).count() == 1
