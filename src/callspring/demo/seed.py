"""The demo company: the plumber whose shop is beside this file, with money, numbers and a scenario of each kind."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from callspring.accounts.actions import create_api_key, create_company, sign_in_link
from callspring.accounts.models import Account, Company, User
from callspring.accounts.queries import key_in_force
from callspring.billing.actions import open_balance
from callspring.carriers.sandbox.inventory import Inventory
from callspring.config import Config
from callspring.demo.keepsake import Keepsake, keep, read_keepsake
from callspring.numbers.actions import buy, offer
from callspring.numbers.models import Connection, Number
from callspring.scenarios.actions import track_campaign, track_users
from callspring.scenarios.models import Rule
from callspring.scenarios.publishing import publish_on_commit
from callspring.scenarios.sizing import pool_size
from callspring.sites.models import Site

NAME = "Harbor & Pine Plumbing"
ZONE = "America/Chicago"
AREA_CODE = "312"
OWNER = "owner@harborandpine.example"
BUSINESS_NUMBER = "+18005550199"
OPENING_BALANCE = 100_00  # cents
PEAK = 32  # visits in the busiest hour
LINK_MINUTES = 60

Strategy = Rule.Strategy


@dataclass(frozen=True, slots=True)
class Campaign:
    """A scenario with one static number. The titles are what people see; the rest is its rule."""

    title: str
    strategy: str
    name: str = ""
    value: str = ""


# What remains for the pool: the newsletter, and whatever tagged link somebody makes up.
CAMPAIGNS = (
    Campaign("Google search", Strategy.WEB_SEARCH),
    Campaign("Google Ads", Strategy.URL_PARAMETER, "gclid"),
    Campaign("Facebook ad", Strategy.URL_PARAMETER, "utm_source", "facebook"),
    Campaign("Flyer QR code", Strategy.LANDING_PAGE, value="/flyer"),
    Campaign("Partner blog", Strategy.REFERRAL),
    Campaign("Direct visits", Strategy.DIRECT),
)
POOL = "Everyone else"


@dataclass(frozen=True, slots=True)
class Seeded:
    """The demo company as it stands. `api_key` is the plain text of a key with the scope `read`."""

    company: Company
    owner: User
    api_key: str
    business_number: str


def seed() -> Seeded:
    """Make the demo company unless it is there; what people changed in it since stays as they left it.

    The addresses of this start (`PORT` may be another one) are told to the site and to the sandbox carrier.
    """
    config: Config = settings.CONFIG
    with transaction.atomic():
        owner = User.objects.filter(email=OWNER).first() or _make(config)
        company = Company.objects.select_related("account").filter(memberships__user=owner).order_by("id")[0]
        _tell_addresses(company, config)
    return Seeded(company, owner, _api_key(company, config), BUSINESS_NUMBER)


def sign_in_address(seeded: Seeded) -> str:
    """A fresh address that signs the owner in once, within the hour."""
    config: Config = settings.CONFIG
    token = sign_in_link(seeded.owner, LINK_MINUTES)
    return config.console_url + reverse("console:sign_in_link", kwargs={"token": token})


def _make(config: Config) -> User:
    owner = User.objects.create_user(OWNER, name="Harper Pine")
    account = Account.objects.create(name=NAME, mode=Account.Mode.PREPAID)
    open_balance(account, OPENING_BALANCE, f"opening:{account.pk}")
    company = create_company(account, NAME, zone=ZONE, owner=owner)
    Connection.objects.create(
        company=company,
        carrier="sandbox",
        label="Sandbox carrier",
        account=f"sandbox_{secrets.token_hex(8)}",
        secret=secrets.token_hex(32),
    )
    site = Site.objects.create(company=company, name="harborandpine.example", hosts=[_shop_host(config)])
    _tell_addresses(company, config)
    _make_scenarios(company, site)
    return owner


def _make_scenarios(company: Company, site: Site) -> None:
    """Each with numbers of its own, bought as a person would."""
    numbers = _buy(company, len(CAMPAIGNS) + pool_size(PEAK))
    for campaign in CAMPAIGNS:
        track_campaign(
            company,
            site=site,
            title=campaign.title,
            target=BUSINESS_NUMBER,
            strategy=campaign.strategy,
            name=campaign.name,
            value=campaign.value,
            number=numbers.pop(0),
            destination=BUSINESS_NUMBER,
            voicemail=True,
        )
    track_users(
        company,
        site=site,
        title=POOL,
        target=BUSINESS_NUMBER,
        peak=PEAK,
        numbers=numbers,
        destination=BUSINESS_NUMBER,
        voicemail=True,
    )


def _buy(company: Company, count: int) -> list[Number]:
    offered = offer(company, Number.Kind.LOCAL, AREA_CODE, count)
    return buy(company, [number.e164 for number in offered], BUSINESS_NUMBER).numbers


def _tell_addresses(company: Company, config: Config) -> None:
    """The shop's host goes to the site, the doors' address to the sandbox carrier."""
    host = _shop_host(config)
    for site in Site.objects.filter(company=company).order_by("id")[:1]:
        if host not in site.hosts:
            site.hosts = [*site.hosts, host]
            site.save(update_fields=["hosts"])
            publish_on_commit(company.pk)
    for connection in Connection.objects.filter(company=company, carrier="sandbox"):
        voice_url = f"{config.doors_url}/voice/sandbox/{connection.pk}"
        Inventory(config.sandbox_books).open_account(connection.account, secret=connection.secret, voice_url=voice_url)


def _shop_host(config: Config) -> str:
    """Not `localhost` too: there the partner's blog stands, which has to be somebody else's site."""
    return urlsplit(config.shop_url).netloc.lower()


def _api_key(company: Company, config: Config) -> str:
    """The key that was kept while it works, else a new one, which is kept."""
    kept = _kept_key(config)
    key = key_in_force(kept)
    if key is not None and key.company_id == company.pk:
        return kept
    _, plain = create_api_key(company, "Demo")
    keep(config, Keepsake(company.key, BUSINESS_NUMBER, plain))
    return plain


def _kept_key(config: Config) -> str:
    try:
        return read_keepsake(config).api_key
    except ValueError:
        return ""
