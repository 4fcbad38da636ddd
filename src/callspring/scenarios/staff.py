"""What is done with a company's staff networks: added, and removed.

It stands here and not in `callspring.accounts` because the doors learn of it with the scenarios (`publishing`).
"""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, StaffNetwork
from callspring.accounts.staff import MOST, Network, staff_networks
from callspring.scenarios.publishing import publish_on_commit


@transaction.atomic
def add_staff_network(company: Company, network: Network, label: str = "") -> None:
    """Drop visits from this network. Listing it again gives it the new label.

    Raises `ValueError`, a sentence for people.
    """
    if staff_networks(company.pk).exclude(network=str(network)).count() >= MOST:
        raise ValueError(_("A company has at most %(most)d of these.") % {"most": MOST})
    StaffNetwork.objects.update_or_create(company=company, network=str(network), defaults={"label": label})
    publish_on_commit(company.pk)


@transaction.atomic
def remove_staff_network(network: StaffNetwork) -> None:
    """Count visits from it again."""
    network.delete()
    publish_on_commit(network.company_id)
