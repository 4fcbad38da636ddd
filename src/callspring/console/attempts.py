"""How often somebody may try a password, or have mail sent to somebody.

Counted for each purpose apart, per person and address, and per address, in Django's cache. Of an IPv6 address its /64
counts: whoever has one of these addresses has them all.

With the default cache each back process counts for itself, so the true limit is this times the number of processes.
"""

from __future__ import annotations

from hashlib import blake2b

from django.core.cache import cache

from callspring.accounts.staff import own_network

WINDOW = 15 * 60  # seconds
PER_PERSON = 5  # wrong passwords for one e-mail address from one network address
PER_PERSON_ANYWHERE = 50  # for one e-mail address from everywhere, so that nobody is locked out by a stranger soon
PER_ADDRESS = 40  # from one network address, for whomever


def may_try(email: str, address: str, purpose: str = "sign-in") -> bool:
    """Count one try, before the password is looked at. False when there have been too many lately."""
    within = [_count(key) <= limit for key, limit in _limits(email, address, purpose)]  # every one is counted
    return all(within)


def forget(email: str, address: str, purpose: str = "sign-in") -> None:
    """The password was right: start counting this person afresh."""
    cache.delete(_limits(email, address, purpose)[0][0])


def _limits(email: str, address: str, purpose: str) -> list[tuple[str, int]]:
    address = own_network(address)
    person = blake2b(email.strip().lower().encode("utf-8", "replace"), digest_size=16).hexdigest()
    return [
        (f"{purpose}:{person}:{address}", PER_PERSON),
        (f"{purpose}:{person}", PER_PERSON_ANYWHERE),
        (f"{purpose}:at:{address}", PER_ADDRESS),
    ]


def _count(key: str) -> int:
    """One more; the window begins with the first."""
    if cache.add(key, 1, WINDOW):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two lines
        cache.set(key, 1, WINDOW)
        return 1
