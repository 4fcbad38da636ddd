"""Sign-in links work once, keys until they are revoked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import TransactionTestCase
from django.utils import timezone

from callspring.accounts.actions import (
    change_company,
    create_api_key,
    create_company,
    revoke_api_key,
    sign_in_link,
    use_sign_in_link,
)
from callspring.accounts.models import ApiKey, Membership, SignInLink, User
from callspring.accounts.queries import api_keys, companies, key_in_force, membership
from tests.races import at_once
from tests.stories import Story


class Links(Story):
    def test_a_link_signs_its_person_in_once(self) -> None:
        token = sign_in_link(self.alice, 10)
        assert use_sign_in_link(token) == self.alice
        assert use_sign_in_link(token) is None

    def test_only_a_digest_is_stored(self) -> None:
        token = sign_in_link(self.alice, 10)
        link = SignInLink.objects.get(user=self.alice)
        assert token not in (link.digest, str(link.__dict__))

    def test_a_link_grows_old(self) -> None:
        token = sign_in_link(self.alice, 10)
        SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        assert use_sign_in_link(token) is None

    def test_a_barred_person_stays_outside(self) -> None:
        token = sign_in_link(self.alice, 10)
        User.objects.filter(pk=self.alice.pk).update(is_active=False)
        assert use_sign_in_link(token) is None

    def test_an_invented_token_is_nobody(self) -> None:
        sign_in_link(self.alice, 10)
        for token in ("", "x", SignInLink.objects.get().digest, "\ud800", "\x00"):
            assert use_sign_in_link(token) is None


class Race(TransactionTestCase):
    def test_of_many_who_use_a_link_at_once_one_gets_in(self) -> None:
        user = User.objects.create_user("alice@example.com")
        token = sign_in_link(user, 10)
        got = at_once([lambda: use_sign_in_link(token)] * 6)
        assert sorted(map(str, got)) == ["None"] * 5 + ["alice@example.com"]


class Keys(Story):
    def test_a_key_stands_for_its_company(self) -> None:
        key, plain = create_api_key(self.company, "Report", ["read"])
        assert plain.startswith("cs_")
        assert plain.startswith(key.prefix)
        found = key_in_force(plain)
        assert found == key
        assert found is not None
        assert found.company == self.company

    def test_only_a_digest_is_stored(self) -> None:
        _, plain = create_api_key(self.company, "Report")
        assert plain not in str(ApiKey.objects.values())

    def test_a_revoked_key_is_dead(self) -> None:
        key, plain = create_api_key(self.company, "Report")
        revoke_api_key(key)
        first = key.revoked_at
        revoke_api_key(key)
        assert key.revoked_at == first
        assert key_in_force(plain) is None
        assert not api_keys(self.company).exists()

    def test_a_scope_that_does_not_exist(self) -> None:
        with pytest.raises(ValueError, match=r"There is no scope 'write'\. Choose from: read\."):
            create_api_key(self.company, "Report", ["read", "write"])

    def test_the_outsider_sees_no_key(self) -> None:
        create_api_key(self.company, "Report")
        assert not api_keys(self.elsewhere).exists()


class Companies(Story):
    def test_each_has_its_own_public_key(self) -> None:
        assert self.company.key != self.elsewhere.key
        assert self.company.key.startswith("ck_")

    def test_people_see_their_companies(self) -> None:
        assert list(companies(self.alice)) == list(companies(self.bob)) == [self.company]
        role = membership(self.alice, self.company.pk)
        assert role is not None
        assert role.role == Membership.Role.OWNER

    def test_the_outsider_is_no_member(self) -> None:
        assert list(companies(self.charlie)) == [self.elsewhere]
        assert membership(self.charlie, self.company.pk) is None

    def test_zone_and_country_are_checked(self) -> None:
        with pytest.raises(ValueError, match="“Mars/Base” is no time zone"):
            create_company(self.company.account, "X", zone="Mars/Base")
        with pytest.raises(ValueError, match="“Mars/Base” is no time zone"):
            change_company(self.company, "X", "Mars/Base")
        with pytest.raises(ValueError, match="“usa” is no country"):
            create_company(self.company.account, "X", country="usa")
