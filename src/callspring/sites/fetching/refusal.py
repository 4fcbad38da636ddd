"""Why an address is not fetched, or what came of it is not read: a closed list, and a sentence for each."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop


class Reason(StrEnum):
    """One of these, always."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    UNREADABLE = "unreadable"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    PORT = "port"
    ODD_NUMBER = "odd_number"
    ONE_WORD = "one_word"
    NOT_PUBLIC = "not_public"
    NOT_FOUND = "not_found"
    NO_CONNECTION = "no_connection"
    CERTIFICATE = "certificate"
    TOO_SLOW = "too_slow"
    TOO_BIG = "too_big"
    ENCODING = "encoding"
    REDIRECTS = "redirects"
    NONSENSE = "nonsense"


SENTENCES = {
    Reason.EMPTY: gettext_noop("Type the address of a page, like https://example.com/contact."),
    Reason.TOO_LONG: gettext_noop("This address is too long. Test a shorter one of the same site."),
    Reason.UNREADABLE: gettext_noop("“%(detail)s” is not a web address. Write it like https://example.com/contact."),
    Reason.SCHEME: gettext_noop("Only addresses that begin with http:// or https:// can be tested, not %(detail)s."),
    Reason.CREDENTIALS: gettext_noop(
        "Leave out the user name and password: only pages that everybody can see are tested."
    ),
    Reason.PORT: gettext_noop(
        "Only the usual ports, 80 and 443, are tested. An operator of this server can list another origin in "
        "CALLSPRING_TEST_ORIGINS."
    ),
    Reason.ODD_NUMBER: gettext_noop(
        "“%(detail)s” is an unusual way to write an address. Use the site's name, like example.com."
    ),
    Reason.ONE_WORD: gettext_noop(
        "“%(detail)s” is no name on the public internet. Write the whole name, like example.com."
    ),
    Reason.NOT_PUBLIC: gettext_noop(
        "%(detail)s leads into a private network. Only pages on the public internet are tested; an operator of this "
        "server can list another origin in CALLSPRING_TEST_ORIGINS."
    ),
    Reason.NOT_FOUND: gettext_noop("There is no site named %(detail)s. Check how it is written."),
    Reason.NO_CONNECTION: gettext_noop("%(detail)s does not answer. Open the page in your browser: is the site up?"),
    Reason.CERTIFICATE: gettext_noop(
        "The certificate of %(detail)s is not valid, so browsers warn of the site too. Renew it, then test again."
    ),
    Reason.TOO_SLOW: gettext_noop(
        "%(detail)s took longer than 10 seconds. Try again; a page this slow loses visitors."
    ),
    Reason.TOO_BIG: gettext_noop("The page is larger than 2 MB without its pictures. That is more than is tested."),
    Reason.ENCODING: gettext_noop("The page came compressed in a way that cannot be read (%(detail)s)."),
    Reason.REDIRECTS: gettext_noop(
        "The page sends visitors on more than 5 times. Check the site's redirects: they may go in circles."
    ),
    Reason.NONSENSE: gettext_noop("%(detail)s answered with something that is not a web page."),
}


class Refused(Exception):
    """It goes no further. `detail` is what the sentence names, `hop` where a page had sent us on to, if one had."""

    def __init__(self, reason: Reason, detail: str = "", hop: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail, self.hop = reason, detail[:200], hop[:500]


def sentence(reason: str, detail: str) -> str:
    """What is wrong and what to do, for people."""
    return _(SENTENCES[Reason(reason)]) % {"detail": detail}
