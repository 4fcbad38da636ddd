"""Hand-made sites and companies, as the back would publish them."""

from __future__ import annotations

from callspring.stores.snapshot.published import PublishedCompany, PublishedSite


def site(
    number: int = 1, *, company: int = 1, key: str = "ck_one", hosts: tuple[str, ...] = ("one.example",)
) -> PublishedSite:
    return PublishedSite(number, company, key, hosts, cookie_days=180, scenarios=(), numbers=())


def company(number: int = 1, key: str = "ck_one") -> PublishedCompany:
    return PublishedCompany(number, key, connections=(), routes={})
