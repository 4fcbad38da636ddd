"""The company's own people: the networks they look from and the numbers they call from count as nothing.

Adding and removing networks is in `callspring.scenarios.staff`, because the doors have to learn of it.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from callspring.accounts.models import Company, StaffNetwork, StaffNumber

Network = IPv4Network | IPv6Network

MOST = 200  # networks of a company, and as many numbers: each page load is held against all networks
# Wider ones are whole providers: many customers come from them too.
WIDEST = {4: 16, 6: 32}  # prefix lengths
_MAPPED = IPv6Network("::ffff:0:0/96")  # IPv4 addresses written as IPv6 ones
ONE_CONNECTION = 64  # prefix length: within it, a device changes its IPv6 address every day (RFC 8981)


def parse_network(text: str) -> Network:
    """`192.0.2.7`, `192.0.2.0/24`, `2001:db8::/48`; bits below the prefix do not matter.

    Raises `ValueError`, a sentence for people.
    """
    text = text.strip()
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        network = None
    if network is None or "%" in text:
        said = _("“%(text)s” is no IP address. Write one like 192.0.2.7, or a network like 192.0.2.0/24.")
        raise ValueError(said % {"text": text[:60]})
    if isinstance(network, IPv6Network) and network.subnet_of(_MAPPED):
        network = IPv4Network((int(network.network_address) & 0xFFFF_FFFF, network.prefixlen - 96))
    if not network.prefixlen:
        raise ValueError(_("That is everybody: no visitor at all would be counted. Give your own addresses only."))
    return network


def is_wide(network: Network) -> bool:
    """Whether so many others have these addresses too that customers are probably among them."""
    return network.prefixlen < WIDEST[network.version]


def own_network(address: str) -> str:
    """What to list for somebody at this address: the address, or their connection's /64; "" for what is none."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(IPv6Network((int(parsed), ONE_CONNECTION), strict=False))
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def staff_networks(company_id: int) -> QuerySet[StaffNetwork]:
    """A company's staff networks, in the order in which they were added."""
    return StaffNetwork.objects.filter(company=company_id).order_by("pk")


def staff_numbers(company_id: int) -> QuerySet[StaffNumber]:
    """A company's staff numbers, in the order in which they were added."""
    return StaffNumber.objects.filter(company=company_id).order_by("pk")


def is_staff_number(company_id: int, e164: str) -> bool:
    """Whether calls from this number (E.164; "" when withheld, which is nobody's) count as nothing."""
    return bool(e164) and staff_numbers(company_id).filter(e164=e164).exists()


def add_staff_number(company: Company, e164: str, label: str = "") -> None:
    """List a number (E.164). Listing it again gives it the new label. Raises `ValueError`, a sentence for people."""
    if staff_numbers(company.pk).exclude(e164=e164).count() >= MOST:
        raise ValueError(_("A company has at most %(most)d of these.") % {"most": MOST})
    StaffNumber.objects.update_or_create(company=company, e164=e164, defaults={"label": label})


def remove_staff_number(number: StaffNumber) -> None:
    """Count calls from it again. What it called before stays a test call."""
    number.delete()
