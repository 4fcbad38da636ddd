"""Staff addresses and numbers: what may be listed, and what the doors are told."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from callspring.accounts.models import StaffNetwork, StaffNumber
from callspring.accounts.staff import (
    MOST,
    add_staff_number,
    is_staff_number,
    is_wide,
    own_network,
    parse_network,
    remove_staff_number,
    staff_networks,
    staff_numbers,
)
from callspring.scenarios.publishing import publish_all
from callspring.scenarios.staff import add_staff_network, remove_staff_network
from callspring.stores.snapshot.files import site_file
from callspring.stores.snapshot.published import PublishedSite, site_decoder
from tests.stories import Story


@pytest.mark.parametrize(
    ("text", "network", "wide"),
    [
        (" 192.0.2.7 ", "192.0.2.7/32", False),
        ("192.0.2.77/24", "192.0.2.0/24", False),
        ("10.1.2.3/16", "10.1.0.0/16", False),
        ("10.1.2.3/15", "10.0.0.0/15", True),
        ("2001:DB8::1", "2001:db8::1/128", False),
        ("2001:db8:1::/32", "2001:db8::/32", False),
        ("2001:db8::/31", "2001:db8::/31", True),
        ("::ffff:192.0.2.7", "192.0.2.7/32", False),
        ("::ffff:192.0.2.0/104", "192.0.0.0/8", True),
    ],
)
def test_addresses_as_people_write_them(text: str, network: str, wide: bool) -> None:
    found = parse_network(text)
    assert (str(found), is_wide(found)) == (network, wide)


@pytest.mark.parametrize("text", ["", "office", "192.0.2", "192.0.2.300", "192.0.2.7/33", "fe80::1%eth0", "1" * 5000])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is no IP address"):
        parse_network(text)


@pytest.mark.parametrize("text", ["0.0.0.0/0", "1.2.3.4/0", "::/0", "::ffff:0:0/96"])
def test_everybody_is_not_staff(text: str) -> None:
    with pytest.raises(ValueError, match="That is everybody"):
        parse_network(text)


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:a:b:c:d", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_the_current_address(address: str, listed: str) -> None:
    assert own_network(address) == listed


class Staff(Story):
    def published(self) -> PublishedSite:
        from django.conf import settings

        return site_decoder.decode(site_file(settings.CONFIG.snapshots, self.site().pk).read_bytes())

    def test_the_doors_learn_of_networks(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            add_staff_network(self.company, parse_network("192.0.2.0/24"), "Office")
            add_staff_network(self.company, parse_network("2001:db8::/48"))
        assert self.published().staff == ("192.0.2.0/24", "2001:db8::/48")
        with self.captureOnCommitCallbacks(execute=True):
            remove_staff_network(staff_networks(self.company.pk)[0])
        assert self.published().staff == ("2001:db8::/48",)

    def test_another_company_is_not_told(self) -> None:
        add_staff_network(self.elsewhere, parse_network("192.0.2.0/24"))
        add_staff_number(self.elsewhere, "+13125550155")
        publish_all()
        assert self.published().staff == ()
        assert not is_staff_number(self.company.pk, "+13125550155")

    def test_listing_again_changes_the_label(self) -> None:
        for label in ("Office", "Head office"):
            add_staff_network(self.company, parse_network("192.0.2.7"), label)
            add_staff_number(self.company, "+13125550155", label)
        assert [one.label for one in staff_networks(self.company.pk)] == ["Head office"]
        assert [one.label for one in staff_numbers(self.company.pk)] == ["Head office"]

    def test_numbers(self) -> None:
        assert not is_staff_number(self.company.pk, "+13125550155")
        add_staff_number(self.company, "+13125550155")
        assert is_staff_number(self.company.pk, "+13125550155")
        assert not is_staff_number(self.company.pk, "")
        remove_staff_number(staff_numbers(self.company.pk).get())
        assert not is_staff_number(self.company.pk, "+13125550155")

    def test_there_is_an_end_to_the_list(self) -> None:
        StaffNetwork.objects.bulk_create(
            StaffNetwork(company=self.company, network=f"10.0.{n // 256}.{n % 256}/32") for n in range(MOST)
        )
        StaffNumber.objects.bulk_create(StaffNumber(company=self.company, e164=f"+1312555{n:04d}") for n in range(MOST))
        add_staff_network(self.company, parse_network("10.0.0.0"), "known already")
        with pytest.raises(ValueError, match=f"at most {MOST}"):
            add_staff_network(self.company, parse_network("192.0.2.7"))
        with pytest.raises(ValueError, match=f"at most {MOST}"):
            add_staff_number(self.company, "+14155550100")

    def test_the_database_itself_refuses_doubles(self) -> None:
        add_staff_network(self.company, parse_network("192.0.2.7"))
        add_staff_number(self.company, "+13125550155")
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffNetwork.objects.create(company=self.company, network="192.0.2.7/32")
        with pytest.raises(IntegrityError), transaction.atomic():
            StaffNumber.objects.create(company=self.company, e164="+13125550155")
